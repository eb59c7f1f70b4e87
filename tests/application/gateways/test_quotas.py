"""Quotas of every unit and window: what holds for any sequence of calls, and what the hub does about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.application.gateways.test_usage import batch, calls, release
from tests.application.world import World
from waypost.application.gateways.usage import UsageService
from waypost.application.grants.counters import forget_counters
from waypost.application.grants.quotas import Spent, Usage, counter_start, meter, span, usage
from waypost.application.policies.service import PolicyService
from waypost.application.policies.spots import plan_spot
from waypost.application.subscriptions.schemas import QuotaRead, SubscriptionRead
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.ir import Quota
from waypost.contracts.vocab import QuotaUnit, Window
from waypost.contracts.windows import LENGTHS, STEPS, window_start
from waypost.information.models import EventRow, PlanVersionRow, PolicyRow, QuotaCounterRow
from waypost.information.repos.events import EventRepo
from waypost.kit.clock import FakeClock
from waypost.kit.ids import new_id

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
QUOTAS = st.builds(
    Quota, amount=st.integers(1, 8), window=st.sampled_from(list(Window)), rolling=st.booleans(), overage=st.just(False)
)
GAPS = st.lists(st.floats(0, 1), min_size=1, max_size=60)
"""Waits between calls, in shares of the window."""


@dataclass
class Hub:
    """Counts what is reported ``delay`` late, as the hub does; a gateway refuses while the quota is used up."""

    quota: Quota
    delay: timedelta
    sums: dict[tuple[str, str, datetime], float] = field(default_factory=lambda: defaultdict(float))
    unreported: list[datetime] = field(default_factory=list)

    def report(self, now: datetime) -> None:
        due = [at for at in self.unreported if at + self.delay <= now]
        self.unreported = self.unreported[len(due) :]
        for at in due:
            self.sums[meter(self.quota), span(self.quota), counter_start(self.quota, at)] += 1

    def usage(self, now: datetime) -> Usage:
        self.report(now)
        return usage(self.quota, self.sums, now)

    def call(self, now: datetime) -> bool:
        passes = not self.usage(now).exhausted
        if passes:
            self.unreported.append(now)
        return passes


def moments(quota: Quota, gaps: list[float]) -> list[datetime]:
    now, found = NOON, []
    for gap in gaps:
        now += LENGTHS[quota.window] * gap / 4
        found.append(now)
    return found


@given(QUOTAS, GAPS, st.floats(0, 0.2))
def test_never_more_passes_than_promised_and_what_is_not_reported_yet(
    quota: Quota, gaps: list[float], late: float
) -> None:
    """The stated error: what passes within the delay between a call and its report."""
    hub = Hub(quota, LENGTHS[quota.window] * late)
    passed = [at for at in moments(quota, gaps) if hub.call(at)]
    for number, at in enumerate(passed):
        start = at - LENGTHS[quota.window] if quota.rolling else window_start(quota.window, at)
        before = [other for other in passed[:number] if other > start or (not quota.rolling and other == start)]
        unreported = [other for other in before if other + hub.delay > at]
        assert len(before) - len(unreported) + 1 <= quota.amount


@given(QUOTAS, GAPS)
def test_a_used_up_quota_recovers_when_it_says_and_not_before(quota: Quota, gaps: list[float]) -> None:
    hub = Hub(quota, timedelta(0))
    for at in moments(quota, gaps):
        hub.call(at)
        found = hub.usage(at)
        assert found.used >= 0
        if not found.exhausted:
            continue
        assert at < found.resets_at <= at + LENGTHS[quota.window] + max(STEPS[quota.window], timedelta(days=1))
        assert hub.usage(found.resets_at - timedelta(microseconds=1)).exhausted
        assert not hub.usage(found.resets_at).exhausted


@given(st.integers(1, 100), st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 99))
def test_each_line_is_crossed_once(amount: int, additions: list[int], percent: int) -> None:
    quota = Quota(amount=amount, window=Window.DAY, soft_percent=percent, overage=True)
    total, warned, over = 0, 0, 0
    for added in additions:
        total += added
        found = usage(quota, {("requests", "day", window_start(Window.DAY, NOON)): total}, NOON)
        warned += found.crossed(found.soft_amount, added)
        over += found.crossed(quota.amount, added)
        assert found.overage == max(0, total - amount)
        assert not found.exhausted
    assert warned == (total >= found.soft_amount)
    assert over == (total >= amount)


def test_what_each_unit_counts() -> None:
    spent = Spent(calls=2, bytes=300, units=1.5)
    found = [spent.of(Quota(amount=1, window=Window.DAY, unit=unit)) for unit in QuotaUnit]
    assert found == [2, 300, 1.5]


@pytest.fixture
async def subscribed(world: World):
    """A published API and an app with a key on the free plan, whose quotas the test sets."""
    await world.publish()
    app = await world.app()
    await world.key(app.id)
    return world, await world.subscribe(app.id)


async def promise(world: World, *quotas: dict[str, Any]) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        version = await ctx.session.get_one(PlanVersionRow, world.plan_versions["free"])
        version.quotas = list(quotas)
        await ctx.uow.commit()


async def quotas(world: World, subscription_id: str) -> list[QuotaRead]:
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        return (await SubscriptionService().get(ctx, subscription_id)).quotas


async def take(world: World, number: int, subscription_id: str, count: int, **record: Any) -> None:
    await UsageService().take(world.parts, world.gateway, batch(number, calls(world, subscription_id, count, **record)))


async def events(world: World) -> list[tuple[str, str]]:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        found = await ctx.session.scalars(
            select(EventRow).where(EventRow.kind.startswith("quota.")).order_by(EventRow.seq)
        )
        return [(row.kind, row.data.get("quota", "")) for row in found]


async def state(world: World) -> tuple[str, str | None]:
    agent = world.agent()
    await agent.look()
    (grant,) = agent.grants.values()
    return grant["state"], grant["resets_at"]


async def test_several_quotas_each_count_their_own_unit(subscribed) -> None:
    world, subscription = subscribed
    await promise(
        world,
        {"amount": 100, "window": "day"},
        {"amount": 5000, "window": "month", "unit": "bytes"},
        {"amount": 10, "window": "hour", "unit": "header", "header": "x-units"},
    )
    await take(world, 1, subscription.id, 3, bytes_in=100, bytes_out=400, units=2.5)
    await take(world, 2, subscription.id, 2, status=429, code="rate_limited", bytes_in=100, units=1)
    await take(world, 3, subscription.id, 1, units=-50.0)
    found = await quotas(world, subscription.id)
    assert [(item.unit, item.used, item.exhausted) for item in found] == [
        ("requests", 4, False),
        ("bytes", 1500, False),
        ("header", 7.5, False),
    ]
    await take(world, 4, subscription.id, 1, units=2.5)
    assert await state(world) == ("exhausted", "2026-07-15T13:00:00+00:00")


async def test_units_without_measure_break_neither_sums_nor_the_event_log(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 10, "window": "hour", "unit": "header", "header": "x-units"})
    await take(world, 1, subscription.id, 3, units=1.7e308)
    (found,) = await quotas(world, subscription.id)
    assert (found.used, found.exhausted) == (3e15, True)
    await take(world, 2, subscription.id, 30, units=1.7e308)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert (await EventRepo(ctx.session).verify()).ok


async def test_a_rolling_quota_has_room_again_when_calls_leave_it(subscribed, clock: FakeClock) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 4, "window": "hour", "rolling": True})
    await take(world, 1, subscription.id, 2)
    clock.advance(30 * 60)
    await take(world, 2, subscription.id, 2)
    assert await state(world) == ("exhausted", "2026-07-15T13:01:00+00:00")
    clock.advance(30 * 60 + 59)
    assert await release(world) == 0
    clock.advance(1)
    assert await release(world) == 1
    assert (await state(world))[0] == "live"
    (found,) = await quotas(world, subscription.id)
    assert (found.used, found.rolling) == (2, True)
    await take(world, 3, subscription.id, 2)
    assert (await state(world))[0] == "exhausted"


async def test_a_window_that_ends_frees_nobody_whom_another_holds(subscribed, clock: FakeClock) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 2, "window": "hour"}, {"amount": 2, "window": "week", "unit": "requests"})
    await take(world, 1, subscription.id, 2)
    assert await state(world) == ("exhausted", "2026-07-20T00:00:00+00:00"), "the longest decides"
    clock.advance(3600)
    assert await release(world) == 0
    assert (await state(world))[0] == "exhausted"


async def again(world: World, subscription: SubscriptionRead) -> SubscriptionRead:
    """Cancelled, and subscribed to once more."""
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await SubscriptionService().cancel(ctx, subscription.id)
        await ctx.uow.commit()
    return await world.subscribe(subscription.app.id)


async def test_who_subscribes_again_goes_on_with_what_was_used(subscribed, clock: FakeClock) -> None:
    world, first = subscribed
    await promise(world, {"amount": 6, "window": "day"})
    await take(world, 1, first.id, 2)
    second = await again(world, first)
    await take(world, 2, first.id, 1)
    assert [item.used for item in await quotas(world, second.id)] == [3], "what is reported late too"
    await take(world, 3, second.id, 3)
    assert (await state(world))[0] == "exhausted"
    third = await again(world, second)
    assert (await state(world))[0] == "exhausted", "from the start"
    assert [(await quotas(world, item.id))[0].used for item in (first, second, third)] == [3, 3, 6]
    clock.advance(24 * 3600)
    assert await release(world) == 1
    assert (await state(world))[0] == "live"
    assert [item.used for item in await quotas(world, third.id)] == [0]


async def test_another_app_starts_with_counters_of_its_own(subscribed) -> None:
    world, first = subscribed
    await promise(world, {"amount": 6, "window": "day"})
    await take(world, 1, first.id, 2)
    other = await world.subscribe((await world.app()).id)
    assert [item.used for item in await quotas(world, other.id)] == [0]


async def test_a_warning_comes_once_per_window(subscribed, clock: FakeClock) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 10, "window": "day", "soft_percent": 50})
    for number in range(1, 5):
        await take(world, number, subscription.id, 2)
    assert await events(world) == [("quota.warned", "requests/day")]
    clock.advance(24 * 3600)
    await take(world, 5, subscription.id, 6)
    assert await events(world) == [("quota.warned", "requests/day")] * 2


async def test_the_warning_is_the_apps_to_read(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 10, "window": "day", "soft_percent": 50})
    await take(world, 1, subscription.id, 6)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        row = (await ctx.session.scalars(select(EventRow).where(EventRow.kind == "quota.warned"))).one()
    assert (row.owner_id, row.object_id) == (world.consumer.id, subscription.id)
    assert (row.data["used"], row.data["amount"]) == (6, 10)


async def test_overage_passes_and_is_counted(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 5, "window": "month", "overage": True})
    await take(world, 1, subscription.id, 4)
    await take(world, 2, subscription.id, 4)
    await take(world, 3, subscription.id, 1)
    (found,) = await quotas(world, subscription.id)
    assert (found.used, found.overage, found.stops, found.exhausted) == (9, 4, False, False)
    assert (await state(world))[0] == "live"
    assert await events(world) == [("quota.overage", "requests/month")]


async def test_a_policy_at_the_plan_adds_a_quota_that_holds_at_once(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 100, "window": "day"})
    await take(world, 1, subscription.id, 5)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        spot = await plan_spot(ctx, world.plans["free"])
        config = {"quotas": [{"amount": 3, "window": "day"}]}
        await PolicyService().put(ctx, spot, "quota", config=config, revision=None)
        await ctx.uow.commit()
    assert [item.limit for item in await quotas(world, subscription.id)] == [100, 3]
    assert (await state(world))[0] == "exhausted", "five calls are over three"
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await PolicyService().delete(ctx, await plan_spot(ctx, world.plans["free"]), "quota", revision=None)
        await ctx.uow.commit()
    assert (await state(world))[0] == "live"


async def test_terms_that_were_over_already_stop_at_the_next_report(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 100, "window": "day"})
    await take(world, 1, subscription.id, 5)
    await promise(world, {"amount": 3, "window": "day"})
    await take(world, 2, subscription.id, 1)
    assert (await state(world))[0] == "exhausted"


async def test_a_call_counts_its_cost(subscribed) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 100, "window": "day"})
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        stamps = {"created_at": ctx.clock.now(), "updated_at": ctx.clock.now(), "revision": 1}
        for level, target, cost in (("api", world.api_id, 2), ("operation", "op_dear", 10)):
            row = PolicyRow(id=new_id("pol"), api_id=world.api_id, level=level, target_id=target, **stamps)
            row.kind, row.config = "cost", {"cost": cost}
            ctx.session.add(row)
        await ctx.uow.commit()
    await take(world, 1, subscription.id, 3)
    await take(world, 2, subscription.id, 1, operation_id="op_dear")
    (found,) = await quotas(world, subscription.id)
    assert found.used == 16


async def test_counters_that_count_no_more_are_forgotten(subscribed, clock: FakeClock) -> None:
    world, subscription = subscribed
    await promise(world, {"amount": 100, "window": "day", "rolling": True}, {"amount": 100, "window": "month"})
    await take(world, 1, subscription.id, 1)
    clock.advance(25 * 3600)
    await take(world, 2, subscription.id, 1)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await forget_counters(ctx)
        left = (await ctx.session.scalars(select(QuotaCounterRow).order_by(QuotaCounterRow.span))).all()
        assert [(row.span, row.used) for row in left] == [("last_day", 1), ("month", 2)]
