"""The stream's edges: pages, APIs that do not compile, plans that are not known yet, a person's yes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import delete, select

from tests.application.world import World
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import CredentialCreate
from waypost.application.context import Context
from waypost.application.gateways.deployments import DeploymentService
from waypost.application.gateways.reading import CompiledGateway, read_compiled
from waypost.application.gateways.service import GatewayService
from waypost.application.gateways.stream import concerns_routes
from waypost.application.revisions import bump
from waypost.application.work import SYSTEM, open_context
from waypost.contracts.ir.dump import content_hash
from waypost.information.models import DeploymentRow, OperationRow, PlanRow, PlanVersionRow, PolicyRow, VersionRow
from waypost.information.repos.gateways import FeedRepo
from waypost.kit.ids import new_id


async def add_operation(ctx: Context, world: World) -> None:
    row = OperationRow(id=new_id("op"), version_id=world.version_id, key="GET /later", method="GET", path="/later")
    row.position, row.tags, row.security, row.created_at = 1, [], [], ctx.clock.now()
    ctx.session.add(row)
    bump(ctx, await ctx.session.get_one(VersionRow, world.version_id))


@pytest.mark.parametrize("count", [2, 3, 4, 6, 7])
async def test_pages_add_up_whatever_their_size(world: World, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr("waypost.application.gateways.grants.PAGE", 3)
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    made = [await world.key(app.id) for _ in range(count)]
    agent = world.agent()
    await agent.look()
    assert agent.keys() == {key.key for key in made}, "everything at once"
    back = world.agent(grants_revision=agent.revision)
    back.grants = agent.grants
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        for key in made[:2]:
            await CredentialService().revoke(ctx, key.id)
        await ctx.uow.commit()
    more = [await world.key(app.id) for _ in range(count)]
    _, message = await back.look()
    assert message["delta"]["full"] is False
    assert back.keys() == {key.key for key in made[2:] + more}, "only what changed"


async def test_an_api_that_does_not_compile_is_left_as_it_is(world: World) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.confirm()
    before = content_hash(agent.apis[world.api_id])
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        now = ctx.clock.now()
        row = PolicyRow(id=new_id("pol"), api_id=world.api_id, level="api", target_id=world.api_id, kind="key_auth")
        row.config, row.revision, row.created_at, row.updated_at = {"from": "another age"}, 1, now, now
        ctx.session.add(row)
        await ctx.uow.record("policy.updated", object_kind="policy", object_id=row.id)
        await ctx.uow.commit()
    await agent.look()
    assert content_hash(agent.apis[world.api_id]) == before, "what serves is not removed"
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        found = await DeploymentService().get(ctx, made.id)
    assert (found.state, "does not compile" in found.reason) == ("quarantined", True)
    again = world.agent(apis={world.api_id: before}, grants_revision=agent.revision)
    again.apis = agent.apis
    await again.look()
    assert world.api_id in again.apis


async def test_the_requests_behind_a_change_are_named(world: World) -> None:
    agent = world.agent()
    first = await agent.look()
    assert [message["requests"] for message in first] == [[], []]
    async with open_context(world.parts, world.provider.principal, write=True, request_id="req_publish") as ctx:
        await DeploymentService().create(ctx, world.version_id, gateway_id=world.gateway_id)
        await ctx.uow.commit()
    (routes,) = await agent.look()
    assert (routes["kind"], routes["requests"]) == ("apis", ["req_publish"])
    app = await world.app()
    await world.subscribe(app.id)
    async with open_context(world.parts, world.consumer.principal, write=True, request_id="req_key") as ctx:
        await CredentialService().create(ctx, app.id, CredentialCreate())
        await ctx.uow.commit()
    (grants,) = await agent.look()
    assert (grants["kind"], grants["requests"]) == ("grants", ["req_key"])


async def test_a_plan_arrives_before_the_grant_that_names_it(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.key(app.id)
    agent = world.agent()
    await agent.look()
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        version = PlanVersionRow(id=new_id("plv"), plan_id=world.plans["free"], number=2, features=[])
        version.rate_limits, version.created_at = [{"requests": 1, "seconds": 1}], ctx.clock.now()
        ctx.session.add(version)
        (await ctx.session.get_one(PlanRow, world.plans["free"])).current_version_id = version.id
        await ctx.uow.record("plan.versioned", object_kind="plan", object_id=world.plans["free"])
        await ctx.uow.commit()
    await world.subscribe(app.id)
    first, second = await agent.look()
    assert (first["kind"], second["kind"]) == ("apis", "grants")
    assert version.id in {plan.id for plan in agent.apis[world.api_id].plans}


async def test_a_persons_yes_reaches_the_gateway_although_nothing_else_changed(world: World) -> None:
    agent = world.agent()
    (first, _) = await agent.look()
    assert first["guard_confirmed"] is False
    async with open_context(world.parts, SYSTEM, write=True) as ctx:
        await GatewayService().confirm_deletes(ctx, "edge")
        await ctx.uow.commit()
    (message,) = await agent.look()
    assert (message["guard_confirmed"], message["upsert"], message["remove"]) == (True, [], [])


async def test_an_edit_of_an_operation_is_compiled_anew(world: World) -> None:
    await world.publish()
    agent = world.agent()
    await agent.look()
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await add_operation(ctx, world)
        await ctx.uow.record("version.updated", object_kind="version", object_id=world.version_id)
        await ctx.uow.commit()
    await agent.look()
    (version,) = agent.apis[world.api_id].versions
    assert [route.path for route in version.routes] == ["/now", "/later"]


@pytest.mark.parametrize("kind", ["api", "version", "operation", "plan", "deployment", "team", "hub", "issuer"])
async def test_a_change_of_one_api_reads_that_api_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.look()
    read: list[object] = []

    async def spy(ctx: Context, gateway_id: str, *, api_ids: frozenset[str] | None = None) -> CompiledGateway:
        read.append(api_ids)
        return await read_compiled(ctx, gateway_id, api_ids=api_ids)

    monkeypatch.setattr("waypost.application.gateways.stream.read_compiled", spy)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        operation = await ctx.session.scalar(select(OperationRow.id).where(OperationRow.version_id == world.version_id))
        ids = {"api": world.api_id, "version": world.version_id, "operation": operation, "deployment": made.id}
        ids |= {"plan": world.plans["free"]}
        await ctx.uow.record("policy.updated", object_kind=kind, object_id=ids.get(kind, "some"))
        await ctx.uow.commit()
    await agent.look()
    assert read == [{world.api_id} if kind in ids else None]


async def test_what_no_event_named_is_found_by_the_next_ping(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waypost.application.gateways.stream.PING_SECONDS", 0)
    await world.publish()
    agent = world.agent()
    await agent.look()
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await add_operation(ctx, world)
        await ctx.uow.record("api.updated", object_kind="api", object_id="api_another")
        await ctx.uow.commit()
    pieces = aiter(agent.stream.lines())
    found = [orjson.loads(await anext(pieces)) for _ in range(2)]
    assert [item["kind"] for item in found] == ["ping", "apis"]
    (sent,) = found[1]["upsert"]
    assert [route["path"] for route in sent["versions"][0]["routes"]] == ["/now", "/later"]


async def test_an_api_that_goes_is_removed_and_no_other(world: World) -> None:
    await world.publish()
    agent = world.agent(apis={"api_kept": "hash"})
    agent.stream.head, agent.stream.known = 1, {"api_kept": "hash", world.api_id: "hash"}
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await ctx.session.execute(delete(DeploymentRow))
        await ctx.uow.record("api.updated", object_kind="api", object_id=world.api_id)
        agent.stream.head = (await FeedRepo(ctx.session).end()).seq - 1
        await ctx.uow.commit()
    (message,) = [item for item in await _told(agent) if item["kind"] == "apis"]
    assert message["remove"] == [world.api_id]


async def _told(agent: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in b"".join([piece async for piece in agent.stream._news()]).splitlines()]


def test_which_events_compile() -> None:
    assert all(concerns_routes(kind) for kind in ("plan.updated", "hub.updated", "policy.deleted", "brand.new"))
    assert not any(
        concerns_routes(kind)
        for kind in ("credential.created", "subscription.approved", "quota.exhausted", "deployment.live")
    )
