"""Work that is too large for one transaction: others write meanwhile, and an end at any step loses nothing."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tests.application.world import World
from waypost.application.apps.schemas import AppCreate
from waypost.application.apps.service import AppService
from waypost.application.backlog import service as backlog
from waypost.application.backlog.service import step, work_off
from waypost.application.catalog import indexing
from waypost.application.catalog.acquire import acquire
from waypost.application.catalog.import_schemas import ApiImport, DefinitionReplace, ImportRead
from waypost.application.catalog.imports import ImportService
from waypost.application.catalog.schemas import ApiUpdate
from waypost.application.catalog.service import CatalogService
from waypost.application.context import Context
from waypost.application.gateways import receipts
from waypost.application.gateways.deployments import DeploymentService
from waypost.application.grants import service, walk
from waypost.application.hub.figures import figures
from waypost.application.work import open_context
from waypost.contracts.agent import Receipts
from waypost.information.models import (
    ApiRow,
    AppRow,
    BacklogRow,
    CredentialRow,
    EventRow,
    GrantRow,
    OperationRow,
    SearchDocumentRow,
    SubscriptionRow,
    VersionRow,
)
from waypost.information.repos.backlog import RECEIPTS, WORDS, BacklogRepo
from waypost.information.repos.catalog import OperationRepo
from waypost.information.search import SearchQuery, SearchScope
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock
from waypost.kit.crypto import sha256_hex
from waypost.kit.ids import new_id

APPS, KEYS = 10, 5


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows are already too many for one transaction."""
    monkeypatch.setattr(service, "INLINE", 20)
    monkeypatch.setattr(walk, "AT_ONCE", 8)
    monkeypatch.setattr(receipts, "AT_ONCE", 8)
    monkeypatch.setattr(indexing, "INLINE", 8)
    monkeypatch.setattr(indexing, "AT_ONCE", 8)


async def populate(world: World) -> None:
    now = world.parts.clock.now()
    stamps = {"created_at": now, "updated_at": now, "revision": 1}
    apps, subscriptions, credentials = [], [], []
    for _ in range(APPS):
        app = new_id("app")
        apps.append({"id": app, "owner_id": world.consumer.id, "name": "App", **stamps})
        row = {"id": new_id("sub"), "app_id": app, "api_id": world.api_id, "requested_by": world.consumer.id, **stamps}
        subscriptions.append({**row, "plan_version_id": world.plan_versions["free"], "state": "active"})
        for _ in range(KEYS):
            row = {"id": new_id("cred"), "app_id": app, "prefix": "wp", "state": "active", "created_at": now}
            credentials.append({**row, "key_sha256": sha256_hex(row["id"]), "sealed": world.parts.keyring.seal("key")})
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        for model, rows in ((AppRow, apps), (SubscriptionRow, subscriptions), (CredentialRow, credentials)):
            await uow.session.execute(insert(model), rows)
        await uow.commit()


async def count(world: World, what: Any, *where: Any) -> int:
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        return int(await uow.session.scalar(select(func.count()).select_from(what).where(*where)) or 0)


async def settle(world: World) -> None:
    await work_off(world.parts)
    assert await count(world, BacklogRow) == 0


async def test_many_grants_come_in_steps_and_gateways_follow_each(world: World) -> None:
    await populate(world)
    await world.publish()
    assert await count(world, GrantRow) == 0
    assert await step(world.parts)
    agent = world.agent()
    await agent.look()
    assert len(agent.grants) == 8
    await settle(world)
    await agent.look()
    assert len(agent.grants) == APPS * KEYS
    await world.receive(Receipts(apis=(), grants_revision=agent.revision))
    await settle(world)
    assert await count(world, GrantRow, GrantRow.state == "live") == APPS * KEYS


async def test_what_changes_between_the_steps_holds(world: World) -> None:
    await populate(world)
    await world.publish()
    await step(world.parts)
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        last = await uow.session.scalar(select(func.max(CredentialRow.id)))
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await uow.session.execute(update(CredentialRow).where(CredentialRow.id == last).values(state="revoked"))
        await uow.commit()
    app = await world.app()
    key = await world.key(app.id)
    await world.subscribe(app.id)
    await settle(world)
    agent = world.agent()
    await agent.look()
    assert len(agent.grants) == APPS * KEYS - 1 + 1
    known = agent.keys()
    assert key.key in known
    assert last not in {grant["credential_id"] for grant in agent.grants.values()}


