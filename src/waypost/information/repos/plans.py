"""Plans and their versions in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import PlanRow, PlanVersionRow, SubscriptionRow


class PlanAndVersion(NamedTuple):
    """A plan and the terms that new subscriptions get."""

    plan: PlanRow
    version: PlanVersionRow


class PlanRepo:
    """Plans."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_api(self, api_id: str) -> Sequence[PlanAndVersion]:
        """An API's plans in their order, with current terms."""
        query = (
            select(PlanRow, PlanVersionRow)
            .join(PlanVersionRow, PlanVersionRow.id == PlanRow.current_version_id)
            .where(PlanRow.api_id == api_id)
            .order_by(PlanRow.position, PlanRow.created_at, PlanRow.id)
        )
        return [PlanAndVersion(row[0], row[1]) for row in await self.session.execute(query)]

    async def find(self, plan_id: str) -> PlanAndVersion | None:
        """One plan with its current terms."""
        query = (
            select(PlanRow, PlanVersionRow)
            .join(PlanVersionRow, PlanVersionRow.id == PlanRow.current_version_id)
            .where(PlanRow.id == plan_id)
        )
        row = (await self.session.execute(query)).one_or_none()
        return PlanAndVersion(row[0], row[1]) if row else None

    async def versions(self, plan_id: str) -> Sequence[PlanVersionRow]:
        """All terms a plan ever had, newest first."""
        query = select(PlanVersionRow).where(PlanVersionRow.plan_id == plan_id).order_by(PlanVersionRow.number.desc())
        return (await self.session.scalars(query)).all()

    async def subscriptions(self, plan_id: str) -> int:
        """How many subscriptions point at any version of the plan, ended ones too."""
        query = (
            select(func.count())
            .select_from(SubscriptionRow)
            .join(PlanVersionRow, PlanVersionRow.id == SubscriptionRow.plan_version_id)
            .where(PlanVersionRow.plan_id == plan_id)
        )
        return await self.session.scalar(query) or 0
