"""What publishing would meet is told before it is tried: by the same checks, for every gateway; nothing is written."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import func, select, update

from tests.application.issuers.keys import jwks, key
from tests.application.world import World
from tests.support.people import People
from waypost.application.changes.service import ChangeService
from waypost.application.gateways import outlook
from waypost.application.gateways.deployments import DeploymentService
from waypost.application.gateways.errors import CapabilityMissing, NotPublishable
from waypost.application.gateways.schemas import PublishingOutlook
from waypost.application.policies.schemas import PolicyPut
from waypost.application.policies.spots import api_spot
from waypost.application.work import open_context
from waypost.contracts.drivers import Capability
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, DeploymentRow, EventRow, GatewayRow, PlanRow, VersionRow
from waypost.information.uow import unit_of_work
from waypost.kit.errors import Forbidden, NotFound

ALL = sorted(item.value for item in Capability)


async def look(world: World) -> PublishingOutlook:
    """As the route does; another one writes meanwhile, and whatever it left behind would stay."""
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        found = await outlook.publishing_outlook(ctx, world.version_id)
        async with asyncio.timeout(5), unit_of_work(world.parts.engine, world.parts.clock) as other:
            await other.session.execute(update(GatewayRow).values(revision=GatewayRow.revision + 1))
            await other.commit()
        await ctx.uow.commit()
    return found


async def put(world: World, kind: str, **config: Any) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        find = partial(api_spot, api_id=world.api_id)
        prepared = await ChangeService().prepare(ctx, find, kind, wanted=PolicyPut(config=config), revision=None)
        await ChangeService().put(ctx, prepared)
        await ctx.uow.commit()


async def gateway(world: World, name: str, capabilities: list[str] | None) -> None:
    """A gateway beside the world's own, whose agent has said this."""
    now = world.parts.clock.now()
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        row = GatewayRow(id=f"gw_{name}", slug=name, name=name, engine="haproxy", health={}, revision=1)
        row.created_at = row.updated_at = now
        row.capabilities = capabilities
        uow.session.add(row)
        await uow.commit()


async def rows(world: World) -> tuple[int, int]:
    async with unit_of_work(world.parts.engine, world.parts.clock, write=False) as uow:
        counts = [await uow.session.scalar(select(func.count()).select_from(row)) for row in (DeploymentRow, EventRow)]
    return counts[0] or 0, counts[1] or 0


async def publish(world: World, gateway_id: str) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await DeploymentService().create(ctx, world.version_id, gateway_id=gateway_id)
        await ctx.uow.commit()


async def test_every_gateway_says_what_it_can_and_nothing_is_written(world: World) -> None:
    await put(world, "countries", deny=["KP"])
    await gateway(world, "able", ALL)
    await gateway(world, "small", [name for name in ALL if name not in ("countries", "cors")])
    before = await rows(world)
    found = await look(world)
    assert await rows(world) == before
    assert {(need.capability, need.where) for need in found.needs} >= {
        ("countries", "version v1 of Weather"),
        ("quota", "the plan free"),
    }
    edge, able, small = found.gateways
    assert [(one.slug, one.known, one.published) for one in found.gateways] == [
        ("edge", False, False),
        ("able", True, False),
        ("small", True, False),
    ]
    assert (edge.lacks, able.lacks, able.obstacles) == ([], [], [])
    assert [lack.capability for lack in small.lacks if lack.capability == "countries"] == ["countries"]
    assert all(lack.where and lack.hint for lack in small.lacks)
    assert {lack.capability for lack in small.lacks} <= {need.capability for need in found.needs}
    with pytest.raises(CapabilityMissing) as refused:
        await publish(world, "gw_small")
    assert len(refused.value.errors) == len(small.lacks)
    await publish(world, "gw_able")


