"""Grants in the store: what there should be, what there is, and what changed since a revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import CredentialState, DeploymentState, GrantState, SubscriptionState
from waypost.information.models import CredentialRow, DeploymentRow, GrantRow, SubscriptionRow

SERVING = (
    DeploymentState.PENDING,
    DeploymentState.LIVE,
    DeploymentState.QUARANTINED,
    DeploymentState.WITHDRAWING,
)
"""States of a deployment in which its gateway needs grants; they go when the withdrawal is proven, not before."""

WORKING = (CredentialState.ACTIVE, CredentialState.ROTATING)
_GRANTS: Table = GrantRow.metadata.tables["grants"]
_CHUNK = 2000
_TRAVELLING = (
    "id",
    "api_id",
    "subscription_id",
    "app_id",
    "credential_id",
    "plan_version_id",
    "state",
    "window",
    "window_ends_at",
    "expires_at",
    "revision",
)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Some subscriptions with some credentials of theirs, in their order; ``last`` is where the next ones begin."""

    subscriptions: tuple[str, ...]
    credentials: tuple[str, ...]
    last: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantScope:
    """Which grants are looked at; every given field narrows it. At least one must be given."""

    subscription_id: str | None = None
    app_id: str | None = None
    credential_id: str | None = None
    api_id: str | None = None
    gateway_id: str | None = None
    among: Pairs | None = None

    @property
    def wide(self) -> bool:
        """Whether it may hold as many grants as an API has."""
        return not (self.subscription_id or self.app_id or self.credential_id or self.among)

    def __post_init__(self) -> None:
        if not any((self.subscription_id, self.app_id, self.credential_id, self.api_id, self.gateway_id)):
            raise ValueError("a grant scope must name something")


_DUE = (
    select(_GRANTS.c.subscription_id)
    .where(_GRANTS.c.window_ends_at.is_not(None), _GRANTS.c.window_ends_at <= bindparam("now"))
    .distinct()
)


class GrantRepo:
    """Reads and bulk writes of the table ``grants``."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def desired(self, scope: GrantScope, *, now: datetime) -> Sequence[Any]:
        """Rows (subscription_id, app_id, api_id, plan_version_id, credential_id, expires_at, gateway_id) wanted now."""
        rows: Sequence[Any] = (await self.session.execute(_desired(scope, now))).all()
        return rows

    async def existing(self, scope: GrantScope) -> Sequence[Any]:
        """Every grant in ``scope``, revoked ones too, as plain rows of the table."""
        columns = _GRANTS.c
        wanted = (
            (columns.subscription_id, scope.subscription_id),
            (columns.app_id, scope.app_id),
            (columns.credential_id, scope.credential_id),
            (columns.api_id, scope.api_id),
            (columns.gateway_id, scope.gateway_id),
        )
        where = [column == value for column, value in wanted if value is not None]
        where += _among(scope, columns.subscription_id, columns.credential_id)
        return (await self.session.execute(select(_GRANTS).where(*where))).all()

    async def pairs(self, api_id: str, *, after: tuple[str, str], limit: int) -> Pairs | None:
        """The next ones that an API's grants may be made of; those that have ended too, for grants that have to go."""
        subscription, credential = SubscriptionRow.__table__.c, CredentialRow.__table__.c
        statement = (
            select(subscription.id, credential.id)
            .join_from(SubscriptionRow, CredentialRow, credential.app_id == subscription.app_id)
            .where(subscription.api_id == api_id, subscription.id >= after[0])
            .where(or_(subscription.id > after[0], credential.id > after[1]))
            .order_by(subscription.id, credential.id)
            .limit(limit)
        )
        rows = (await self.session.execute(statement)).all()
        if not rows:
            return None
        subscriptions, credentials = (tuple(dict.fromkeys(ids)) for ids in zip(*rows, strict=True))
        return Pairs(subscriptions, credentials, (rows[-1][0], rows[-1][1]))

    async def more_than(self, scope: GrantScope, number: int, *, now: datetime) -> bool:
        """Whether more than ``number`` grants are or should be in ``scope``."""
        where = [_GRANTS.c.api_id == scope.api_id] if scope.api_id else []
        where += [_GRANTS.c.gateway_id == scope.gateway_id] if scope.gateway_id else []
        for found in (_desired(scope, now), select(_GRANTS.c.id).where(*where)):
            some = found.limit(number + 1).subquery()
            if int(await self.session.scalar(select(func.count()).select_from(some)) or 0) > number:
                return True
        return False

    async def insert(self, rows: list[dict[str, Any]]) -> None:
        """Add grants in bulk."""
        for start in range(0, len(rows), _CHUNK):
            await self.session.execute(insert(_GRANTS), rows[start : start + _CHUNK])

    async def update(self, rows: list[dict[str, Any]]) -> None:
        """Change grants in bulk; each dict has ``id`` and the same set of columns."""
        if not rows:
            return
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
        statement = update(_GRANTS).where(_GRANTS.c.id == bindparam("grant_id")).values(**changed)
        values = [{"grant_id" if name == "id" else f"new_{name}": value for name, value in row.items()} for row in rows]
        connection = await self.session.connection()
        for start in range(0, len(values), _CHUNK):
            await connection.execute(statement, values[start : start + _CHUNK])

    async def revoke(self, ids: list[str], *, revision: int, now: datetime) -> None:
        """Turn grants into tombstones."""
        values = {"state": GrantState.REVOKED, "revision": revision, "updated_at": now, "window": None}
        await self.update([{"id": grant_id, **values, "window_ends_at": None} for grant_id in ids])

    async def touch(self, credential_ids: list[str], *, revision: int, now: datetime) -> None:
        """Have gateways take these credentials' grants again: their value is another one."""
        await self.session.flush()
        await self.session.execute(
            update(_GRANTS)
            .where(_GRANTS.c.credential_id.in_(credential_ids), _GRANTS.c.state != GrantState.REVOKED)
            .values(revision=revision, updated_at=now)
        )

    async def acknowledge(self, gateway_id: str, *, revision: int, now: datetime, limit: int) -> bool:
        """Grants up to ``revision`` are in force on this gateway: pending becomes live. True where more wait."""
        columns = _GRANTS.c
        waiting = (
            select(columns.id)
            .where(columns.gateway_id == gateway_id, columns.state == GrantState.PENDING, columns.revision <= revision)
            .limit(limit)
        )
        settled = update(_GRANTS).where(columns.id.in_(waiting)).values(state=GrantState.LIVE, updated_at=now)
        return int(getattr(await self.session.execute(settled), "rowcount", 0)) == limit

    async def changes(
        self, gateway_id: str, *, after: tuple[int, str], upto: int, limit: int, removed: bool = True
    ) -> Sequence[Any]:
        """Grants of a gateway after ``(revision, id)`` up to ``upto`` in that order, with the credential's key."""
        values = {"gateway_id": gateway_id, "revision": after[0], "id": after[1], "upto": upto, "limit": limit}
        rows: Sequence[Any] = (await self.session.execute(_changes(removed), values)).all()
        return rows

    async def newest_revision(self, gateway_id: str) -> int:
        """The revision of the newest change on this gateway; 0 when there was none."""
        found = await self.session.scalar(
            select(func.max(_GRANTS.c.revision)).where(_GRANTS.c.gateway_id == gateway_id)
        )
        return int(found or 0)

    async def any_open(self, subscription_id: str) -> bool:
        """Whether a gateway still lets calls of this subscription through."""
        open_states = (GrantState.PENDING, GrantState.LIVE)
        columns = _GRANTS.c
        statement = select(columns.id).where(columns.subscription_id == subscription_id, columns.state.in_(open_states))
        return (await self.session.execute(statement.limit(1))).first() is not None

    async def due_subscriptions(self, now: datetime) -> Sequence[str]:
        """Subscriptions with grants whose quota window has ended."""
        return (await self.session.scalars(_DUE, {"now": now})).all()

    async def forget_tombstones(self, *, before_revision: int, limit: int) -> int:
        """Delete at most ``limit`` tombstones older than ``before_revision``; how many."""
        columns = _GRANTS.c
        old = select(columns.id).where(columns.state == GrantState.REVOKED, columns.revision < before_revision)
        result = await self.session.execute(delete(_GRANTS).where(columns.id.in_(old.limit(limit))))
        return int(getattr(result, "rowcount", 0))


