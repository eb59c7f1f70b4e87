"""Subscriptions in the store, with the names that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from waypost.contracts.vocab import PolicyKind, SubscriptionState
from waypost.information.models import (
    ApiRow,
    AppRow,
    CredentialRow,
    EntityRow,
    GatewayRow,
    GrantRow,
    PlanRow,
    PlanVersionRow,
    PolicyRow,
    SubscriptionRow,
)


class SubscriptionView(NamedTuple):
    """A subscription and what it joins."""

    subscription: SubscriptionRow
    app: AppRow
    app_owner: EntityRow
    api: ApiRow
    plan: PlanRow
    plan_version: PlanVersionRow


class SubscriptionRepo:
    """Reads of subscriptions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def views(self) -> Any:
        """Subscriptions joined with everything a reader sees; items are the fields of SubscriptionView."""
        owner = aliased(EntityRow)
        return (
            select(SubscriptionRow, AppRow, owner, ApiRow, PlanRow, PlanVersionRow)
            .join(AppRow, AppRow.id == SubscriptionRow.app_id)
            .join(owner, owner.id == AppRow.owner_id)
            .join(ApiRow, ApiRow.id == SubscriptionRow.api_id)
            .join(PlanVersionRow, PlanVersionRow.id == SubscriptionRow.plan_version_id)
            .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
        )

    async def find(self, subscription_id: str, *, where: ColumnElement[bool]) -> SubscriptionView | None:
        """One subscription, among those that ``where`` shows."""
        statement = self.views().where(SubscriptionRow.id == subscription_id, where)
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else SubscriptionView(*row)

    async def scopes_by_api(self, app_id: str) -> dict[str, frozenset[str]]:
        """Slug of each API that the app is subscribed to now -> the scopes that a policy at its plan gives."""
        gives = and_(PolicyRow.target_id == PlanRow.id, PolicyRow.kind == PolicyKind.SCOPES)
        statement = (
            select(ApiRow.slug, PolicyRow.config)
            .select_from(SubscriptionRow)
            .join(ApiRow, ApiRow.id == SubscriptionRow.api_id)
            .join(PlanVersionRow, PlanVersionRow.id == SubscriptionRow.plan_version_id)
            .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
            .outerjoin(PolicyRow, gives)
            .where(SubscriptionRow.app_id == app_id, SubscriptionRow.state == SubscriptionState.ACTIVE)
        )
        rows = (await self.session.execute(statement)).all()
        return {row.slug: frozenset((row.config or {}).get("scopes", ())) for row in rows}

    async def api_owners(self, app_id: str) -> dict[str, str]:
        """Slug of each API that the app is subscribed to now -> its owner."""
        statement = (
            select(ApiRow.slug, ApiRow.owner_id)
            .join(SubscriptionRow, SubscriptionRow.api_id == ApiRow.id)
            .where(SubscriptionRow.app_id == app_id, SubscriptionRow.state == SubscriptionState.ACTIVE)
        )
        return {row.slug: row.owner_id for row in (await self.session.execute(statement)).all()}

    async def open_exists(self, open_key: str) -> bool:
        """Whether a subscription of this pair is pending or active."""
        statement = select(func.count()).select_from(SubscriptionRow).where(SubscriptionRow.open_key == open_key)
        return bool(await self.session.scalar(statement))

    async def names(self, entity_ids: set[str]) -> dict[str, str]:
        """Entity id -> name."""
        statement = select(EntityRow.id, EntityRow.name).where(EntityRow.id.in_(entity_ids))
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all()}

    async def plan(self, plan_id: str) -> tuple[PlanRow, PlanVersionRow] | None:
        """A plan with its current version."""
        statement = (
            select(PlanRow, PlanVersionRow)
            .join(PlanVersionRow, PlanVersionRow.id == PlanRow.current_version_id)
            .where(PlanRow.id == plan_id)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def grants(self, subscription_id: str) -> Sequence[Any]:
        """Rows (GrantRow, gateway name, credential prefix or None), ordered by gateway and key."""
        statement = (
            select(GrantRow, GatewayRow.name, CredentialRow.prefix)
            .join(GatewayRow, GatewayRow.id == GrantRow.gateway_id)
            .outerjoin(CredentialRow, CredentialRow.id == GrantRow.credential_id)
            .where(GrantRow.subscription_id == subscription_id)
            .order_by(GatewayRow.name, GrantRow.id)
        )
        return (await self.session.execute(statement)).all()
