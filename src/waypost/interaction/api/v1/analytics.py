"""Numbers about calls, within what the caller owns."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from pydantic import AwareDatetime

from waypost.application.analytics.schemas import BreakdownBy, BreakdownRead, Interval, SeriesRead, SummaryRead
from waypost.application.analytics.scope import CallQuery
from waypost.application.analytics.service import AnalyticsService
from waypost.application.subscriptions.schemas import Side
from waypost.interaction.api.access_matrix import SIGNED_IN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/analytics", tags=["analytics"])
Id = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]


def call_query(
    start: Annotated[AwareDatetime | None, Query(alias="from", description="24 hours before `to` if left out")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Now if left out")] = None,
    api_id: Id = "",
    app_id: Id = "",
    version_id: Id = "",
    operation_id: Id = "",
    subscription_id: Id = "",
    gateway_id: Id = "",
    status_class: Annotated[int | None, Query(ge=1, le=5, description="4 for 4xx")] = None,
    role: Annotated[Side | None, Query(description="Calls of my apps, or calls to my APIs")] = None,
) -> CallQuery:
    """Which calls."""
    return CallQuery(
        start=start,
        end=end,
        api_id=api_id,
        app_id=app_id,
        version_id=version_id,
        operation_id=operation_id,
        subscription_id=subscription_id,
        gateway_id=gateway_id,
        status_class=status_class,
        side=role,
    )


Calls = Annotated[CallQuery, Depends(call_query)]


@router.get("/summary", summary="Totals of a period", responses=problems())
async def get_analytics_summary(ctx: Ctx, query: Calls) -> SummaryRead:
    """With the period of the same length before, to compare."""
    return await AnalyticsService().summary(ctx, query)


@router.get("/series", summary="Calls over time", responses=problems())
async def get_analytics_series(
    ctx: Ctx,
    query: Calls,
    interval: Annotated[Interval | None, Query(description="Fits the period if left out")] = None,
) -> SeriesRead:
    """Points without gaps, oldest first."""
    return await AnalyticsService().series(ctx, query, interval=interval)


@router.get("/breakdown", summary="Calls by something", responses=problems())
async def get_analytics_breakdown(
    ctx: Ctx,
    query: Calls,
    by: Annotated[BreakdownBy, Query()],
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> BreakdownRead:
    """Most calls first."""
    return await AnalyticsService().breakdown(ctx, query, by=by, limit=limit)


ACCESS = {
    "get_analytics_summary": SIGNED_IN,
    "get_analytics_series": SIGNED_IN,
    "get_analytics_breakdown": SIGNED_IN,
}
