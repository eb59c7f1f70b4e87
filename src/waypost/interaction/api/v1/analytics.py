"""Numbers about calls, within what the caller owns."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.analytics.schemas import BreakdownBy, BreakdownRead, Interval, SeriesRead, SummaryRead
from waypost.application.analytics.service import AnalyticsService
from waypost.interaction.api.access_matrix import SIGNED_IN
from waypost.interaction.api.calls import Calls
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/analytics", tags=["analytics"])


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