@cache
def _changes(removed: bool) -> Select[Any]:
    columns, credential = _GRANTS.c, CredentialRow.__table__
    later = tuple_(columns.revision, columns.id) > tuple_(bindparam("revision"), bindparam("id"))
    statement = (
        select(*(columns[name] for name in _TRAVELLING))
        .add_columns(credential.c.kind, credential.c.key_sha256, credential.c.sealed)
        .select_from(_GRANTS.join(credential, credential.c.id == columns.credential_id, isouter=True))
        .where(columns.gateway_id == bindparam("gateway_id"), columns.revision <= bindparam("upto"), later)
        .order_by(columns.revision, columns.id)
        .limit(bindparam("limit", type_=Integer))
    )
    return statement if removed else statement.where(columns.state != GrantState.REVOKED)


def _desired(scope: GrantScope, now: datetime) -> Select[Any]:
    serving = (
        select(DeploymentRow.api_id, DeploymentRow.gateway_id)
        .where(DeploymentRow.state.in_(SERVING))
        .distinct()
        .subquery("serving")
    )
    wanted: tuple[tuple[ColumnElement[Any], str | None], ...] = (
        (SubscriptionRow.__table__.c.id, scope.subscription_id),
        (SubscriptionRow.__table__.c.app_id, scope.app_id),
        (CredentialRow.__table__.c.id, scope.credential_id),
        (SubscriptionRow.__table__.c.api_id, scope.api_id),
        (serving.c.gateway_id, scope.gateway_id),
    )
    return (
        select(
            SubscriptionRow.id.label("subscription_id"),
            SubscriptionRow.app_id,
            SubscriptionRow.api_id,
            SubscriptionRow.plan_version_id,
            CredentialRow.id.label("credential_id"),
            CredentialRow.expires_at,
            serving.c.gateway_id,
        )
        .join(CredentialRow, CredentialRow.app_id == SubscriptionRow.app_id)
        .join(serving, serving.c.api_id == SubscriptionRow.api_id)
        .where(
            SubscriptionRow.state == SubscriptionState.ACTIVE,
            CredentialRow.state.in_(WORKING),
            or_(CredentialRow.expires_at.is_(None), CredentialRow.expires_at > now),
            *(column == value for column, value in wanted if value is not None),
            *_among(scope, SubscriptionRow.__table__.c.id, CredentialRow.__table__.c.id),
        )
    )


def _among(scope: GrantScope, subscription: ColumnElement[Any], credential: ColumnElement[Any]) -> list[Any]:
    pairs = scope.among
    return [subscription.in_(pairs.subscriptions), credential.in_(pairs.credentials)] if pairs else []
