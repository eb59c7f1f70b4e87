"""What happened."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from waypost.application.audit.schemas import ChainRead, EventRead
from waypost.application.audit.service import AuditService, EventFilter
from waypost.interaction.api.access_matrix import ADMIN, Access, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/events", tags=["events"])
_Id = Annotated[str, Query(max_length=80)]


@router.get("", summary="List events", responses=problems(401, 403))
async def list_events(
    ctx: Ctx,
    page: Paging,
    kind: Annotated[str, Query(max_length=60, description="Such as `api.created`, or `api.*`")] = "",
    object_id: _Id = "",
    actor_id: _Id = "",
    team_id: _Id = "",
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
) -> PageRead[EventRead]:
    """All for administrators and auditors, their teams' for maintainers and owners. The newest first; sort: seq."""
    wanted = EventFilter(kind=kind, object_id=object_id, actor_id=actor_id, team_id=team_id, since=since, until=until)
    return PageRead.of(await AuditService().find(ctx, page=page, wanted=wanted))


@router.get("/verify", summary="Verify the chain of events", responses=problems(401, 403))
async def verify_events(ctx: Ctx) -> ChainRead:
    """Recomputes every hash; for administrators and auditors."""
    return await AuditService().verify(ctx)


ACCESS: Rows = {"list_events": Access(401, 403, "allow", "allow", "allow"), "verify_events": ADMIN}
