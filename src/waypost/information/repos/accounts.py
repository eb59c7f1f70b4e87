"""People, sessions, access tokens, one-time logins and failed attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import (
    AccessTokenRow,
    EntityRow,
    LoginAttemptRow,
    MembershipRow,
    OneTimeLoginRow,
    SessionRow,
    UserRow,
)

# Asked at every request: built once, of tables, for reading plain rows through mapped classes costs half as much again.
_TOKEN, _USER, _ENTITY, _MEMBERSHIP = (row.__table__ for row in (AccessTokenRow, UserRow, EntityRow, MembershipRow))
_PRESENTED = select(_TOKEN.c.id, _TOKEN.c.user_id, _TOKEN.c.scopes, _TOKEN.c.expires_at, _TOKEN.c.last_used_at).where(
    _TOKEN.c.token_hash == bindparam("token_hash")
)
_ACTING = (
    select(_ENTITY.c.name, _USER.c.hub_role, _MEMBERSHIP.c.team_id, _MEMBERSHIP.c.role)
    .select_from(
        _USER.join(_ENTITY, _ENTITY.c.id == _USER.c.id).join(
            _MEMBERSHIP, _MEMBERSHIP.c.user_id == _USER.c.id, isouter=True
        )
    )
    .where(_USER.c.id == bindparam("user_id"), _USER.c.state == "active")
)

WAYS_IN: Mapping[str, type[SessionRow | AccessTokenRow | OneTimeLoginRow]] = {
    "sessions": SessionRow,
    "tokens": AccessTokenRow,
    "one_time_logins": OneTimeLoginRow,
}
"""What a person comes in by without a password."""


class UserWithEntity(NamedTuple):
    """A person's row and the entity that carries name and slug."""

    user: UserRow
    entity: EntityRow


class AccountRepo:
    """Reads and finds; adding goes through the session."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def users(self) -> Select[UserRow, EntityRow]:
        """People with their entities, unordered."""
        return select(UserRow, EntityRow).join(EntityRow, EntityRow.id == UserRow.id)

    async def user(self, user_id: str) -> UserWithEntity | None:
        """One person by id."""
        return await self._one_user(UserRow.id == user_id)

    async def user_by_email(self, email: str) -> UserWithEntity | None:
        """One person by e-mail, which is kept in lower case."""
        return await self._one_user(UserRow.email == email.lower())

    async def _one_user(self, where: Any) -> UserWithEntity | None:
        row = (await self.session.execute(self.users().where(where))).one_or_none()
        return UserWithEntity(row[0], row[1]) if row else None

    async def names(self, user_ids: Sequence[str]) -> dict[str, str]:
        """Entity id -> name for those that exist."""
        if not user_ids:
            return {}
        query = select(EntityRow.id, EntityRow.name).where(EntityRow.id.in_(set(user_ids)))
        return {row.id: row.name for row in await self.session.execute(query)}

    async def acting(self, user_id: str) -> Sequence[Any]:
        """An active person as who asks: a row (name, hub_role, team_id, role) for each team, one without for none."""
        return (await self.session.execute(_ACTING, {"user_id": user_id})).all()

    async def lock_administrators(self) -> list[str]:
        """Ids of the active administrators, oldest first, locked against each other's changes."""
        query = (
            select(UserRow.id)
            .where(UserRow.hub_role == "administrator", UserRow.state == "active")
            .order_by(UserRow.id)
            .with_for_update()
        )
        return list((await self.session.execute(query)).scalars())

    async def session_by_hash(self, token_hash: str, *, lock: bool = False) -> SessionRow | None:
        """The session whose present or previous cookie has this hash."""
        query = select(SessionRow).where(
            or_(SessionRow.token_hash == token_hash, SessionRow.previous_hash == token_hash)
        )
        query = query.with_for_update() if lock else query
        return (await self.session.execute(query)).scalar_one_or_none()

    async def sessions_of(self, user_id: str) -> Sequence[SessionRow]:
        """A person's sessions, the newest first."""
        query = select(SessionRow).where(SessionRow.user_id == user_id).order_by(SessionRow.id.desc())
        return (await self.session.execute(query)).scalars().all()

    async def end_sessions(self, user_id: str, *, keep: str = "") -> None:
        """Delete a person's sessions but ``keep``."""
        await self.session.execute(delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.id != keep))

    async def access_token_by_hash(self, token_hash: str) -> AccessTokenRow | None:
        """One access token by its hash."""
        query = select(AccessTokenRow).where(AccessTokenRow.token_hash == token_hash)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def presented(self, token_hash: str) -> Any | None:
        """(id, user_id, scopes, expires_at, last_used_at) of the access token with this hash."""
        return (await self.session.execute(_PRESENTED, {"token_hash": token_hash})).one_or_none()

    def access_tokens_of(self, user_id: str) -> Select[AccessTokenRow]:
        """A person's access tokens, unordered."""
        return select(AccessTokenRow).where(AccessTokenRow.user_id == user_id)

    async def access_token(self, token_id: str) -> AccessTokenRow | None:
        """One access token by id, locked: none is made with it while it is revoked."""
        query = select(AccessTokenRow).where(AccessTokenRow.id == token_id).with_for_update()
        return (await self.session.execute(query)).scalar_one_or_none()

    async def tokens_made_with(self, token_id: str) -> int:
        """How many access tokens end with this one: those made with it, and with those."""
        made = select(AccessTokenRow.id).where(AccessTokenRow.made_with == token_id).cte(recursive=True)
        made = made.union(select(AccessTokenRow.id).where(AccessTokenRow.made_with == made.c.id))
        return await self.session.scalar(select(func.count()).select_from(made)) or 0

    async def end(self, user_id: str, ways: Collection[str] = WAYS_IN.keys()) -> dict[str, int]:
        """Delete these ways in that a person was given (all: ``WAYS_IN``); how many of each."""
        ended: dict[str, int] = {}
        for name in ways:
            mine = WAYS_IN[name].user_id == user_id
            ended[name] = await self.session.scalar(select(func.count()).select_from(WAYS_IN[name]).where(mine)) or 0
            await self.session.execute(delete(WAYS_IN[name]).where(mine))
        return ended

    async def one_time_login(self, token_hash: str, *, lock: bool = False) -> OneTimeLoginRow | None:
        """A one-time login by its hash; locked where it is spent, so that it works once."""
        query = select(OneTimeLoginRow).where(OneTimeLoginRow.token_hash == token_hash)
        query = query.with_for_update() if lock else query
        return (await self.session.execute(query)).scalar_one_or_none()

    async def add_missing_attempts(self, subjects: Sequence[str], now: datetime) -> None:
        """Give each subject a row with no failures unless it has one, also when two do so at once."""
        dialect = self.session.get_bind().dialect.name
        make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
        rows = [{"subject": subject, "failures": 0, "first_at": now} for subject in sorted(subjects)]
        await self.session.execute(make(LoginAttemptRow).values(rows).on_conflict_do_nothing())

    async def attempts(self, subjects: Sequence[str]) -> Sequence[LoginAttemptRow]:
        """Failed attempts of these subjects, locked in a fixed order."""
        query = select(LoginAttemptRow).where(LoginAttemptRow.subject.in_(subjects))
        query = query.order_by(LoginAttemptRow.subject).with_for_update()
        return (await self.session.execute(query)).scalars().all()
