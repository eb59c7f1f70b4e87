"""Organisations: companies or departments that have teams."""

from __future__ import annotations

from waypost.application.teams.organisations import OrganisationsService
from waypost.application.teams.schemas import OrganisationCreate, OrganisationRead, OrganisationUpdate
from waypost.interaction.api.access_matrix import ADMIN, SIGNED_IN, Access, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/organisations", tags=["teams"])


@router.get("", summary="List organisations", responses=problems(401))
async def list_organisations(ctx: Ctx, page: Paging) -> PageRead[OrganisationRead]:
    """Those of your teams; all for administrators and auditors. Sort: name, created_at."""
    return PageRead.of(await OrganisationsService().find(ctx, page=page))


@router.post("", status_code=201, summary="Add an organisation", responses=problems(401, 403, 409, 422))
async def create_organisation(ctx: Ctx, body: OrganisationCreate) -> OrganisationRead:
    """By administrators."""
    return await OrganisationsService().create(ctx, body)


@router.get("/{organisation_id}", summary="Read an organisation", responses=problems(401, 404))
async def read_organisation(ctx: Ctx, organisation_id: str) -> OrganisationRead:
    """One that has a team of yours."""
    return await OrganisationsService().get(ctx, organisation_id)


@router.patch(
    "/{organisation_id}", summary="Change an organisation", responses=problems(401, 403, 404, 409, 412, 422, 428)
)
async def update_organisation(
    ctx: Ctx, organisation_id: str, body: OrganisationUpdate, revision: IfMatch
) -> OrganisationRead:
    """By administrators."""
    return await OrganisationsService().update(ctx, organisation_id, body, revision=revision)


ACCESS: Rows = {
    "list_organisations": SIGNED_IN,
    "create_organisation": ADMIN,
    "read_organisation": Access(401, 404, 404, "allow", "allow"),
    "update_organisation": Access(401, 404, 404, 403, "allow"),
}
