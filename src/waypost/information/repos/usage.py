"""What taking usage looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import CredentialRow, SubscriptionRow

_CREDENTIALS: Table = CredentialRow.metadata.tables["credentials"]
_CHUNK = 500


class UsageRepo:
    """Attribution of calls, and when keys were used."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def attributions(self, subscription_ids: Collection[str]) -> dict[str, Any]:
        """Subscription id -> row (app_id, api_id, plan_version_id)."""
        ordered = sorted(subscription_ids)
        found: dict[str, Any] = {}
        for start in range(0, len(ordered), _CHUNK):
            statement = select(
                SubscriptionRow.id, SubscriptionRow.app_id, SubscriptionRow.api_id, SubscriptionRow.plan_version_id
            ).where(SubscriptionRow.id.in_(ordered[start : start + _CHUNK]))
            for row in (await self.session.execute(statement)).all():
                found[row.id] = row
        return found

    async def touch_credentials(self, newest: Mapping[str, datetime]) -> None:
        """``last_used_at`` moves forward, never back."""
        if not newest:
            return
        columns = _CREDENTIALS.c
        statement = (
            update(_CREDENTIALS)
            .where(
                columns.id == bindparam("credential_id"),
                or_(columns.last_used_at.is_(None), columns.last_used_at < bindparam("used_at")),
            )
            .values(last_used_at=bindparam("used_at"))
        )
        connection = await self.session.connection()
        values = [{"credential_id": key, "used_at": moment} for key, moment in sorted(newest.items())]
        await connection.execute(statement, values)
