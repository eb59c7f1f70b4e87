"""Policies in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import PolicyRow


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
