"""People: made, changed, disabled and deleted by administrators; first administrator and one-time links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from waypost.application import access
from waypost.application.accounts.errors import EmailTaken, LastAdministrator, OwnsThings, ScopeTooWide
from waypost.application.accounts.schemas import OneTimeLogin, UserCreate, UserCreated, UserRead, UserUpdate
from waypost.application.context import Context
from waypost.application.revisions import bump, check_revision
from waypost.information.models import AccessTokenRow, EntityRow, OneTimeLoginRow, UserRow
from waypost.information.repos.accounts import AccountRepo, UserWithEntity
from waypost.information.repos.entities import EntityRepo
from waypost.information.repos.paging import paginate
from waypost.kit.crypto import Secret, random_token, sha256_hex
from waypost.kit.errors import Conflict, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

ONE_TIME_LIFE = timedelta(hours=24)
_ANOTHER_WAY = "Do this in the portal, or with an access token that has every scope."
_VERBS = {"update": "users:write", "delete": "users:write", "one_time_login": "users:write"}


class AccountsService:
    """The administrator's view of people."""

    async def find(self, ctx: Context, *, page: PageRequest, q: str = "", hub_role: str = "") -> Page[UserRead]:
        """People by e-mail; ``q`` is part of name or e-mail."""
        access.require(ctx, "users:read")
        query = AccountRepo(ctx.session).users()
        if q:
            query = query.where(
                or_(UserRow.email.icontains(q, autoescape=True), EntityRow.name.icontains(q, autoescape=True))
            )
        if hub_role:
            query = query.where(UserRow.hub_role == hub_role)
        columns = {"email": UserRow.email, "name": EntityRow.name, "created_at": UserRow.created_at}
        found = await paginate(
            ctx.session, query, page=page, sort_columns=columns, id_column=UserRow.id, default_sort="email"
        )
        return Page([read_user(ctx, UserWithEntity(*row)) for row in found.items], found.next_cursor)

    async def get(self, ctx: Context, user_id: str) -> UserRead:
        """One person: oneself, or anybody for who may read people."""
        return read_user(ctx, await self._find(ctx, user_id, "users:read"))

    async def create(self, ctx: Context, new: UserCreate) -> UserCreated:
        """A person and the link with which they sign in first."""
        access.require(ctx, "users:write")
        if new.hub_role != "member":
            _require_every_scope(ctx)
        found = await add_user(ctx, email=new.email, name=new.name, hub_role=new.hub_role)
        link = await self._link(ctx, found.user.id)
        return UserCreated(user=read_user(ctx, found), **link.model_dump())

    async def update(self, ctx: Context, user_id: str, change: UserUpdate, *, revision: int) -> UserRead:
        """Another state ends every way in from before, for good. Raises EmailTaken, LastAdministrator."""
        found = await self._find(ctx, user_id, "users:write")
        if change.hub_role not in (None, "member", found.user.hub_role):
            _require_every_scope(ctx)
        check_revision(found.user, revision)
        if change.hub_role not in (None, "administrator") or change.state == "disabled":
            await _keep_an_administrator(ctx, found.user)
        repo, before = AccountRepo(ctx.session), (found.user.hub_role, found.user.state)
        await apply_profile(ctx, found, name=change.name, email=change.email)
        found.user.hub_role = change.hub_role or found.user.hub_role
        found.user.state = change.state or found.user.state
        data: dict[str, object] = {"changed": sorted(change.model_dump(exclude_unset=True))}
        data["hub_role"] = found.user.hub_role
        if found.user.state != before[1]:
            data["ended"] = await repo.end(user_id)
        elif found.user.hub_role != before[0]:
            await repo.end_sessions(user_id)
        bump(ctx, found.user)
        await record(ctx, "user.updated", user_id, data)
        return read_user(ctx, found)

    async def delete(self, ctx: Context, user_id: str, *, revision: int) -> None:
        """Raises OwnsThings, LastAdministrator, and Conflict for the last owner of a team."""
        found = await self._find(ctx, user_id, "users:write")
        check_revision(found.user, revision)
        await _keep_an_administrator(ctx, found.user)
        entities = EntityRepo(ctx.session)
        if await entities.owns_anything(user_id):
            raise OwnsThings
        alone = await entities.teams_owned_alone(user_id)
        if alone:
            raise Conflict(f"They are the only owner of {alone[0]}.", hint="Give that team another owner first.")
        await record(ctx, "user.deleted", user_id, {"email_sha256": sha256_hex(found.user.email)})
        await ctx.session.delete(found.user)
        await ctx.session.flush()
        await ctx.session.delete(found.entity)

    async def make_one_time_login(self, ctx: Context, user_id: str) -> OneTimeLogin:
        """A fresh link; links made before no longer work."""
        found = await self._find(ctx, user_id, "users:write")
        _require_every_scope(ctx)
        return await self._link(ctx, found.user.id)

    async def one_time_login(self, ctx: Context, user_id: str) -> str:
        """The same for the hub itself: only the address."""
        return (await self._link(ctx, user_id)).one_time_login_url

    async def first_administrator(self, ctx: Context, *, email: str) -> UserRow:
        """The administrator with this e-mail, or any, or a new one. For the hub itself."""
        repo = AccountRepo(ctx.session)
        found = await repo.user_by_email(email)
        if found and found.user.hub_role == "administrator" and found.user.state == "active":
            return found.user
        ids = await repo.lock_administrators()
        if ids:
            return await ctx.session.get_one(UserRow, ids[0])
        if found:
            if found.user.state != "active":
                await repo.end(found.user.id)
            found.user.hub_role, found.user.state = "administrator", "active"
            bump(ctx, found.user)
            return found.user
        made = await add_user(ctx, email=email.lower(), name="Administrator", hub_role="administrator")
        return made.user

    async def issue_token(
        self, ctx: Context, user_id: str, *, name: str, scopes: list[str], expires_at: datetime | None
    ) -> Secret:
        """An access token for the hub itself to hand on; expired ones of the same name go."""
        now = ctx.clock.now()
        stale = (AccessTokenRow.user_id == user_id, AccessTokenRow.name == name, AccessTokenRow.expires_at < now)
        await ctx.session.execute(delete(AccessTokenRow).where(*stale))
        _, value = await add_token(ctx, user_id, name=name, scopes=scopes, expires_at=expires_at)
        return value

    async def _find(self, ctx: Context, user_id: str, permission: str) -> UserWithEntity:
        if user_id == ctx.principal.id and permission == "users:read":
            access.require(ctx, "account:read", owner_id=user_id)
        else:
            access.require(ctx, permission, owner_id=user_id)
        found = await AccountRepo(ctx.session).user(user_id)
        if found is None:
            raise NotFound
        return found

    async def _link(self, ctx: Context, user_id: str) -> OneTimeLogin:
        now = ctx.clock.now()
        await ctx.session.execute(delete(OneTimeLoginRow).where(OneTimeLoginRow.user_id == user_id))
        token = random_token("otl")
        row = OneTimeLoginRow(
            id=new_id("otl"),
            user_id=user_id,
            token_hash=sha256_hex(token),
            created_at=now,
            expires_at=now + ONE_TIME_LIFE,
        )
        ctx.session.add(row)
        await record(ctx, "user.one_time_login_made", user_id, {})
        url = f"{ctx.parts.public_url}/login?token={token}"
        return OneTimeLogin(one_time_login_url=url, expires_at=row.expires_at)


