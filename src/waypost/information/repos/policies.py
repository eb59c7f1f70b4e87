"""Policies in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import PolicyLevel
from waypost.information.models import ApiRow, EntityRow, OperationRow, PolicyRow, VersionRow

_CHUNK = 500


class PolicyRepo:
    """Policies."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def at(self, target_ids: Collection[str]) -> Sequence[PolicyRow]:
        """All that stand at these places, by kind."""
        query = select(PolicyRow).where(PolicyRow.target_id.in_(target_ids)).order_by(PolicyRow.kind)
        return (await self.session.scalars(query)).all()

    async def one(self, target_id: str, kind: str) -> PolicyRow | None:
        """The policy of one kind at one place."""
        query = select(PolicyRow).where(PolicyRow.target_id == target_id, PolicyRow.kind == kind)
        return (await self.session.scalars(query)).one_or_none()

    async def of_apis(self, api_ids: Collection[str]) -> Sequence[PolicyRow]:
        """All that stand at these APIs and below, at their owners and at the hub."""
        found: dict[str, PolicyRow] = {}
        for part in _parts(api_ids):
            owners = select(ApiRow.owner_id).where(ApiRow.id.in_(part))
            concerned = or_(
                PolicyRow.api_id.in_(part), PolicyRow.team_id.in_(owners), PolicyRow.level == PolicyLevel.HUB
            )
            rows = await self.session.scalars(select(PolicyRow).where(concerned).order_by(PolicyRow.id))
            found |= {row.id: row for row in rows}
        return list(found.values())

    async def places(self, api_ids: Collection[str]) -> Sequence[Any]:
        """Rows (api_id, api_name, owner_id, owner_name, version_id, version_name); no version = None."""
        found: list[Any] = []
        for part in _parts(api_ids):
            query = (
                select(ApiRow.id.label("api_id"), ApiRow.name.label("api_name"), ApiRow.owner_id)
                .add_columns(EntityRow.name.label("owner_name"))
                .add_columns(VersionRow.id.label("version_id"), VersionRow.name.label("version_name"))
                .join(EntityRow, EntityRow.id == ApiRow.owner_id)
                .outerjoin(VersionRow, VersionRow.api_id == ApiRow.id)
                .where(ApiRow.id.in_(part))
                .order_by(ApiRow.name, ApiRow.id, VersionRow.name, VersionRow.id)
            )
            found.extend((await self.session.execute(query)).all())
        return found

    async def operations(self, operation_ids: Collection[str]) -> Sequence[Any]:
        """Rows (id, version_id, key)."""
        found: list[Any] = []
        for part in _parts(operation_ids):
            query = select(OperationRow.id, OperationRow.version_id, OperationRow.key).where(OperationRow.id.in_(part))
            found.extend((await self.session.execute(query.order_by(OperationRow.id))).all())
        return found

    async def forget(self, target_id: str) -> None:
        """Delete what stands at a place that goes away."""
        await self.session.execute(delete(PolicyRow).where(PolicyRow.target_id == target_id))

    async def apis_under(self, place: str, target_id: str) -> Sequence[str]:
        """Ids of the APIs that a policy of the hub or of a team (``place``) concerns."""
        query = select(ApiRow.id).order_by(ApiRow.id)
        if place == PolicyLevel.TEAM:
            query = query.where(ApiRow.owner_id == target_id)
        return (await self.session.scalars(query)).all()


def _parts(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(set(ids))
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
