"""Organisations: companies or departments that have teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from waypost.application import access
from waypost.application.context import Context
from waypost.application.revisions import bump, check_revision
from waypost.application.teams.errors import SlugTaken
from waypost.application.teams.schemas import OrganisationCreate, OrganisationRead, OrganisationUpdate
from waypost.information.models import OrganisationRow, TeamRow
from waypost.information.repos.entities import EntityRepo
from waypost.information.repos.paging import paginate
from waypost.kit.errors import NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest
from waypost.kit.text import slugify


class OrganisationsService:
    """Read by who belongs to one of its teams, changed by administrators."""

    async def find(self, ctx: Context, *, page: PageRequest) -> Page[OrganisationRead]:
        """Organisations of the caller's teams; all of them for administrators and auditors."""
        access.require_user(ctx)
        mine = select(TeamRow.organisation_id).where(access.owned_by(ctx.principal, TeamRow.id, "teams:read"))
        query = select(OrganisationRow)
        if not access.sees_all(ctx.principal, "teams:read"):
            query = query.where(OrganisationRow.id.in_(mine))
        columns = {"name": OrganisationRow.name, "created_at": OrganisationRow.created_at}
        found = await paginate(
            ctx.session, query, page=page, sort_columns=columns, id_column=OrganisationRow.id, default_sort="name"
        )
        return Page(await _read_all(ctx, found.items), found.next_cursor)

    async def get(self, ctx: Context, organisation_id: str) -> OrganisationRead:
        """One organisation; NotFound for who has no team in it."""
        access.require_signed_in(ctx)
        row = await _find(ctx, organisation_id)
        teams = select(TeamRow.id).where(TeamRow.organisation_id == row.id)
        own = teams.where(access.owned_by(ctx.principal, TeamRow.id, "teams:read")).limit(1)
        sees = access.sees_all(ctx.principal, "teams:read")
        if not sees and (await ctx.session.execute(own)).first() is None:
            raise NotFound
        return (await _read_all(ctx, [row]))[0]

    async def create(self, ctx: Context, new: OrganisationCreate) -> OrganisationRead:
        """Raises SlugTaken."""
        access.require(ctx, "hub:write")
        slug, now = new.slug or slugify(new.name), ctx.clock.now()
        await _check_slug(ctx, slug)
        row = OrganisationRow(id=new_id("org"), slug=slug, name=new.name, created_at=now, updated_at=now)
        ctx.session.add(row)
        await _record(ctx, "organisation.created", row.id, {"name": row.name, "slug": slug})
        return (await _read_all(ctx, [row]))[0]

    async def update(
        self, ctx: Context, organisation_id: str, change: OrganisationUpdate, *, revision: int
    ) -> OrganisationRead:
        """Raises SlugTaken."""
        await self.get(ctx, organisation_id)
        access.require(ctx, "hub:write", visible=True)
        row = await _find(ctx, organisation_id)
        check_revision(row, revision)
        if change.slug and change.slug != row.slug:
            await _check_slug(ctx, change.slug)
            row.slug = change.slug
        row.name = change.name or row.name
        bump(ctx, row)
        await _record(ctx, "organisation.updated", row.id, change.model_dump(exclude_none=True))
        return (await _read_all(ctx, [row]))[0]


async def _find(ctx: Context, organisation_id: str) -> OrganisationRow:
    row = await ctx.session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound
    return row


async def _check_slug(ctx: Context, slug: str) -> None:
    if await EntityRepo(ctx.session).one(OrganisationRow, OrganisationRow.slug == slug):
        raise SlugTaken


async def _read_all(ctx: Context, rows: Sequence[OrganisationRow]) -> list[OrganisationRead]:
    query = select(TeamRow.organisation_id, func.count()).group_by(TeamRow.organisation_id)
    counts = {row[0]: row[1] for row in await ctx.session.execute(query)}
    return [
        OrganisationRead(
            id=row.id,
            slug=row.slug,
            name=row.name,
            teams_count=counts.get(row.id, 0),
            created_at=row.created_at,
            updated_at=row.updated_at,
            revision=row.revision or 1,
            may=access.may(ctx, None, {"update": "hub:write"}),
        )
        for row in rows
    ]


async def _record(ctx: Context, kind: str, organisation_id: str, data: Mapping[str, object]) -> None:
    await ctx.uow.record(kind, object_kind="organisation", object_id=organisation_id, data=data)
