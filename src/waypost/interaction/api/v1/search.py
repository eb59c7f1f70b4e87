"""Search over APIs and operations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.search.schemas import SearchRead
from waypost.application.search.service import SearchService, read_offset, search_query
from waypost.interaction.api.access_matrix import OPEN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["search"])
Facet = Annotated[str, Query(max_length=100)]


@router.get("/search", summary="Search APIs and operations", responses=problems(400))
async def search(
    ctx: Ctx,
    q: Annotated[str, Query(max_length=500, description="Words; each must match, also as the beginning of one")] = "",
    category: Facet = "",
    tag: Facet = "",
    kind: Facet = "",
    team: Annotated[str, Query(max_length=40, description="The id of the owner")] = "",
    lifecycle: Facet = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> SearchRead:
    """Best first, with facets to narrow by. Without words all APIs by name."""
    query = search_query(
        ctx,
        text=q,
        filters={"category": category, "tag": tag, "kind": kind, "team": team, "lifecycle": lifecycle},
        limit=limit,
        offset=read_offset(cursor),
    )
    return await SearchService().find(ctx, query)


ACCESS = {"search": OPEN}
