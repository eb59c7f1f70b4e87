"""Why a call was refused, as its caller, the API's provider, an administrator and others see it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.application.decisions.test_simulation import set_hub_policy, set_policy
from tests.application.world import World
from waypost.application.apps.credentials import CredentialService
from waypost.application.context import Principal
from waypost.application.decisions.errors import DecisionNotFound
from waypost.application.decisions.schemas import DecisionRead
from waypost.application.decisions.service import DecisionService
from waypost.application.gateways.usage import UsageService
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import OperationRow
from waypost.kit.clock import FakeClock


@pytest.fixture
async def subscribed(world: World):
    """A published API and an app with a key on the free plan: six calls a minute, ten a day."""
    await world.publish()
    app = await world.app()
    key = await world.key(app.id)
    return world, await world.subscribe(app.id), key


async def happened(world: World, *records: dict[str, Any], number: int = 1) -> None:
    """These calls came, and the gateway reported them."""
    common = {"method": "GET", "path": "/weather/now", "duration_us": 900, "api_id": world.api_id}
    common |= {"at": world.parts.clock.now(), "client_ip": "192.0.2.7", "version_id": world.version_id}
    made = tuple(AccessRecord(**{**common, **record}) for record in records)
    await UsageService().take(world.parts, world.gateway, UsageBatch(spool="s", number=number, records=made))


async def explained(world: World, decision_id: str, who: Principal) -> DecisionRead:
    async with open_context(world.parts, who, write=False) as ctx:
        return await DecisionService().explain(ctx, decision_id)


async def operation_of(world: World) -> str:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        return await ctx.session.scalar(select(OperationRow.id)) or ""


def facts(found: DecisionRead) -> dict[str, Any]:
    return {fact.name: fact.value for fact in found.facts}


async def test_a_missing_key_is_the_key_policy_and_its_place_is_named(subscribed) -> None:
    world, _, _ = subscribed
    await happened(world, {"decision_id": "d1", "status": 401, "code": "key_missing"})
    found = await explained(world, "d1", world.provider.principal)
    assert (found.result, found.status, found.code, found.seen_as) == ("refused", 401, "key_missing", "provider")
    assert found.decided_by is not None
    assert (found.decided_by.kind, found.decided_by.place.level) == ("key_auth", "default")
    assert facts(found)["now_key_places"] == ["header x-api-key"]
    assert found.now is not None
    assert (found.now.code, found.now.same) == ("key_missing", True)


async def test_only_those_concerned_are_told(subscribed, admin, people) -> None:
    world, subscription, _ = subscribed
    await happened(
        world,
        {"decision_id": "d1", "status": 429, "code": "rate_limited", "subscription_id": subscription.id},
        {"decision_id": "d2", "status": 401, "code": "key_missing"},
    )
    sides = [await explained(world, "d1", who.principal) for who in (world.consumer, world.provider, admin)]
    assert [found.seen_as for found in sides] == ["consumer", "provider", "administrator"]
    assert [facts(found).get("address") for found in sides] == [None, "192.0.2.7", "192.0.2.7"]
    assert [len(found.way_out) for found in sides] == [1, 2, 2]
    stranger = await people.user("Stranger")
    for who, decision in ((stranger, "d1"), (stranger, "unknown"), (world.consumer, "d2"), (world.provider, "")):
        with pytest.raises(DecisionNotFound):
            await explained(world, decision, who.principal)


async def test_a_rate_limit_of_the_plan_with_the_calls_that_filled_it(subscribed) -> None:
    world, subscription, key = subscribed
    passed = [{"decision_id": f"p{n}", "status": 200, "subscription_id": subscription.id} for n in range(6)]
    world.parts.clock.advance(10)  # type: ignore[attr-defined]
    await happened(world, *passed)
    world.parts.clock.advance(5)  # type: ignore[attr-defined]
    refused = {"decision_id": "d1", "status": 429, "code": "rate_limited", "subscription_id": subscription.id}
    await happened(world, refused | {"credential_id": key.id}, number=2)
    found = await explained(world, "d1", world.consumer.principal)
    assert found.decided_by is not None
    assert (found.decided_by.kind, found.decided_by.place.level, found.decided_by.place.name) == (
        "rate_limit",
        "plan",
        "Free",
    )
    assert found.decided_by.revision == 1
    (limit,) = facts(found)["limits"]
    assert limit == {"requests": 6, "seconds": 60, "by": "subscription", "from": "plan", "calls_before": 6}
    assert "now_cost_of_the_call" not in facts(found)
    assert found.now is not None
    assert (found.now.result, found.now.same) == ("allowed", False)


async def test_fewer_calls_than_the_limit_fill_it_where_each_costs_more(subscribed) -> None:
    world, subscription, _ = subscribed
    await set_policy(world, PolicyKind.COST, {"cost": 3})
    refused = {"decision_id": "d1", "status": 429, "code": "rate_limited", "subscription_id": subscription.id}
    await happened(world, refused)
    assert facts(await explained(world, "d1", world.consumer.principal))["now_cost_of_the_call"] == 3


async def test_a_revoked_key_was_in_force_then_and_is_not_now(subscribed) -> None:
    world, subscription, key = subscribed
    await happened(
        world, {"decision_id": "d1", "status": 200, "subscription_id": subscription.id, "credential_id": key.id}
    )
    world.parts.clock.advance(60)  # type: ignore[attr-defined]
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await CredentialService().revoke(ctx, key.id)
        await ctx.uow.commit()
    found = await explained(world, "d1", world.consumer.principal)
    assert found.result == "allowed"
    said = facts(found)
    assert (said["credential_then"], said["credential_now"]) == ("active", "revoked")
    assert found.now is not None
    assert (found.now.result, found.now.code) == ("refused", "key_invalid")


async def test_a_used_up_quota_and_when_it_starts_anew(subscribed, clock: FakeClock) -> None:
    world, subscription, key = subscribed
    mine = {"subscription_id": subscription.id, "credential_id": key.id}
    await happened(world, *({"decision_id": f"p{n}", "status": 200, **mine} for n in range(10)))
    await happened(world, {"decision_id": "d1", "status": 429, "code": "quota_exceeded", **mine}, number=2)
    found = await explained(world, "d1", world.consumer.principal)
    assert found.decided_by is not None
    assert (found.decided_by.kind, found.decided_by.place.level) == ("quota", "plan")
    assert found.now is not None
    assert (found.now.code, found.now.same) == ("quota_exceeded", True)
    said = facts(found)
    assert said["now_resets_at"].isoformat() == "2026-07-16T00:00:00+00:00"
    assert said["quota_then"] == {
        "quota": "requests/day",
        "amount": 10,
        "used": 10,
        "resets_at": "2026-07-16T00:00:00+00:00",
    }
    assert [(item["quota"], item["used"]) for item in said["quotas_now"]] == [("requests/day", 10)]


async def test_a_quota_that_a_former_subscription_used_up_is_told(subscribed) -> None:
    world, former, key = subscribed
    mine = {"subscription_id": former.id, "credential_id": key.id}
    await happened(world, *({"decision_id": f"p{n}", "status": 200, **mine} for n in range(10)))
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await SubscriptionService().cancel(ctx, former.id)
        await ctx.uow.commit()
    mine["subscription_id"] = (await world.subscribe(former.app.id)).id
    await happened(world, {"decision_id": "d1", "status": 429, "code": "quota_exceeded", **mine}, number=2)
    said = facts(await explained(world, "d1", world.consumer.principal))
    assert (said["quota_then"]["quota"], said["quota_then"]["used"]) == ("requests/day", 10)


async def test_a_cancelled_subscription_explains_the_refusal_after_it(subscribed) -> None:
    world, subscription, key = subscribed
    mine = {"subscription_id": subscription.id, "credential_id": key.id}
    await happened(world, {"decision_id": "d1", "status": 200, **mine})
    world.parts.clock.advance(60)  # type: ignore[attr-defined]
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await SubscriptionService().cancel(ctx, subscription.id)
        await ctx.uow.commit()
    found = await explained(world, "d1", world.consumer.principal)
    said = facts(found)
    assert (said["subscription_then"], said["subscription_now"]) == ("active", "cancelled")
    assert found.now is not None
    assert found.now.result == "refused"


async def test_too_large_for_the_gateway_or_for_a_policy(subscribed) -> None:
    world, _, _ = subscribed
    await happened(world, {"decision_id": "d1", "status": 413, "code": "too_large"})
    found = await explained(world, "d1", world.provider.principal)
    assert found.decided_by is None
    assert (facts(found)["now_limit"], facts(found)["now_limit_of"]) == (10 * 1024 * 1024, "gateway")
    await set_policy(world, PolicyKind.SIZES, {"request_bytes": 1000, "response_bytes": 0})
    await happened(world, {"decision_id": "d2", "status": 413, "code": "too_large"}, number=2)
    found = await explained(world, "d2", world.provider.principal)
    assert found.decided_by is not None
    assert (found.decided_by.kind, found.decided_by.place.level) == ("sizes", "api")
    assert (facts(found)["now_limit"], facts(found)["now_limit_of"]) == (1000, "policy")


@pytest.mark.parametrize(("status", "code"), [(403, "address_denied"), (403, "not_subscribed"), (404, "not_found")])
async def test_a_call_whose_credential_nobody_noted_is_not_said_to_have_none(
    subscribed, status: int, code: str
) -> None:
    """Refused before its key was looked at, or with the key of an app that the gateway did not name."""
    world, _, _ = subscribed
    await happened(world, {"decision_id": "d1", "status": status, "code": code})
    found = await explained(world, "d1", world.provider.principal)
    assert found.now is not None
    assert (found.now.result, found.now.code, found.now.same) == ("unknown", "", False)


async def test_who_is_not_subscribed_finds_the_own_call_and_strangers_do_not(subscribed, people) -> None:
    world, _, _ = subscribed
    other = await people.user("Other")
    app = await world.app(other)
    key = await world.key(app.id, who=other)
    refused = {"decision_id": "d1", "status": 403, "code": "not_subscribed", "credential_id": key.id}
    await happened(world, {**refused, "operation_id": await operation_of(world)})
    sides = [await explained(world, "d1", who.principal) for who in (other, world.provider)]
    for found in sides:
        assert found.app is not None and found.operation is not None
        assert (found.code, found.app.id, found.operation.label) == ("not_subscribed", app.id, "GET /now")
    assert [found.seen_as for found in sides] == ["consumer", "provider"]
    assert sides[0].way_out == ["Subscribe the app to this API."]
    assert sides[0].now is not None
    assert sides[0].now.result == "refused"
    for who in (world.consumer, await people.user("Stranger")):
        with pytest.raises(DecisionNotFound):
            await explained(world, "d1", who.principal)


async def test_the_place_of_the_network_that_refused_is_named(subscribed) -> None:
    world, _, _ = subscribed
    await set_hub_policy(world, PolicyKind.IP, {"deny": ["192.0.2.0/24"]})
    await set_policy(world, PolicyKind.IP, {"deny": ["198.51.100.7/32"]})
    await happened(world, {"decision_id": "d1", "status": 403, "code": "address_denied"})
    found = await explained(world, "d1", world.provider.principal)
    assert found.decided_by is not None
    assert (found.decided_by.part, found.decided_by.place.level) == ("/deny/1", "hub")


async def test_no_entry_is_blamed_for_a_country_that_nobody_noted(subscribed) -> None:
    world, _, _ = subscribed
    await set_policy(world, PolicyKind.COUNTRIES, {"deny": ["FR"], "allow": ["DE"]})
    await happened(world, {"decision_id": "d1", "status": 403, "code": "country_denied"})
    found = await explained(world, "d1", world.provider.principal)
    assert found.decided_by is not None
    assert (found.decided_by.kind, found.decided_by.part) == ("countries", "")


async def test_an_unknown_path_has_no_operation(subscribed) -> None:
    world, _, _ = subscribed
    await happened(world, {"decision_id": "d1", "status": 404, "code": "not_found", "path": "/weather/then"})
    found = await explained(world, "d1", world.provider.principal)
    assert found.decided_by is not None
    assert found.decided_by.kind == "unmatched"
    assert facts(found)["operation"] == "none"
    assert found.now is not None
    assert found.now.code == "not_found"
