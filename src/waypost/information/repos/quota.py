"""Quota counters: calls used per subscription and calendar window."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import PlanVersionRow, QuotaCounterRow, SubscriptionRow

_CHUNK = 500


class QuotaRepo:
    """Reads and adds to the table ``quota_counters``."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def plans(self, subscription_ids: Collection[str]) -> Sequence[Any]:
        """Rows (subscription_id, quota) for those of the subscriptions whose plan has a quota."""
        rows: list[Any] = []
        for part in _parts(subscription_ids):
            statement = (
                select(SubscriptionRow.id.label("subscription_id"), PlanVersionRow.quota)
                .join(PlanVersionRow, PlanVersionRow.id == SubscriptionRow.plan_version_id)
                .where(SubscriptionRow.id.in_(part))
            )
            rows.extend(row for row in (await self.session.execute(statement)).all() if row.quota)
        return rows

    async def used(self, subscription_ids: Collection[str], *, starts: Collection[datetime]) -> dict[Any, int]:
        """``(subscription_id, window, starts_at) -> used`` for the windows that began at ``starts``."""
        found: dict[Any, int] = {}
        for part in _parts(subscription_ids):
            statement = select(QuotaCounterRow).where(
                QuotaCounterRow.subscription_id.in_(part), QuotaCounterRow.starts_at.in_(list(starts))
            )
            for row in (await self.session.execute(statement)).scalars():
                found[row.subscription_id, row.window, row.starts_at] = row.used
        return found

    async def add(self, counts: dict[tuple[str, str, datetime], int]) -> None:
        """Add calls to counters, made where they do not exist yet."""
        if not counts:
            return
        connection = await self.session.connection()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(QuotaCounterRow.__table__)
        statement = statement.on_conflict_do_update(
            index_elements=["subscription_id", "window", "starts_at"],
            set_={"used": QuotaCounterRow.__table__.c.used + statement.excluded.used},
        )
        keys = sorted(counts)
        values = [
            {"subscription_id": key[0], "window": key[1], "starts_at": key[2], "used": counts[key]} for key in keys
        ]
        await connection.execute(statement, values)


def _parts(ids: Collection[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
