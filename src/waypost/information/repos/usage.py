"""What taking usage looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import Lifecycle, Visibility
from waypost.information.models import ApiRow, AppRow, CredentialRow, DeploymentRow, GrantRow, SubscriptionRow

_CREDENTIALS: Table = CredentialRow.metadata.tables["credentials"]
_CHUNK = 500
_LISTED = and_(ApiRow.visibility != Visibility.PRIVATE, ApiRow.lifecycle != Lifecycle.DRAFT)
Stranger = tuple[str, str]
"""A credential and the API that its app is not subscribed to, by id."""


class UsageRepo:
    """Attribution of calls, and when keys were used."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def attributions(self, subscription_ids: Collection[str]) -> dict[str, Any]:
        """Subscription id -> row (app_id, api_id, plan_version_id)."""
        row = SubscriptionRow
        return await self._by_id(select(row.id, row.app_id, row.api_id, row.plan_version_id), row.id, subscription_ids)

    async def strangers(self, named: Collection[Stranger]) -> dict[Stranger, str]:
        """The app of each credential, where the app's owner may know of the API at all."""
        holders = select(CredentialRow.id, CredentialRow.app_id, AppRow.owner_id).join(
            AppRow, AppRow.id == CredentialRow.app_id
        )
        held = await self._by_id(holders, CredentialRow.id, {credential_id for credential_id, _ in named})
        seen = select(ApiRow.id, ApiRow.owner_id, _LISTED.label("listed"))
        apis = await self._by_id(seen, ApiRow.id, {api_id for _, api_id in named} if held else ())
        both = [(pair, held[pair[0]], apis[pair[1]]) for pair in named if pair[0] in held and pair[1] in apis]
        return {pair: app.app_id for pair, app, api in both if api.listed or api.owner_id == app.owner_id}

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

    async def _by_id(self, statement: Any, key: Any, ids: Collection[str]) -> dict[str, Any]:
        """Rows by their ``id``."""
        ordered = sorted(ids)
        found: dict[str, Any] = {}
        for start in range(0, len(ordered), _CHUNK):
            part = statement.where(key.in_(ordered[start : start + _CHUNK]))
            found.update({row.id: row for row in (await self.session.execute(part)).all()})
        return found
