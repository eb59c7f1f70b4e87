"""Teams and who belongs to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from waypost.application.teams.members import MembersService
from waypost.application.teams.schemas import MemberRead, MemberUpdate, TeamCreate, TeamRead, TeamUpdate
from waypost.application.teams.service import TeamsService
from waypost.interaction.api.access_matrix import ADMIN, OWNED, SIGNED_IN, Access, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/teams", tags=["teams"])


@router.get("", summary="List teams", responses=problems(401))
async def list_teams(
    ctx: Ctx,
    page: Paging,
    q: Annotated[str, Query(max_length=200, description="Part of name or slug")] = "",
    organisation_id: Annotated[str, Query(max_length=40)] = "",
) -> PageRead[TeamRead]:
    """Your own; all of them for administrators and auditors. Sort: name, created_at."""
    return PageRead.of(await TeamsService().find(ctx, page=page, q=q, organisation_id=organisation_id))


@router.post("", status_code=201, summary="Make a team", responses=problems(401, 403, 409, 422))
async def create_team(ctx: Ctx, body: TeamCreate) -> TeamRead:
    """It has no members yet: add its first owner next."""
    return await TeamsService().create(ctx, body)


@router.get("/{team_id}", summary="Read a team", responses=problems(401, 404))
async def read_team(ctx: Ctx, team_id: str) -> TeamRead:
    """By id or slug."""
    return await TeamsService().get(ctx, team_id)


@router.patch("/{team_id}", summary="Change a team", responses=problems(401, 403, 404, 409, 412, 422, 428))
async def update_team(ctx: Ctx, team_id: str, body: TeamUpdate, revision: IfMatch) -> TeamRead:
    """By its owners and administrators."""
    return await TeamsService().update(ctx, team_id, body, revision=revision)


@router.delete("/{team_id}", status_code=204, summary="Delete a team", responses=problems(401, 403, 404, 409, 412, 428))
async def delete_team(ctx: Ctx, team_id: str, revision: IfMatch) -> Response:
    """By administrators, once it owns nothing any more."""
    await TeamsService().delete(ctx, team_id, revision=revision)
    return Response(status_code=204)


@router.get("/{team_id}/members", summary="List members", responses=problems(401, 404))
async def list_members(ctx: Ctx, team_id: str, page: Paging) -> PageRead[MemberRead]:
    """Sort: name, email, role."""
    return PageRead.of(await MembersService().find(ctx, team_id, page=page))


@router.put("/{team_id}/members/{user_id}", summary="Set a member's role", responses=problems(401, 403, 404, 409, 422))
async def set_member(ctx: Ctx, team_id: str, user_id: str, body: MemberUpdate) -> MemberRead:
    """Adds the person, by id or e-mail, or changes their role. A team keeps at least one owner."""
    return await MembersService().put(ctx, team_id, user_id, body)


@router.delete(
    "/{team_id}/members/{user_id}", status_code=204, summary="Remove a member", responses=problems(401, 403, 404, 409)
)
async def remove_member(ctx: Ctx, team_id: str, user_id: str) -> Response:
    """By the team's owners; members may leave by themselves."""
    await MembersService().remove(ctx, team_id, user_id)
    return Response(status_code=204)


ACCESS: Rows = {
    "list_teams": SIGNED_IN,
    "create_team": ADMIN,
    "read_team": OWNED,
    "update_team": OWNED,
    "delete_team": Access(401, 404, 404, 403, "allow"),
    "list_members": OWNED,
    "set_member": OWNED,
    "remove_member": OWNED,
}
