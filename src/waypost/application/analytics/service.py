"""Numbers about calls. Ids come from the analytics store, names from the relational one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from waypost.application.analytics.schemas import (
    BreakdownBy,
    BreakdownItem,
    BreakdownRead,
    CallRead,
    CallTotals,
    Interval,
    NamedRef,
    OperationRef,
    SeriesPoint,
    SeriesRead,
    SummaryRead,
)
from waypost.application.analytics.scope import CallQuery, before, filter_of, scope_of
from waypost.application.context import Context
from waypost.application.subscriptions.schemas import Side
from waypost.information.analytics.store import CallRecord, Dimension, Scope, Summary
from waypost.information.analytics.store import Interval as StoreInterval
from waypost.information.repos.names import NameRepo
from waypost.kit.errors import NotFound
from waypost.kit.paging import Page

_NONE = {
    BreakdownBy.APP: "without a known key",
    BreakdownBy.CODE: "answered by the upstream",
    BreakdownBy.API: "unknown address",
    BreakdownBy.OPERATION: "no operation",
    BreakdownBy.VERSION: "no version",
    BreakdownBy.PLAN: "no plan",
}


class AnalyticsService:
    """Stateless. Every method applies the caller's scope first."""

    async def summary(self, ctx: Context, query: CallQuery) -> SummaryRead:
        """Totals of the period and of the one before."""
        scope, where = await scope_of(ctx, query.side), await filter_of(ctx, query)
        now = await ctx.parts.analytics.summary(scope, where)
        then = await ctx.parts.analytics.summary(scope, before(where))
        return SummaryRead(**_totals(now).model_dump(), previous=_totals(then))

    async def series(self, ctx: Context, query: CallQuery, *, interval: Interval | None) -> SeriesRead:
        """Points over time; the interval follows the period's length where none is given."""
        scope, where = await scope_of(ctx, query.side), await filter_of(ctx, query)
        chosen = interval or fitting_interval(where.end - where.start)
        points = await ctx.parts.analytics.series(scope, where, interval=StoreInterval(chosen.value))
        return SeriesRead(interval=chosen, points=[SeriesPoint(**asdict(point)) for point in points])

    async def breakdown(self, ctx: Context, query: CallQuery, *, by: BreakdownBy, limit: int) -> BreakdownRead:
        """Groups with their labels, most calls first."""
        scope, where = await scope_of(ctx, query.side), await filter_of(ctx, query)
        found = await ctx.parts.analytics.breakdown(scope, where, by=Dimension(by.value), limit=limit)
        labels = await _labels(ctx, by, [item.key for item in found])
        items = [BreakdownItem(**asdict(item), label=labels.get(item.key) or item.key) for item in found]
        return BreakdownRead(items=items)

    async def calls(self, ctx: Context, query: CallQuery, *, limit: int, cursor: str | None) -> Page[CallRead]:
        """Single calls, newest first."""
        scope, where = await scope_of(ctx, query.side), await filter_of(ctx, query)
        found = await ctx.parts.analytics.calls(scope, where, limit=limit, cursor=cursor)
        return Page(await _read_calls(ctx, found.items, await _provided(ctx, scope)), found.next_cursor)

    async def call(self, ctx: Context, decision_id: str) -> CallRead:
        """One call by the decision id that its caller saw."""
        scope = await scope_of(ctx, None)
        found = await ctx.parts.analytics.call(scope, decision_id)
        if found is None:
            raise NotFound
        return (await _read_calls(ctx, [found], await _provided(ctx, scope)))[0]


def fitting_interval(period: timedelta) -> Interval:
    """Minutes up to three hours, hours up to four days, days beyond."""
    if period <= timedelta(hours=3):
        return Interval.MINUTE
    return Interval.HOUR if period <= timedelta(days=4) else Interval.DAY


def _totals(found: Summary) -> CallTotals:
    values = asdict(found)
    return CallTotals(**{name: values[name] for name in CallTotals.model_fields})


async def _labels(ctx: Context, by: BreakdownBy, keys: Sequence[str]) -> dict[str, str]:
    names = NameRepo(ctx.session)
    lookups = {
        BreakdownBy.API: names.apis,
        BreakdownBy.APP: names.apps,
        BreakdownBy.OPERATION: names.operations,
        BreakdownBy.VERSION: names.versions,
        BreakdownBy.PLAN: names.plans,
    }
    found = await lookups[by](keys) if by in lookups else {}
    return {"": _NONE.get(by, ""), **found}


async def _provided(ctx: Context, scope: Scope) -> Scope:
    """The scope in which the caller is the provider, whatever side was asked for."""
    return scope if scope.everything else await scope_of(ctx, Side.PROVIDER)


async def _read_calls(ctx: Context, calls: Sequence[CallRecord], provider: Scope) -> list[CallRead]:
    names = NameRepo(ctx.session)
    apis = await names.apis([call.record.api_id for call in calls])
    apps = await names.apps([call.record.app_id for call in calls])
    operations = await names.operations([call.record.operation_id for call in calls])
    gateways = await names.gateways([call.gateway_id for call in calls])
    return [
        _read_call(
            call,
            api=_ref(call.record.api_id, apis),
            app=_ref(call.record.app_id, apps),
            gateway=_ref(call.gateway_id, gateways),
            operation=_operation(call.record.operation_id, operations),
            provider=provider.everything or call.record.api_id in provider.api_ids,
        )
        for call in calls
    ]


def _read_call(
    call: CallRecord,
    *,
    api: NamedRef | None,
    app: NamedRef | None,
    gateway: NamedRef | None,
    operation: OperationRef | None,
    provider: bool,
) -> CallRead:
    record = call.record
    return CallRead(
        decision_id=record.decision_id,
        at=record.at,
        method=record.method,
        path=record.path,
        status=record.status,
        code=record.code,
        duration_us=record.duration_us,
        upstream_us=record.upstream_us,
        bytes_in=record.bytes_in,
        bytes_out=record.bytes_out,
        units=record.units,
        api=api,
        operation=operation,
        app=app,
        gateway=gateway,
        client_ip=record.client_ip if provider else None,
        user_agent=record.user_agent,
    )


def _ref(key: str, names: dict[str, str]) -> NamedRef | None:
    return NamedRef(id=key, name=names.get(key, key)) if key else None


def _operation(key: str, labels: dict[str, str]) -> OperationRef | None:
    return OperationRef(id=key, label=labels.get(key, key)) if key else None
