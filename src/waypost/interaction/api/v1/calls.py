"""Single calls with their decision ids."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.analytics.schemas import CallRead
from waypost.application.analytics.service import AnalyticsService
from waypost.interaction.api.access_matrix import OWNED, SIGNED_IN
from waypost.interaction.api.calls import Calls
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.paging import PageRead
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/calls", tags=["analytics"])


@router.get("", summary="List calls", responses=problems(400))
async def list_calls(
    ctx: Ctx,
    query: Calls,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before")] = None,
) -> PageRead[CallRead]:
    """Newest first. The caller's address is shown to the API's provider only."""
    return PageRead.of(await AnalyticsService().calls(ctx, query, limit=limit, cursor=cursor))


@router.get("/{decision_id}", summary="Read a call", responses=problems(404))
async def get_call(ctx: Ctx, decision_id: str) -> CallRead:
    """By the id that its caller saw in `x-request-id` and in a refusal's body."""
    return await AnalyticsService().call(ctx, decision_id)


ACCESS = {"list_calls": SIGNED_IN, "get_call": OWNED}
