"""What taking usage looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import CredentialRow, DeploymentRow, GrantRow, SubscriptionRow

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

    async def served(self, gateway_id: str, api_ids: Collection[str]) -> set[str]:
        """Those of the APIs that are or were on the gateway. A version that is gone has left the tombstones of keys."""
        found: set[str] = set()
        for table in (DeploymentRow, GrantRow):
            ordered = sorted(set(api_ids) - found)
            for start in range(0, len(ordered), _CHUNK):
                named = table.api_id.in_(ordered[start : start + _CHUNK])
                statement = select(table.api_id).where(table.gateway_id == gateway_id, named).distinct()
                found.update((await self.session.scalars(statement)).all())
        return found

    async def touch_credentials(self, newest: Mapping[tuple[str, str], datetime]) -> None:
        """(credential, its app) -> when it was used; ``last_used_at`` moves forward, never back."""
        if not newest:
            return
        columns = _CREDENTIALS.c
        statement = (
            update(_CREDENTIALS)
            .where(
                columns.id == bindparam("credential_id"),
                columns.app_id == bindparam("of_app"),
                or_(columns.last_used_at.is_(None), columns.last_used_at < bindparam("used_at")),
            )
            .values(last_used_at=bindparam("used_at"))
        )
        connection = await self.session.connection()
        values = [{"credential_id": key, "of_app": app, "used_at": at} for (key, app), at in sorted(newest.items())]
        await connection.execute(statement, values)
