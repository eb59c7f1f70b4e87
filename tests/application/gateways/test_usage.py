"""Usage: kept once, counted once, and what a used-up quota does, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.application.world import World
from waypost.application.context import Principal
from waypost.application.gateways.quota import QuotaService
from waypost.application.gateways.usage import UsageService
from waypost.application.subscriptions.schemas import SubscriptionUpdate
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.contracts.vocab import DeploymentState
from waypost.information.analytics.store import AnalyticsFilter, Scope
from waypost.information.models import ApiRow, CredentialRow, DeploymentRow, GatewayRow, PlanVersionRow, UsageBatchRow
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock
from waypost.kit.ids import new_id


@pytest.fixture
async def subscribed(world: World):
    """A published API and an app with a key on the free plan: ten calls a day."""
    await world.publish()
    app = await world.app()
    key = await world.key(app.id)
    subscription = await world.subscribe(app.id)
    return world, subscription, key


def calls(world: World, subscription_id: str, count: int, **other) -> tuple[AccessRecord, ...]:
    values = {"method": "GET", "path": "/weather/now", "status": 200, "duration_us": 900, "api_id": world.api_id}
    values |= {"at": world.parts.clock.now(), "subscription_id": subscription_id, **other}
    return tuple(AccessRecord(decision_id=f"d{number}", **values) for number in range(count))


def batch(number: int, records: tuple[AccessRecord, ...], *, spool: str = "spool-1") -> UsageBatch:
    return UsageBatch(spool=spool, number=number, records=records)


async def used(world: World, subscription_id: str) -> int:
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        quota = (await SubscriptionService().get(ctx, subscription_id)).quota
    assert quota is not None
    return quota.used


async def total(world: World) -> int:
    day = AnalyticsFilter(start=world.parts.clock.now().replace(hour=0), end=world.parts.clock.now().replace(hour=23))
    return (await world.parts.analytics.summary(Scope.all(), day)).calls


async def test_a_batch_counts_once_however_often_it_comes(subscribed) -> None:
    world, subscription, _ = subscribed
    first = batch(1, calls(world, subscription.id, 3))
    for _ in range(3):
        assert (await UsageService().take(world.parts, world.gateway, first)).number == 1
    assert (await used(world, subscription.id), await total(world)) == (3, 3)
    assert (
        await UsageService().take(world.parts, world.gateway, batch(2, calls(world, subscription.id, 1)))
    ).number == 2
    assert (await used(world, subscription.id), await total(world)) == (4, 4)


async def test_killed_between_analytics_and_counters_nothing_is_lost_or_doubled(
    subscribed, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, subscription, _ = subscribed

    async def killed(*_args, **_kwargs) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(QuotaService, "count", killed)
        with pytest.raises(RuntimeError):
            await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 3)))
    assert (await used(world, subscription.id), await total(world)) == (0, 3)
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 3)))
    assert (await used(world, subscription.id), await total(world)) == (3, 3)


async def other_gateway(world: World) -> Principal:
    """One on which nothing is published."""
    now = world.parts.clock.now()
    row = GatewayRow(id=new_id("gw"), slug="stolen", name="Stolen", engine="envoy", created_at=now, updated_at=now)
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        uow.session.add(row)
        await uow.commit()
    return Principal(kind="gateway", id=row.id, name=row.name)


async def test_a_gateway_speaks_only_for_apis_that_it_serves(subscribed) -> None:
    world, subscription, key = subscribed
    stolen = await other_gateway(world)
    foreign = calls(world, subscription.id, 9, credential_id=key.id) + calls(world, "", 3)
    unnamed = calls(world, subscription.id, 2, api_id="", credential_id=key.id)
    rest = calls(world, "", 4, api_id="", status=404, code="route_not_found")
    for _ in range(2):
        ack = await UsageService().take(world.parts, stolen, batch(1, foreign + unnamed + rest))
        assert ack.number == 1
    day = AnalyticsFilter(start=world.parts.clock.now().replace(hour=0), end=world.parts.clock.now().replace(hour=23))
    assert (await world.parts.analytics.summary(Scope(api_ids=frozenset({world.api_id})), day)).calls == 0
    assert (await used(world, subscription.id), await total(world)) == (0, 18)
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        assert (await ctx.session.get_one(CredentialRow, key.id)).last_used_at is None
        assert (await ctx.session.get_one(UsageBatchRow, (stolen.id, "spool-1"))).put_aside == 14
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 1)))
    assert await used(world, subscription.id) == 1


async def test_calls_on_their_way_while_an_api_is_withdrawn_count(subscribed) -> None:
    world, subscription, _ = subscribed
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await uow.session.execute(update(DeploymentRow).values(state=DeploymentState.WITHDRAWN))
        await uow.commit()
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 2)))
    assert await used(world, subscription.id) == 2


async def test_a_key_is_used_only_by_its_own_app(subscribed) -> None:
    world, subscription, _ = subscribed
    foreign = await world.key((await world.app()).id)
    records = calls(world, subscription.id, 1, credential_id=foreign.id)
    await UsageService().take(world.parts, world.gateway, batch(1, records))
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        assert (await ctx.session.get_one(CredentialRow, foreign.id)).last_used_at is None


async def test_calls_get_app_api_and_plan_from_their_subscription(subscribed) -> None:
    world, subscription, key = subscribed
    records = calls(world, subscription.id, 1, api_id="", credential_id=key.id)
    await UsageService().take(world.parts, world.gateway, batch(1, records))
    where = AnalyticsFilter(start=world.parts.clock.now().replace(hour=0), end=world.parts.clock.now().replace(hour=23))
    (call,) = (await world.parts.analytics.calls(Scope.all(), where)).items
    assert call.record.api_id == world.api_id
    assert call.record.app_id == subscription.app.id
    assert call.record.plan_id == world.plan_versions["free"]
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        row = await ctx.session.get_one(CredentialRow, key.id)
        assert row.last_used_at == world.parts.clock.now()


@pytest.mark.parametrize(("visibility", "named"), [("public", True), ("internal", True), ("private", False)])
async def test_of_a_stranger_the_hub_names_the_app_where_its_owner_may_know_the_api(
    subscribed, visibility: str, named: bool
) -> None:
    world, _, key = subscribed
    async with unit_of_work(world.parts.engine, world.parts.clock) as uow:
        await uow.session.execute(update(ApiRow).values(visibility=visibility))
        await uow.commit()
    told = {"status": 403, "code": "not_subscribed", "app_id": "app_as_told"}
    records = [calls(world, "", 1, credential_id=sent, **told)[0] for sent in (key.id, "crd_nobody", "")]
    await UsageService().take(world.parts, world.gateway, batch(1, tuple(records)))
    day = AnalyticsFilter(start=world.parts.clock.now().replace(hour=0), end=world.parts.clock.now().replace(hour=23))
    found = (await world.parts.analytics.calls(Scope.all(), day)).items
    app = await app_of(world, key.id)
    assert sorted((call.record.credential_id, call.record.app_id) for call in found) == sorted(
        [(key.id, app) if named else ("", ""), ("", ""), ("", "")]
    )
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        assert (await ctx.session.get_one(CredentialRow, key.id)).last_used_at is None


async def app_of(world: World, credential_id: str) -> str:
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        return (await ctx.session.get_one(CredentialRow, credential_id)).app_id


async def test_refused_calls_use_up_nothing(subscribed) -> None:
    world, subscription, _ = subscribed
    refused = calls(world, subscription.id, 4, status=429, code="rate_limited")
    failed = calls(world, subscription.id, 2, status=503, code="upstream_unavailable")
    await UsageService().take(world.parts, world.gateway, batch(1, refused + failed))
    assert await used(world, subscription.id) == 2


async def test_over_the_quota_the_grant_is_exhausted_until_the_window_ends(subscribed, clock: FakeClock) -> None:
    world, subscription, _ = subscribed
    agent = world.agent()
    await agent.look()
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 9)))
    assert await agent.look() == [], "nine of ten change nothing"
    await UsageService().take(world.parts, world.gateway, batch(2, calls(world, subscription.id, 1)))
    (message,) = await agent.look()
    assert message["kind"] == "grants", "no compile for a quota"
    (grant,) = agent.grants.values()
    assert (grant["state"], grant["window"]) == ("exhausted", "day")
    await UsageService().take(world.parts, world.gateway, batch(3, calls(world, subscription.id, 5)))
    assert await agent.look() == [], "it is told once"
    clock.advance(12 * 3600 - 1)
    assert await release(world) == 0
    clock.advance(2)
    assert await release(world) == 1
    await agent.look()
    assert [grant["state"] for grant in agent.grants.values()] == ["live"]
    assert await used(world, subscription.id) == 0


async def release(world: World) -> int:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        found = await QuotaService().release_due(ctx)
        await ctx.uow.commit()
    return found


async def test_a_larger_plan_ends_the_exhaustion(subscribed) -> None:
    world, subscription, _ = subscribed
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 12)))
    agent = world.agent()
    await agent.look()
    assert [grant["state"] for grant in agent.grants.values()] == ["exhausted"]
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        version = await ctx.session.get_one(PlanVersionRow, world.plan_versions["paid"])
        version.approval = False
        body = SubscriptionUpdate(plan_id=world.plans["paid"])
        await SubscriptionService().change_plan(ctx, subscription.id, body, revision=1)
        await ctx.uow.commit()
    await agent.look()
    (grant,) = agent.grants.values()
    assert (grant["state"], grant["plan_id"]) == ("live", world.plan_versions["paid"])


async def test_a_key_made_while_the_quota_is_used_up_is_exhausted_too(subscribed) -> None:
    world, subscription, _ = subscribed
    await UsageService().take(world.parts, world.gateway, batch(1, calls(world, subscription.id, 10)))
    await world.key(subscription.app.id)
    agent = world.agent()
    await agent.look()
    assert [grant["state"] for grant in agent.grants.values()] == ["exhausted", "exhausted"]


async def test_a_gateway_whose_clock_runs_ahead_uses_up_the_quota_of_today(subscribed) -> None:
    world, subscription, key = subscribed
    tomorrow = world.parts.clock.now() + timedelta(days=1)
    ahead = calls(world, subscription.id, 10, at=tomorrow, credential_id=key.id)
    await UsageService().take(world.parts, world.gateway, batch(1, ahead))
    assert await used(world, subscription.id) == 10
    agent = world.agent()
    await agent.look()
    assert [grant["state"] for grant in agent.grants.values()] == ["exhausted"]
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        assert (await ctx.session.get_one(CredentialRow, key.id)).last_used_at == world.parts.clock.now()


async def test_somebody_elses_subscription_is_not_believed(subscribed) -> None:
    world, subscription, _ = subscribed
    other = calls(world, subscription.id, 2, api_id="api_other")
    await UsageService().take(world.parts, world.gateway, batch(1, other))
    assert await used(world, subscription.id) == 0