async def test_an_end_in_the_middle_of_a_step_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await populate(world)
    await world.publish()
    await step(world.parts)
    done = await count(world, GrantRow)
    reconcile = service.GrantService.reconcile

    async def killed(*args: Any, **wanted: Any) -> Any:
        await reconcile(*args, **wanted)
        raise asyncio.CancelledError

    monkeypatch.setattr(service.GrantService, "reconcile", killed)
    with pytest.raises(asyncio.CancelledError):
        await step(world.parts)
    monkeypatch.undo()
    assert await count(world, GrantRow) == done
    await settle(world)
    assert await count(world, GrantRow) == APPS * KEYS
    assert await count(world, EventRow, EventRow.kind == walk.SETTLED) >= 1


async def test_grants_of_a_withdrawn_api_go(world: World) -> None:
    await populate(world)
    made = await world.publish()
    await settle(world)
    agent = world.agent()
    await agent.confirm()
    await settle(world)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await DeploymentService().withdraw(ctx, made.id)
        await ctx.uow.commit()
    await agent.look()
    await world.receive(Receipts(apis=(receipts.ApiReceipt(api_id=world.api_id, content_hash="", state="removed"),)))
    await settle(world)
    assert await count(world, GrantRow, GrantRow.state != "revoked") == 0


async def test_others_write_between_the_steps(world: World) -> None:
    """An app that is made while grants are brought in line does not wait for their end."""
    await populate(world)
    await world.publish()
    working = asyncio.create_task(work_off(world.parts))
    await asyncio.sleep(0)
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await AppService().create(ctx, AppCreate(name="Meanwhile"))
        await ctx.uow.commit()
    assert not working.done()
    assert await count(world, BacklogRow) == 1
    await working
    assert await count(world, GrantRow) == APPS * KEYS


def definition(number: int, *, words: str = "lantern") -> str:
    paths = {
        f"/{words}/{index}": {"get": {"summary": f"{words} {index}", "responses": {"200": {"description": "ok"}}}}
        for index in range(number)
    }
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Large", "version": "1"}, "paths": paths})


async def import_large(world: World, number: int = 30) -> ImportRead:
    body = ApiImport(owner_id=world.team.id, content=definition(number), visibility="public")
    acquired = await acquire(world.parts, body, rows=True)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        made = await ImportService().import_api(ctx, body, acquired)
        await ctx.uow.commit()
    return made


async def found(world: World, text: str, *, internal: bool = True, owner: str = "") -> int:
    scope = SearchScope(internal=internal, owner_ids=(owner,) if owner else ())
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        hits = (await world.parts.search.query(uow.session, SearchQuery(text=text, scope=scope, limit=100))).hits
    return len([hit for hit in hits if hit.type == "operation"])


async def test_what_the_rows_say_is_not_kept_until_they_are_written(world: World) -> None:
    body = ApiImport(owner_id=world.team.id, content=definition(3))
    acquired = await acquire(world.parts, body, rows=True)
    assert (acquired.definition.document, acquired.definition.operations) == ({}, ())
    assert (len(acquired.rows.values) if acquired.rows else 0, len(acquired.operations)) == (3, 3)


async def test_a_large_definition_is_there_at_once_and_its_words_follow(world: World) -> None:
    made = await import_large(world)
    assert made.api is not None
    assert made.version is not None
    assert await count(world, OperationRow, OperationRow.version_id == made.version.id) == 30
    assert await found(world, "lantern", owner=world.team.id) == 0
    await step(world.parts)
    assert await found(world, "lantern", owner=world.team.id) > 0
    await settle(world)
    assert await count(world, SearchDocumentRow, SearchDocumentRow.api_id == made.api.id) == 31
    assert await found(world, "lantern") == 0, "a draft is its owner's alone"


async def test_who_finds_a_large_api_changes_at_once(world: World) -> None:
    made = await import_large(world)
    await settle(world)
    assert made.api is not None
    assert made.version is not None
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await uow.session.execute(update(ApiRow).where(ApiRow.id == made.api.id).values(lifecycle="published"))
        await uow.session.execute(update(VersionRow).values(lifecycle="published"))
        await uow.commit()
    await _update(world, made.api.id, name="Larger")
    assert await found(world, "lantern") > 0
    await _update(world, made.api.id, visibility="private")
    assert await found(world, "lantern") == 0
    await settle(world)
    assert await found(world, "lantern") == 0


async def _update(world: World, api_id: str, **changes: Any) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        api = await CatalogService().get(ctx, api_id)
        await CatalogService().update(ctx, api_id, change=ApiUpdate(**changes), revision=api.revision)
        await ctx.uow.commit()


