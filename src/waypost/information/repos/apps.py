"""Apps and credentials in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import CredentialState, SubscriptionState
from waypost.information.models import AppRow, CredentialRow, EntityRow, SubscriptionRow

WORKING = (CredentialState.ACTIVE, CredentialState.ROTATING)


_DUE = (
    select(CredentialRow, AppRow)
    .join(AppRow, AppRow.id == CredentialRow.app_id)
    .where(CredentialRow.state.in_(WORKING), CredentialRow.expires_at <= bindparam("now"))
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(of=CredentialRow, skip_locked=True)
)


class AppRepo:
    """Reads of apps; ``where`` is the tenant filter."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def listing(self, where: ColumnElement[bool], *, owner_id: str = "", q: str = "") -> Select[AppRow, EntityRow]:
        """Apps with their owners."""
        statement = select(AppRow, EntityRow).join(EntityRow, EntityRow.id == AppRow.owner_id).where(where)
        if owner_id:
            statement = statement.where(AppRow.owner_id == owner_id)
        if q:
            statement = statement.where(AppRow.name.icontains(q, autoescape=True))
        return statement

    async def get(self, app_id: str) -> AppRow | None:
        """One app."""
        return await self.session.get(AppRow, app_id)

    async def owner(self, owner_id: str) -> EntityRow | None:
        """The entity with this id."""
        return await self.session.get(EntityRow, owner_id)

    async def credentials_count(self, app_ids: Collection[str], *, now: datetime) -> dict[str, int]:
        """App id -> keys that work now."""
        statement = (
            select(CredentialRow.app_id, func.count())
            .where(
                CredentialRow.app_id.in_(app_ids),
                CredentialRow.state.in_(WORKING),
                or_(CredentialRow.expires_at.is_(None), CredentialRow.expires_at > now),
            )
            .group_by(CredentialRow.app_id)
        )
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all()}

    async def subscriptions_count(self, app_ids: Collection[str]) -> dict[str, int]:
        """App id -> open subscriptions."""
        open_states = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)
        statement = (
            select(SubscriptionRow.app_id, func.count())
            .where(SubscriptionRow.app_id.in_(app_ids), SubscriptionRow.state.in_(open_states))
            .group_by(SubscriptionRow.app_id)
        )
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all()}


class CredentialRepo:
    """Reads of credentials."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def listing(self, app_id: str) -> Select[Any]:
        """An app's credentials."""
        return select(CredentialRow).where(CredentialRow.app_id == app_id)

    async def with_app(self, credential_id: str) -> tuple[CredentialRow, AppRow] | None:
        """A credential and its app, to change it: locked, for a revoked key must not come back by another change."""
        statement = (
            select(CredentialRow, AppRow)
            .join(AppRow, AppRow.id == CredentialRow.app_id)
            .where(CredentialRow.id == credential_id)
            .with_for_update(of=CredentialRow)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def holder(self, digest: str) -> tuple[CredentialRow, AppRow] | None:
        """The working credential that has the value with this hash, locked, and its app."""
        statement = (
            select(CredentialRow, AppRow)
            .join(AppRow, AppRow.id == CredentialRow.app_id)
            .where(CredentialRow.key_sha256 == digest, CredentialRow.state.in_(WORKING))
            .with_for_update(of=CredentialRow)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def oauth_client(self, client_id: str) -> tuple[CredentialRow, AppRow] | None:
        """The working client of the hub's own issuer with this id, and its app."""
        statement = (
            select(CredentialRow, AppRow)
            .join(AppRow, AppRow.id == CredentialRow.app_id)
            .where(
                CredentialRow.identifier == client_id,
                CredentialRow.kind == "oauth_client",
                CredentialRow.state.in_(WORKING),
            )
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def clients_of_other_issuer(self, issuer_url: str, *, limit: int = 500) -> Sequence[CredentialRow]:
        """Working clients of the hub that were made while it was called otherwise."""
        statement = (
            select(CredentialRow)
            .where(
                CredentialRow.kind == "oauth_client",
                CredentialRow.issuer_url != issuer_url,
                CredentialRow.state.in_(WORKING),
            )
            .limit(limit)
        )
        return (await self.session.scalars(statement)).all()

    async def due(self, now: datetime, *, limit: int = 500) -> Sequence[tuple[CredentialRow, AppRow]]:
        """Credentials that still count as working although their end has come; those that others change now later."""
        return (await self.session.execute(_DUE, {"now": now, "limit": limit})).all()
