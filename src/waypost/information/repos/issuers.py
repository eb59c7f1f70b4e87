"""Issuers and signing keys in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import PolicyLevel
from waypost.information.models import ApiRow, CredentialRow, EntityRow, IssuerRow, PolicyRow, SigningKeyRow
from waypost.information.repos.grants import WORKING


class IssuerRepo:
    """Reads of outside issuers; ``where`` is the tenant filter."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def listing(self, where: ColumnElement[bool]) -> Select[IssuerRow, EntityRow]:
        """Issuers with their owners, if they have one."""
        return select(IssuerRow, EntityRow).outerjoin(EntityRow, EntityRow.id == IssuerRow.owner_id).where(where)

    async def all(self) -> Sequence[IssuerRow]:
        """Every issuer, in the order of their ids."""
        return (await self.session.scalars(select(IssuerRow).order_by(IssuerRow.id))).all()

    async def get(self, issuer_id: str) -> IssuerRow | None:
        """One issuer."""
        return await self.session.get(IssuerRow, issuer_id)

    async def by_url(self, url: str) -> IssuerRow | None:
        """The issuer whose tokens say ``iss`` = ``url``."""
        return await self.session.scalar(select(IssuerRow).where(IssuerRow.url == url))

    async def due(self, now: datetime, *, limit: int = 50) -> Sequence[str]:
        """Ids of issuers whose keys are to be looked at again."""
        statement = (
            select(IssuerRow.id)
            .where(IssuerRow.next_check_at.is_not(None), IssuerRow.next_check_at <= now)
            .order_by(IssuerRow.next_check_at)
            .limit(limit)
        )
        return (await self.session.scalars(statement)).all()

    async def count_clients(self, url: str) -> int:
        """Working credentials of apps at this issuer."""
        statement = select(func.count()).where(
            CredentialRow.kind == "external_client",
            CredentialRow.issuer_url == url,
            CredentialRow.state.in_(WORKING),
        )
        return int(await self.session.scalar(statement) or 0)

    async def count_policies(self, issuer_id: str) -> int:
        """Policies that name this issuer."""
        statement = select(func.count()).select_from(PolicyRow).where(_names(issuer_id))
        return int(await self.session.scalar(statement) or 0)

    async def apis_naming(self, issuer_id: str) -> Sequence[str]:
        """Ids of the APIs above or at which a policy names this issuer."""
        named = select(PolicyRow).where(_names(issuer_id)).subquery()
        above = or_(named.c.api_id == ApiRow.id, named.c.team_id == ApiRow.owner_id, named.c.level == PolicyLevel.HUB)
        return (await self.session.scalars(select(ApiRow.id).join(named, above).distinct())).all()


def _names(issuer_id: str) -> ColumnElement[bool]:
    return cast(PolicyRow.config, Text).contains(f'"{issuer_id}"', autoescape=True)


class SigningKeyRepo:
    """Reads of the hub's signing keys."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def published(self, now: datetime) -> Sequence[SigningKeyRow]:
        """Keys in the public key set, the one that was made last first."""
        statement = (
            select(SigningKeyRow)
            .where(or_(SigningKeyRow.published_until.is_(None), SigningKeyRow.published_until > now))
            .order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.id.desc())
        )
        return (await self.session.scalars(statement)).all()

    async def over(self, now: datetime) -> Sequence[SigningKeyRow]:
        """Keys whose publication has ended."""
        statement = select(SigningKeyRow).where(SigningKeyRow.published_until <= now)
        return (await self.session.scalars(statement)).all()