async def test_operations_that_went_are_found_no_more(world: World) -> None:
    made = await import_large(world)
    await settle(world)
    assert made.api is not None
    assert made.version is not None
    body = DefinitionReplace(content=definition(12, words="harbour"))
    acquired = await acquire(world.parts, body)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        compared = await ImportService().compare(ctx, made.version.id, acquired)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await ImportService().replace(
            ctx, made.version.id, wanted=body, acquired=acquired, compared=compared, revision=None
        )
        await ctx.uow.commit()
    await settle(world)
    assert await found(world, "lantern", owner=world.team.id) == 0
    assert await count(world, SearchDocumentRow, SearchDocumentRow.api_id == made.api.id) == 13


async def test_a_step_that_fails_holds_up_nothing_and_comes_again_later(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def fails(ctx: Context, work: BacklogRow) -> str | None:
        tries.append(clock.now())
        await BacklogRepo(ctx.session).add(WORDS, now=ctx.clock.now(), api_id="api_undone")
        raise RuntimeError("no such luck")

    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await BacklogRepo(uow.session).add(RECEIPTS, now=clock.now(), gateway_id=world.gateway_id)
        await uow.commit()
    monkeypatch.setattr(backlog, "STEPS", {**backlog.STEPS, RECEIPTS: fails})
    await populate(world)
    await world.publish()
    await work_off(world.parts)
    assert await count(world, GrantRow) == APPS * KEYS, "what is behind it goes on"
    assert len(tries) == 1
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        (row,) = await BacklogRepo(uow.session).failing()
    assert (row.kind, row.failures, row.error) == (RECEIPTS, 1, "RuntimeError: no such luck")
    assert (await figures(world.parts))["hub_backlog_failing"][1] == 1
    for _ in range(200):
        clock.advance(5)
        await work_off(world.parts)
    pauses = [(later - sooner).total_seconds() for sooner, later in pairwise(tries)]
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 320]
    monkeypatch.undo()
    clock.advance(320)
    await settle(world)
    figure = await figures(world.parts)
    assert (figure["hub_backlog"][1], figure["hub_backlog_failing"][1]) == (0, 0)


async def test_work_that_failed_goes_on_where_it_was(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await populate(world)
    await world.publish()
    await step(world.parts)
    done = await count(world, GrantRow)
    reconcile = service.GrantService.reconcile

    async def fails(*args: Any, **wanted: Any) -> Any:
        await reconcile(*args, **wanted)
        raise RuntimeError("half-way")

    monkeypatch.setattr(service.GrantService, "reconcile", fails)
    await work_off(world.parts)
    assert await count(world, GrantRow) == done
    monkeypatch.setattr(service.GrantService, "reconcile", reconcile)
    await work_off(world.parts)
    assert await count(world, GrantRow) == done, "its pause is not over"
    clock.advance(5)
    await settle(world)
    assert await count(world, GrantRow) == APPS * KEYS


async def test_a_definition_that_moves_and_changes_operations_keeps_what_they_are(world: World) -> None:
    """Words that changed are written whole, a place in the order alone; ids stay, and the rest is as it was."""
    made = await import_large(world, 30)
    assert made.version is not None
    version_id = made.version.id
    document = json.loads(definition(30))
    paths = document["paths"]
    before = {row.key: row for row in await operations(world, version_id)}
    paths["/lantern/3"]["get"]["summary"] = "brighter"
    paths["/new"] = {"get": {"summary": "new", "responses": {"200": {"description": "ok"}}}}
    del paths["/lantern/0"]
    body = DefinitionReplace(content=json.dumps(document))
    acquired = await acquire(world.parts, body)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        compared = await ImportService().compare(ctx, version_id, acquired)
    assert set(map(tuple, compared.merge.write.values())) == {
        ("position",),
        tuple(compared.merge.write[before["GET /lantern/3"].id]),
    }
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await ImportService().replace(ctx, version_id, wanted=body, acquired=acquired, compared=compared, revision=None)
        await ctx.uow.commit()
    after = {row.key: row for row in await operations(world, version_id)}
    assert list(after) == [f"GET {path}" for path in paths]
    assert [row.position for row in after.values()] == list(range(30))
    kept = before.keys() & after.keys()
    assert {key: after[key].id for key in kept} == {key: before[key].id for key in kept}
    changed = {key for key in kept if after[key].summary != before[key].summary}
    assert changed == {"GET /lantern/3"}


async def operations(world: World, version_id: str) -> list[OperationRow]:
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        return list(await OperationRepo(uow.session).of_version(version_id))
