"""Owners (users and teams): slugs, what they own, who belongs to what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from waypost.information.models import (
    ApiRow,
    AppRow,
    EntityRow,
    IssuerRow,
    MembershipRow,
    OrganisationRow,
    TeamRow,
    UserRow,
)
from waypost.kit.text import slugify


class TeamOfUser(NamedTuple):
    """A team as one of its members sees it."""

    id: str
    slug: str
    name: str
    role: str


class TeamWithEntity(NamedTuple):
    """A team's row, the entity that carries name and slug, and its organisation."""

    team: TeamRow
    entity: EntityRow
    organisation: OrganisationRow


class EntityRepo:
    """Entities, teams, organisations and memberships."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, entity_id: str, *, kind: str, name: str, now: datetime, slug: str = "") -> EntityRow:
        """A new owner; without ``slug`` a free one is made of the name."""
        slug = slug or await self.free_slug(slugify(name, fallback=kind))
        row = EntityRow(id=entity_id, kind=kind, slug=slug, name=name, created_at=now)
        self.session.add(row)
        await self.session.flush()
        return row

    async def free_slug(self, base: str) -> str:
        """``base``, or ``base-2`` and so on."""
        query = select(EntityRow.slug).where(or_(EntityRow.slug == base, EntityRow.slug.like(f"{base[:55]}-%")))
        taken = set((await self.session.execute(query)).scalars())
        number, slug = 1, base
        while slug in taken:
            number += 1
            slug = f"{base[:55]}-{number}"
        return slug

    async def by_slug(self, slug: str) -> EntityRow | None:
        """One owner by slug."""
        return (await self.session.execute(select(EntityRow).where(EntityRow.slug == slug))).scalar_one_or_none()

    async def owns_anything(self, entity_id: str) -> bool:
        """Whether APIs, apps or issuers are left."""
        owned = or_(
            exists().where(ApiRow.owner_id == entity_id),
            exists().where(AppRow.owner_id == entity_id),
            exists().where(IssuerRow.owner_id == entity_id),
        )
        return bool((await self.session.execute(select(owned))).scalar_one())

    async def teams_owned_alone(self, user_id: str) -> Sequence[str]:
        """Names of the teams whose only owner is this person."""
        other = aliased(MembershipRow)
        others = exists().where(other.team_id == MembershipRow.team_id, other.role == "owner", other.user_id != user_id)
        query = (
            select(EntityRow.name)
            .join(MembershipRow, MembershipRow.team_id == EntityRow.id)
            .where(MembershipRow.user_id == user_id, MembershipRow.role == "owner", ~others)
        )
        return (await self.session.execute(query)).scalars().all()

    async def teams_of(self, user_id: str) -> list[TeamOfUser]:
        """A person's teams by name."""
        query = (
            select(EntityRow.id, EntityRow.slug, EntityRow.name, MembershipRow.role)
            .join(MembershipRow, MembershipRow.team_id == EntityRow.id)
            .where(MembershipRow.user_id == user_id)
            .order_by(EntityRow.name, EntityRow.id)
        )
        return [TeamOfUser(*row) for row in await self.session.execute(query)]

    def teams(self) -> Select[TeamRow, EntityRow, OrganisationRow]:
        """Teams with entity and organisation, unordered."""
        return (
            select(TeamRow, EntityRow, OrganisationRow)
            .join(EntityRow, EntityRow.id == TeamRow.id)
            .join(OrganisationRow, OrganisationRow.id == TeamRow.organisation_id)
        )

    async def team(self, id_or_slug: str) -> TeamWithEntity | None:
        """One team by id or slug."""
        query = self.teams().where(or_(TeamRow.id == id_or_slug, EntityRow.slug == id_or_slug))
        row = (await self.session.execute(query)).one_or_none()
        return TeamWithEntity(row[0], row[1], row[2]) if row else None

    async def members_count(self, team_ids: Sequence[str]) -> dict[str, int]:
        """Team id -> how many members."""
        query = (
            select(MembershipRow.team_id, func.count())
            .where(MembershipRow.team_id.in_(team_ids))
            .group_by(MembershipRow.team_id)
        )
        return {row[0]: row[1] for row in await self.session.execute(query)}

    def members(self, team_id: str) -> Select[MembershipRow, UserRow, EntityRow]:
        """Members of a team, unordered."""
        return (
            select(MembershipRow, UserRow, EntityRow)
            .join(UserRow, UserRow.id == MembershipRow.user_id)
            .join(EntityRow, EntityRow.id == MembershipRow.user_id)
            .where(MembershipRow.team_id == team_id)
        )

    async def lock_owners(self, team_id: str) -> list[str]:
        """Ids of the team's owners, locked against each other's changes."""
        query = (
            select(MembershipRow.user_id)
            .where(MembershipRow.team_id == team_id, MembershipRow.role == "owner")
            .order_by(MembershipRow.user_id)
            .with_for_update()
        )
        return list((await self.session.execute(query)).scalars())

    async def one(self, model: type[Any], where: Any) -> Any | None:
        """One row of ``model``."""
        return (await self.session.execute(select(model).where(where))).scalar_one_or_none()