def read_user(ctx: Context, found: UserWithEntity) -> UserRead:
    """The schema of a person."""
    user, entity = found
    return UserRead(
        id=user.id,
        email=user.email,
        name=entity.name,
        slug=entity.slug,
        hub_role=user.hub_role,
        state=user.state,
        has_password=bool(user.password_hash),
        last_login_at=user.last_login_at,
        demo=user.demo,
        created_at=user.created_at,
        updated_at=user.updated_at,
        revision=user.revision,
        may=access.may(ctx, None, _VERBS),
    )


async def add_user(ctx: Context, *, email: str, name: str, hub_role: str) -> UserWithEntity:
    """A person and the entity that they own things as. EmailTaken when the e-mail has an account."""
    if await AccountRepo(ctx.session).user_by_email(email):
        raise EmailTaken
    now, user_id = ctx.clock.now(), new_id("usr")
    entity = await EntityRepo(ctx.session).add(user_id, kind="user", name=name, now=now)
    user = UserRow(id=user_id, email=email, hub_role=hub_role, created_at=now, updated_at=now)
    ctx.session.add(user)
    await record(ctx, "user.created", user_id, {"hub_role": hub_role})
    return UserWithEntity(user, entity)


async def apply_profile(ctx: Context, found: UserWithEntity, *, name: str | None, email: str | None) -> None:
    """Change name and e-mail where given. Raises EmailTaken."""
    if email is not None and email != found.user.email:
        if await AccountRepo(ctx.session).user_by_email(email):
            raise EmailTaken
        found.user.email = email
    if name is not None:
        found.entity.name = name


async def add_token(
    ctx: Context,
    user_id: str,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    made_with: str | None = None,
) -> tuple[AccessTokenRow, Secret]:
    """A personal access token; only its hash is kept. It ends with the token ``made_with``."""
    value = random_token("pat")
    row = AccessTokenRow(
        id=new_id("tok"),
        user_id=user_id,
        name=name,
        prefix=value[:10],
        token_hash=sha256_hex(value),
        scopes=sorted(set(scopes)),
        made_with=made_with,
        created_at=ctx.clock.now(),
        expires_at=expires_at,
    )
    ctx.session.add(row)
    data = {"name": name, "scopes": row.scopes, "prefix": row.prefix}
    await ctx.uow.record(
        "access_token.created", object_kind="access_token", object_id=row.id, owner_id=user_id, data=data
    )
    return row, Secret(value)


async def _keep_an_administrator(ctx: Context, user: UserRow) -> None:
    if user.hub_role != "administrator" or user.state != "active":
        return
    if await AccountRepo(ctx.session).lock_administrators() == [user.id]:
        raise LastAdministrator


async def record(ctx: Context, kind: str, user_id: str, data: Mapping[str, object]) -> None:
    """The event of what happened to a person, who owns it."""
    await ctx.uow.record(kind, object_kind="user", object_id=user_id, owner_id=user_id, data=data)


def _require_every_scope(ctx: Context) -> None:
    """ScopeTooWide for a limited access token: the account that it would hand on can do more than the token."""
    held = ctx.principal.scopes
    if held is not None and not held >= frozenset(access.SCOPES):
        raise ScopeTooWide("An access token with limited scopes cannot hand on an account.", hint=_ANOTHER_WAY)
