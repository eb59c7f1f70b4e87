"""Names for ids: what analytics shows beside its numbers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import (
    ApiRow,
    AppRow,
    GatewayRow,
    OperationRow,
    PlanRow,
    PlanVersionRow,
    SubscriptionRow,
    VersionRow,
)
from waypost.information.repos.chunks import chunks


class NameRepo:
    """Id -> name, for ids that still exist."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def apis(self, ids: Collection[str]) -> dict[str, str]:
        """API names."""
        return await self._pairs(ApiRow.id, ids, ApiRow.name)

    async def apps(self, ids: Collection[str]) -> dict[str, str]:
        """App names."""
        return await self._pairs(AppRow.id, ids, AppRow.name)

    async def gateways(self, ids: Collection[str]) -> dict[str, str]:
        """Gateway names."""
        return await self._pairs(GatewayRow.id, ids, GatewayRow.name)

    async def versions(self, ids: Collection[str]) -> dict[str, str]:
        """Version names."""
        return await self._pairs(VersionRow.id, ids, VersionRow.name)

    async def operations(self, ids: Collection[str]) -> dict[str, str]:
        """Method and path."""
        return await self._pairs(OperationRow.id, ids, OperationRow.key)

    async def plans(self, ids: Collection[str]) -> dict[str, str]:
        """Plan names by plan version."""
        found: dict[str, str] = {}
        for part in chunks(ids):
            statement = (
                select(PlanVersionRow.id, PlanRow.name)
                .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
                .where(PlanVersionRow.id.in_(part))
            )
            found.update({row[0]: row[1] for row in (await self.session.execute(statement)).all()})
        return found

    async def owned_apis(self, where: ColumnElement[bool]) -> frozenset[str]:
        """Ids of the APIs that ``where`` (a tenant filter) leaves."""
        return frozenset((await self.session.scalars(select(ApiRow.id).where(where))).all())

    async def owned_apps(self, where: ColumnElement[bool]) -> frozenset[str]:
        """Ids of the apps that ``where`` (a tenant filter) leaves."""
        return frozenset((await self.session.scalars(select(AppRow.id).where(where))).all())

    async def api_id(self, id_or_slug: str) -> str:
        """The id of an API given by id or slug; the text itself when there is none."""
        found = await self.session.scalar(select(ApiRow.id).where(ApiRow.slug == id_or_slug))
        return found or id_or_slug

    async def apps_of(self, subscription_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Subscription id -> (app id, app name)."""
        found: dict[str, tuple[str, str]] = {}
        for part in chunks(subscription_ids):
            statement = (
                select(SubscriptionRow.id, AppRow.id, AppRow.name)
                .join(AppRow, AppRow.id == SubscriptionRow.app_id)
                .where(SubscriptionRow.id.in_(part))
            )
            found.update({row[0]: (row[1], row[2]) for row in (await self.session.execute(statement)).all()})
        return found

    async def subscription_sides(self, subscription_id: str) -> tuple[str, str] | None:
        """(app id, API id) of a subscription."""
        statement = select(SubscriptionRow.app_id, SubscriptionRow.api_id).where(SubscriptionRow.id == subscription_id)
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def _pairs(self, key: Any, ids: Collection[str], value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in chunks(ids):
            statement = select(key, value).where(key.in_(part))
            found.update({row[0]: row[1] for row in (await self.session.execute(statement)).all()})
        return found
