"""Who belongs to a team, and as what."""

from __future__ import annotations

from collections.abc import Mapping

from waypost.application.context import Context
from waypost.application.teams.errors import LastOwner
from waypost.application.teams.schemas import MemberRead, MemberUpdate
from waypost.application.teams.service import find_team
from waypost.information.models import EntityRow, MembershipRow, UserRow
from waypost.information.repos.accounts import AccountRepo, UserWithEntity
from waypost.information.repos.entities import EntityRepo
from waypost.information.repos.paging import paginate
from waypost.kit.errors import NotFound
from waypost.kit.paging import Page, PageRequest


class MembersService:
    """Memberships; changed by the team's owners and by administrators."""

    async def find(self, ctx: Context, team_id: str, *, page: PageRequest) -> Page[MemberRead]:
        """Members by name."""
        found = await find_team(ctx, team_id, "teams:read")
        query = EntityRepo(ctx.session).members(found.team.id)
        columns = {"name": EntityRow.name, "email": UserRow.email, "role": MembershipRow.role}
        rows = await paginate(
            ctx.session, query, page=page, sort_columns=columns, id_column=MembershipRow.user_id, default_sort="name"
        )
        return Page([_read(*row) for row in rows.items], rows.next_cursor)

    async def put(self, ctx: Context, team_id: str, user: str, change: MemberUpdate) -> MemberRead:
        """Make somebody (by id or e-mail) a member, or change their role. Raises LastOwner."""
        found = await find_team(ctx, team_id, "teams:write")
        person = await _person(ctx, user)
        row = await ctx.session.get(MembershipRow, (found.team.id, person.user.id))
        if row is not None and row.role == "owner" and change.role != "owner":
            await _keep_an_owner(ctx, found.team.id, row.user_id)
        if row is None:
            row = MembershipRow(team_id=found.team.id, user_id=person.user.id, role=change.role)
            ctx.session.add(row)
        row.role = change.role
        data = {"user_id": row.user_id, "role": row.role}
        await _record(ctx, "team.member_set", found.team.id, data)
        return _read(row, person.user, person.entity)

    async def remove(self, ctx: Context, team_id: str, user: str) -> None:
        """End a membership; people may leave a team by themselves. Raises LastOwner."""
        leaves = user == ctx.principal.id
        found = await find_team(ctx, team_id, "teams:read" if leaves else "teams:write")
        person = await _person(ctx, user)
        row = await ctx.session.get(MembershipRow, (found.team.id, person.user.id))
        if row is None:
            raise NotFound
        if row.role == "owner":
            await _keep_an_owner(ctx, found.team.id, row.user_id)
        await ctx.session.delete(row)
        await _record(ctx, "team.member_removed", found.team.id, {"user_id": row.user_id})


async def _person(ctx: Context, user: str) -> UserWithEntity:
    repo = AccountRepo(ctx.session)
    found = await (repo.user_by_email(user) if "@" in user else repo.user(user))
    if found is None:
        raise NotFound("There is nobody with this id or e-mail.", hint="Ask an administrator to make the account.")
    return found


async def _keep_an_owner(ctx: Context, team_id: str, user_id: str) -> None:
    if await EntityRepo(ctx.session).lock_owners(team_id) == [user_id]:
        raise LastOwner


def _read(row: MembershipRow, user: UserRow, entity: EntityRow) -> MemberRead:
    return MemberRead(user_id=user.id, name=entity.name, email=user.email, role=row.role, state=user.state)


async def _record(ctx: Context, kind: str, team_id: str, data: Mapping[str, object]) -> None:
    await ctx.uow.record(kind, object_kind="team", object_id=team_id, owner_id=team_id, data=data)
