"""Everybody sees the calls of their apps and to their APIs, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.application.world import World
from waypost.application.analytics.errors import BadRange
from waypost.application.analytics.schemas import BreakdownBy, Interval
from waypost.application.analytics.scope import CallQuery
from waypost.application.analytics.service import AnalyticsService, fitting_interval
from waypost.application.gateways.usage import UsageService
from waypost.application.subscriptions.schemas import Side
from waypost.application.work import ANONYMOUS, open_context
from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.models import OperationRow
from waypost.kit.errors import NotFound, Unauthenticated

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def called(world: World) -> World:
    """Three calls of the consumer's app, one of them refused, and one without a key."""
    await world.publish()
    app = await world.app()
    await world.key(app.id)
    subscription = await world.subscribe(app.id)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        operation_id = (await ctx.session.execute(OperationRow.__table__.select())).one().id
    values = {"at": world.parts.clock.now() - timedelta(minutes=5), "method": "GET", "path": "/weather/now"}
    values |= {"duration_us": 1000, "api_id": world.api_id, "client_ip": "203.0.113.7", "operation_id": operation_id}
    mine = {**values, "subscription_id": subscription.id}
    records = (
        AccessRecord(decision_id="d1", status=200, **mine),
        AccessRecord(decision_id="d2", status=503, code="upstream_unavailable", **mine),
        AccessRecord(decision_id="d3", status=429, code="rate_limited", **mine),
        AccessRecord(decision_id="d4", status=401, code="key_missing", **values),
    )
    await UsageService().take(world.parts, world.gateway, UsageBatch(spool="s", number=1, records=records))
    return world


async def seen(world: World, who, **wanted) -> set[str]:
    async with open_context(world.parts, who.principal, write=False) as ctx:
        found = await AnalyticsService().calls(ctx, CallQuery(**wanted), limit=50, cursor=None)
    return {call.decision_id for call in found.items}


async def test_each_side_sees_its_own(called: World) -> None:
    stranger = (await called.people.team()).owner
    assert await seen(called, called.consumer) == {"d1", "d2", "d3"}
    assert await seen(called, called.consumer, side=Side.PROVIDER) == set()
    assert await seen(called, called.provider) == {"d1", "d2", "d3", "d4"}
    assert await seen(called, called.provider, side=Side.CONSUMER) == set()
    assert await seen(called, called.provider, api_id="weather", status_class=4) == {"d3", "d4"}
    assert await seen(called, stranger) == set()
    assert await seen(called, stranger, api_id=called.api_id) == set()
    assert await seen(called, await called.people.admin()) == {"d1", "d2", "d3", "d4"}
    async with open_context(called.parts, ANONYMOUS, write=False) as ctx:
        with pytest.raises(Unauthenticated):
            await AnalyticsService().summary(ctx, CallQuery())


async def test_the_callers_address_is_the_providers(called: World) -> None:
    for who, address in ((called.consumer, None), (called.provider, "203.0.113.7")):
        async with open_context(called.parts, who.principal, write=False) as ctx:
            call = await AnalyticsService().call(ctx, "d1")
            assert call.client_ip == address
            assert call.api is not None and call.api.name == "Weather"
            assert call.app is not None and call.app.name == "Trip planner"
            assert call.gateway is not None and call.gateway.name == "Edge"
            assert call.operation is not None and call.operation.label == "GET /now"
    stranger = await called.people.user()
    async with open_context(called.parts, stranger.principal, write=False) as ctx:
        with pytest.raises(NotFound):
            await AnalyticsService().call(ctx, "d1")


async def test_numbers_add_up(called: World) -> None:
    async with open_context(called.parts, called.provider.principal, write=False) as ctx:
        summary = await AnalyticsService().summary(ctx, CallQuery())
        assert (summary.calls, summary.errors_4xx, summary.errors_5xx, summary.apps) == (4, 2, 1, 1)
        assert summary.previous.calls == 0
        series = await AnalyticsService().series(ctx, CallQuery(), interval=None)
        assert series.interval is Interval.HOUR
        assert sum(point.calls for point in series.points) == 4
        for by in BreakdownBy:
            found = await AnalyticsService().breakdown(ctx, CallQuery(), by=by, limit=20)
            assert sum(item.calls for item in found.items) == 4, by
            assert all(item.label for item in found.items), by
        apps = await AnalyticsService().breakdown(ctx, CallQuery(), by=BreakdownBy.APP, limit=20)
        assert [item.label for item in apps.items] == ["Trip planner", "without a known key"]


async def test_periods_that_are_none(called: World) -> None:
    now = called.parts.clock.now()
    async with open_context(called.parts, called.provider.principal, write=False) as ctx:
        for start, end in ((now, now), (now, now - timedelta(days=1)), (now - timedelta(days=4000), now)):
            with pytest.raises(BadRange):
                await AnalyticsService().summary(ctx, CallQuery(start=start, end=end))


def test_the_interval_follows_the_period(database: str) -> None:
    fits = [fitting_interval(timedelta(hours=hours)).value for hours in (1, 3, 24, 96, 168)]
    assert fits == ["minute", "minute", "hour", "hour", "day"]