async def test_what_else_is_to_be_mended_is_what_publishing_would_say(world: World) -> None:
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await uow.session.execute(update(PlanRow).values(lifecycle=Lifecycle.RETIRED))
        await uow.session.execute(update(VersionRow).values(upstream_url=""))
        await uow.commit()
    obstacles = (await look(world)).gateways[0].obstacles
    assert [one.pointer for one in obstacles] == ["/upstream_url", "/plans"]
    with pytest.raises(NotPublishable) as refused:
        await world.publish()
    assert [(one.pointer, one.message, one.hint) for one in refused.value.errors] == [
        (one.pointer, one.message, one.hint) for one in obstacles
    ]


async def test_a_version_that_is_there_is_said_to_be_and_a_withdrawn_one_is_not(world: World) -> None:
    made = await world.publish()
    assert [one.published for one in (await look(world)).gateways] == [True]
    await world.agent().confirm()
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await DeploymentService().withdraw(ctx, made.id)
        await ctx.uow.commit()
    before = await rows(world)
    assert [(one.published, one.obstacles) for one in (await look(world)).gateways] == [(False, [])]
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        held = await DeploymentService().get(ctx, made.id)
    assert (await rows(world), held.state) == (before, "withdrawing")


async def test_certificates_need_a_listener_besides_the_engine(world: World) -> None:
    await put(world, "mtls")
    await gateway(world, "able", ALL)
    await gateway(world, "small", [name for name in ALL if name != "mtls"])
    found = await look(world)
    lacks = {one.slug: [lack.capability for lack in one.lacks] for one in found.gateways}
    assert lacks == {"edge": [], "able": ["tls_listener"], "small": ["mtls"]}
    assert {"mtls", "tls_listener"} <= {need.capability for need in found.needs}


async def test_a_key_that_an_engine_cannot_use_is_named_before_it_is_published(
    client: httpx.AsyncClient, world: World, people: People
) -> None:
    edwards = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "b"}
    both = {"algorithms": ["ES256", "EdDSA"], "jwks": jwks(key("a"), edwards).decode()}
    body = {"url": "https://login.example", **both}
    made = await client.post("/api/v1/issuers", json=body, headers=(await people.admin()).headers)
    await put(world, "jwt", issuers=[{"issuer": made.json()["id"]}])
    await gateway(world, "able", ALL)
    await gateway(world, "fast", [name for name in ALL if name != "jwt.eddsa"])
    await gateway(world, "small", [name for name in ALL if name not in ("jwt", "jwt.eddsa")])
    gateways = (await look(world)).gateways
    assert {one.slug: [lost.feature for lost in one.degradations] for one in gateways} == {
        "edge": [],
        "able": [],
        "fast": ["jwt.eddsa"],
        "small": [],
    }
    assert [lost.fallback for one in gateways for lost in one.degradations] == [
        "tokens that https://login.example signs with EdDSA are refused; those of its other keys are taken"
    ]
    await publish(world, "gw_fast")


async def test_an_api_that_asks_nobody_who_is_calling_is_said_to_be_open(world: World) -> None:
    assert not (await look(world)).open
    await put(world, "key_auth", enabled=False)
    assert (await look(world)).open
    await put(world, "basic")
    assert not (await look(world)).open


async def test_many_gateways_are_one_compilation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await gateway(world, f"g{number}", ALL)
    await world.publish()
    seen = []
    compiled = outlook.compile_rows

    async def counted(ctx: Any, rows: Any, **options: Any) -> Any:
        seen.append(rows)
        return await compiled(ctx, rows, **options)

    monkeypatch.setattr(outlook, "compile_rows", counted)
    assert len((await look(world)).gateways) == 6
    assert len(seen) == 1


async def test_it_is_for_whoever_may_publish(world: World) -> None:
    for expected in (NotFound, Forbidden):  # a draft is nobody else's business; then everybody sees the API
        async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
            with pytest.raises(expected):
                await outlook.publishing_outlook(ctx, world.version_id)
        if expected is NotFound:
            await world.publish()
            async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
                await uow.session.execute(update(ApiRow).values(lifecycle=Lifecycle.PUBLISHED))
                await uow.commit()
