"""Described requests, told like real ones, and what each side may learn that way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.application.gateways.test_usage import batch, calls
from tests.application.world import World
from tests.support.people import Person
from waypost.application.catalog.errors import ApiNotFound
from waypost.application.decisions.errors import NotServed, NotYourCaller
from waypost.application.decisions.schemas import SimulateRequest, SimulationRead
from waypost.application.decisions.simulation import SimulationService
from waypost.application.gateways.usage import UsageService
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import PolicyRow
from waypost.kit.errors import Unauthenticated
from waypost.kit.ids import new_id
from waypost.kit.paging import PageRequest


@pytest.fixture
async def subscribed(world: World):
    """A published API and an app with a key on the free plan."""
    await world.publish()
    app = await world.app()
    key = await world.key(app.id)
    await world.subscribe(app.id)
    return world, app, key


async def simulated(world: World, who: Person | None = None, **body: Any) -> SimulationRead:
    wanted = SimulateRequest.model_validate({"path": "/weather/now", **body})
    async with open_context(world.parts, (who or world.consumer).principal, write=False) as ctx:
        return await SimulationService().simulate(ctx, wanted)


async def set_policy(world: World, kind: str, config: dict[str, Any]) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        now = ctx.clock.now()
        row = PolicyRow(id=new_id("pol"), api_id=world.api_id, level="api", target_id=world.api_id, revision=3)
        row.kind, row.config, row.created_at, row.updated_at = kind, config, now, now
        ctx.session.add(row)
        await ctx.uow.record(
            "policy.set",
            object_kind="api",
            object_id=world.api_id,
            owner_id=world.team.id,
            data={"api_id": world.api_id, "policy": kind, "level": "api", "name": "Weather"},
        )
        await ctx.uow.commit()


async def set_hub_policy(world: World, kind: str, config: dict[str, Any]) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        now = ctx.clock.now()
        row = PolicyRow(id=new_id("pol"), level="hub", target_id="hub", revision=1)
        row.kind, row.config, row.created_at, row.updated_at = kind, config, now, now
        ctx.session.add(row)
        await ctx.uow.commit()


async def test_by_key_by_app_and_by_credential(subscribed) -> None:
    world, app, key = subscribed
    for body in ({"headers": {"X-API-Key": key.key}}, {"app": app.id}, {"credential": key.id}):
        found = await simulated(world, **body)
        assert (found.result, found.code, found.seen_as) == ("allowed", "", "consumer")
        assert found.app is not None
        assert (found.app.id, found.operation.label if found.operation else "") == (app.id, "GET /now")
        assert key.key not in found.model_dump_json()
    missing = await simulated(world)
    assert (missing.result, missing.status, missing.code) == ("refused", 401, "key_missing")
    assert missing.way_out


async def test_an_app_calls_with_what_the_api_takes(subscribed) -> None:
    """Its newest credential may be of a kind that this API does not look at."""
    world, app, _ = subscribed
    password = await world.key(app.id, kind="basic")
    assert (await simulated(world, app=app.id)).result == "allowed"
    named = await simulated(world, credential=password.id)
    assert (named.code, named.text) == ("key_missing", "The API takes no credential of its kind.")


async def test_a_scope_is_asked_for_by_the_api_and_had_by_the_plan(subscribed) -> None:
    world, app, _ = subscribed
    await set_policy(world, PolicyKind.SCOPES, {"scopes": ["a"], "any_of": False, "roles": [], "roles_claim": "roles"})
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        row = PolicyRow(id=new_id("pol"), api_id=world.api_id, level="plan", target_id=world.plans["free"], revision=1)
        row.kind, row.created_at, row.updated_at = PolicyKind.SCOPES, ctx.clock.now(), ctx.clock.now()
        row.config = {"scopes": ["b"], "any_of": False, "roles": [], "roles_claim": "roles"}
        ctx.session.add(row)
        await ctx.uow.commit()
    found = await simulated(world, app=app.id)
    assert (found.code, found.text) == ("scope_insufficient", "The caller lacks the scope a.")
    assert found.decided_by is not None
    assert found.decided_by.place.level == "api"


async def test_a_limit_of_the_gateway_is_no_policy(subscribed) -> None:
    world, app, _ = subscribed
    found = await simulated(world, app=app.id, body_bytes=10 * 1024 * 1024 + 1)
    assert (found.code, found.decided_by) == ("too_large", None)
    assert {fact.name: fact.value for fact in found.steps[-1].facts} == {
        "bytes": 10 * 1024 * 1024 + 1,
        "limit": 10 * 1024 * 1024,
        "limit_of": "gateway",
    }


async def test_somebody_elses_credential_is_not_known(subscribed, people) -> None:
    world, app, key = subscribed
    stranger = await people.user("Stranger")
    found = await simulated(world, stranger, headers={"x-api-key": key.key})
    assert (found.code, found.app) == ("key_invalid", None)
    for body in ({"app": app.id}, {"credential": key.id}, {"credential": "crd_unknown"}):
        with pytest.raises(NotYourCaller):
            await simulated(world, stranger, **body)
    assert (await simulated(world, world.provider, app=app.id)).result == "allowed", "the provider's subscriber"


async def test_lists_of_addresses_are_not_to_be_guessed(subscribed) -> None:
    world, app, _ = subscribed
    await set_policy(world, PolicyKind.IP, {"allow": ["10.0.0.0/8"], "deny": []})
    for address in ("10.1.1.1", "192.0.2.1"):
        outside = await simulated(world, app=app.id, address=address)
        assert (outside.result, outside.title) == ("unknown", "Nothing that is known refuses the call")
        assert "10.0.0.0/8" not in outside.model_dump_json()
    inside = await simulated(world, world.provider, app=app.id, address="192.0.2.1")
    assert (inside.result, inside.code) == ("refused", "address_denied")
    assert inside.decided_by is not None
    assert (inside.decided_by.place.level, inside.decided_by.revision) == ("api", 3)
    assert inside.decided_by.attached_by is not None
    assert inside.decided_by.attached_by.id == world.provider.id
    assert inside.decided_by.config == {"allow": ["10.0.0.0/8"], "deny": []}


async def test_the_place_of_the_network_that_refuses_is_named(subscribed) -> None:
    world, app, _ = subscribed
    await set_hub_policy(world, PolicyKind.IP, {"deny": ["192.0.2.0/24"]})
    await set_policy(world, PolicyKind.IP, {"allow": ["10.0.0.0/8"], "deny": ["198.51.100.7/32"]})
    for address, part, level in (
        ("192.0.2.9", "/deny/1", "hub"),
        ("198.51.100.7", "/deny/0", "api"),
        ("203.0.113.1", "/allow", "api"),
    ):
        found = await simulated(world, world.provider, app=app.id, address=address)
        assert found.decided_by is not None
        assert (found.decided_by.part, found.decided_by.place.level) == (part, level)


async def test_the_outcome_at_another_time(subscribed) -> None:
    world, app, _ = subscribed
    hours = [{"days": [3], "start": "09:00", "end": "17:00"}]
    await set_policy(world, PolicyKind.HOURS, {"open": hours})
    open_, shut = "2026-07-15T12:00:00Z", "2026-07-15T18:00:00Z"
    assert (await simulated(world, app=app.id, at=open_)).result == "allowed"
    assert (await simulated(world, app=app.id, at=shut)).code == "closed"


async def test_what_is_not_there(subscribed) -> None:
    world, _, _ = subscribed
    with pytest.raises(ApiNotFound, match="base path /nothing") as caught:
        await simulated(world, path="/nothing/here")
    assert "first segment" in caught.value.way_out
    with pytest.raises(NotServed):
        await simulated(world, gateway="another")
    with pytest.raises(Unauthenticated):
        async with open_context(world.parts, world.gateway, write=False) as ctx:
            await SimulationService().simulate(ctx, SimulateRequest(path="/weather/now"))


async def test_a_used_up_quota_is_the_plans(subscribed) -> None:
    world, app, _ = subscribed
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        (subscription,) = (await SubscriptionService().list(ctx, page=PageRequest(), app_id=app.id)).items
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 10)))
    found = await simulated(world, app=app.id)
    assert (found.code, found.status) == ("quota_exceeded", 429)
    assert found.decided_by is not None
    assert (found.decided_by.place.level, found.decided_by.place.name) == ("plan", "Free")
    assert found.decided_by.config == {"quotas": [{"amount": 10, "window": "day"}]}
