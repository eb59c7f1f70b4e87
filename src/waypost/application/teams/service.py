"""Teams: made by administrators, run by their owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select

from waypost.application import access
from waypost.application.context import Context
from waypost.application.revisions import bump, check_revision
from waypost.application.teams.errors import SlugTaken, TeamNotFound, TeamOwnsThings
from waypost.application.teams.schemas import OrganisationRef, TeamCreate, TeamRead, TeamUpdate
from waypost.information.models import EntityRow, OrganisationRow, TeamRow
from waypost.information.repos.entities import EntityRepo, TeamWithEntity
from waypost.information.repos.paging import paginate
from waypost.kit.errors import FieldError, Invalid, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

_VERBS = {
    "update": "teams:write",
    "manage_members": "teams:write",
    "create_api": "catalog:write",
    "create_app": "apps:write",
}


class TeamsService:
    """Teams as their members and administrators see them."""

    async def find(self, ctx: Context, *, page: PageRequest, q: str = "", organisation_id: str = "") -> Page[TeamRead]:
        """The caller's teams; all of them for administrators and auditors."""
        access.require_user(ctx)
        repo = EntityRepo(ctx.session)
        query = repo.teams().where(access.owned_by(ctx.principal, TeamRow.id, "teams:read"))
        if q:
            query = query.where(
                or_(EntityRow.name.icontains(q, autoescape=True), EntityRow.slug.icontains(q, autoescape=True))
            )
        if organisation_id:
            query = query.where(TeamRow.organisation_id == organisation_id)
        columns = {"name": EntityRow.name, "created_at": TeamRow.created_at}
        found = await paginate(
            ctx.session, query, page=page, sort_columns=columns, id_column=TeamRow.id, default_sort="name"
        )
        rows = [TeamWithEntity(*row) for row in found.items]
        return Page(await self._read_all(ctx, rows), found.next_cursor)

    async def get(self, ctx: Context, id_or_slug: str) -> TeamRead:
        """One team by id or slug."""
        found = await find_team(ctx, id_or_slug, "teams:read")
        return (await self._read_all(ctx, [found]))[0]

    async def create(self, ctx: Context, new: TeamCreate) -> TeamRead:
        """A team without members; administrators add its first owner. Raises SlugTaken."""
        access.require(ctx, "teams:create")
        repo, now, team_id = EntityRepo(ctx.session), ctx.clock.now(), new_id("team")
        organisation = await self._organisation(ctx, new.organisation_id)
        if new.slug and await repo.by_slug(new.slug):
            raise SlugTaken
        entity = await repo.add(team_id, kind="team", name=new.name, now=now, slug=new.slug or "")
        row = TeamRow(
            id=team_id,
            organisation_id=organisation.id,
            description=new.description,
            created_at=now,
            updated_at=now,
        )
        ctx.session.add(row)
        await _record(ctx, "team.created", team_id, {"name": new.name, "slug": entity.slug})
        return (await self._read_all(ctx, [TeamWithEntity(row, entity, organisation)]))[0]

    async def update(self, ctx: Context, id_or_slug: str, change: TeamUpdate, *, revision: int) -> TeamRead:
        """Raises SlugTaken."""
        found = await find_team(ctx, id_or_slug, "teams:write")
        check_revision(found.team, revision)
        if change.slug and change.slug != found.entity.slug:
            if await EntityRepo(ctx.session).by_slug(change.slug):
                raise SlugTaken
            found.entity.slug = change.slug
        found.entity.name = change.name or found.entity.name
        if change.description is not None:
            found.team.description = change.description
        bump(ctx, found.team)
        await _record(ctx, "team.updated", found.team.id, change.model_dump(exclude_none=True))
        return (await self._read_all(ctx, [found]))[0]

    async def delete(self, ctx: Context, id_or_slug: str, *, revision: int) -> None:
        """Only what owns nothing any more. By administrators."""
        found = await find_team(ctx, id_or_slug, "teams:write")
        access.require(ctx, "teams:create")
        check_revision(found.team, revision)
        if await EntityRepo(ctx.session).owns_anything(found.team.id):
            raise TeamOwnsThings
        await _record(ctx, "team.deleted", found.team.id, {"name": found.entity.name, "slug": found.entity.slug})
        await ctx.session.delete(found.team)
        await ctx.session.flush()
        await ctx.session.delete(found.entity)

    async def _organisation(self, ctx: Context, organisation_id: str | None) -> OrganisationRow:
        query = select(OrganisationRow).order_by(OrganisationRow.id).limit(1)
        if organisation_id:
            query = query.where(OrganisationRow.id == organisation_id)
        row = (await ctx.session.execute(query)).scalar_one_or_none()
        if row is None:
            message = "There is no such organisation."
            raise Invalid(message, errors=[FieldError("/organisation_id", message)])
        return row

    async def _read_all(self, ctx: Context, rows: Sequence[TeamWithEntity]) -> list[TeamRead]:
        counts = await EntityRepo(ctx.session).members_count([row.team.id for row in rows])
        return [_read(ctx, row, counts.get(row.team.id, 0)) for row in rows]


async def find_team(ctx: Context, id_or_slug: str, permission: str) -> TeamWithEntity:
    """The team, if the caller holds ``permission`` in it; TeamNotFound for outsiders."""
    access.require_signed_in(ctx)
    found = await EntityRepo(ctx.session).team(id_or_slug)
    if found is None:
        raise TeamNotFound
    try:
        access.require(ctx, permission, owner_id=found.team.id)
    except NotFound as error:
        raise TeamNotFound from error
    return found


def _read(ctx: Context, row: TeamWithEntity, members: int) -> TeamRead:
    team, entity, organisation = row
    may = access.may(ctx, team.id, _VERBS)
    if access.can(ctx, "teams:create"):
        may.append("delete")
    return TeamRead(
        id=team.id,
        slug=entity.slug,
        name=entity.name,
        organisation=OrganisationRef(id=organisation.id, slug=organisation.slug, name=organisation.name),
        description=team.description,
        demo=bool(team.demo),
        members_count=members,
        role=ctx.principal.memberships.get(team.id),
        created_at=team.created_at,
        updated_at=team.updated_at,
        revision=team.revision or 1,
        may=may,
    )


async def _record(ctx: Context, kind: str, team_id: str, data: Mapping[str, object]) -> None:
    await ctx.uow.record(kind, object_kind="team", object_id=team_id, owner_id=team_id, data=data)
