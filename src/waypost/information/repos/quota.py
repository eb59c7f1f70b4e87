"""Quota counters: what subscriptions used, per meter and span of time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from waypost.contracts.vocab import PolicyKind
from waypost.information.models import (
    ApiRow,
    AppRow,
    EventRow,
    PlanVersionRow,
    PolicyRow,
    QuotaCounterRow,
    SubscriptionRow,
)
from waypost.information.repos.chunks import chunks

# Of tables, and built once: these run with every batch, several times a second.
_APP, _PLAN_VERSION, _POLICY, _SUBSCRIPTION = (
    row.__table__ for row in (AppRow, PlanVersionRow, PolicyRow, SubscriptionRow)
)
_COUNTER = QuotaCounterRow.__table__
_PROMISED = (
    select(_SUBSCRIPTION.c.id, _SUBSCRIPTION.c.app_id, _SUBSCRIPTION.c.api_id, _APP.c.owner_id)
    .add_columns(_PLAN_VERSION.c.quotas, _POLICY.c.config)
    .select_from(
        _SUBSCRIPTION.join(_PLAN_VERSION, _PLAN_VERSION.c.id == _SUBSCRIPTION.c.plan_version_id)
        .join(_APP, _APP.c.id == _SUBSCRIPTION.c.app_id)
        .outerjoin(_POLICY, and_(_POLICY.c.target_id == _PLAN_VERSION.c.plan_id, _POLICY.c.kind == PolicyKind.QUOTA))
    )
    .where(_SUBSCRIPTION.c.id.in_(bindparam("ids", expanding=True)))
)
_COSTS = select(PolicyRow).where(PolicyRow.kind == PolicyKind.COST)
_KEY = ("subscription_id", "meter", "span", "starts_at")

Counter = tuple[str, str, datetime]
"""Meter, span, start."""


class Promised(NamedTuple):
    """The quotas of a subscription: its plan version's terms and the policy at the plan (None = none)."""

    subscription_id: str
    app_id: str
    api_id: str
    app_owner_id: str
    terms: list[dict[str, Any]]
    policy: dict[str, Any] | None


class QuotaRepo:
    """Reads and adds to the table ``quota_counters``."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def promised(self, subscription_ids: Collection[str]) -> dict[str, Promised]:
        """Those of the subscriptions whose plan has quotas."""
        found: dict[str, Promised] = {}
        for part in chunks(subscription_ids):
            rows = (Promised(*row) for row in (await self.session.execute(_PROMISED, {"ids": part})).all())
            found.update({row.subscription_id: row for row in rows if row.terms or row.policy})
        return found

    async def counters(
        self, subscription_ids: Collection[str], *, since: Mapping[str, datetime]
    ) -> dict[str, dict[Counter, float]]:
        """Subscription -> its counters of each span that began at the span's moment or later.

        One that is open goes on with what former ones of the same app and API used.
        """
        found: dict[str, dict[Counter, float]] = {}
        if not since:
            return found
        columns, former = QuotaCounterRow, aliased(SubscriptionRow)
        wanted = or_(*(and_(columns.span == span, columns.starts_at >= first) for span, first in since.items()))
        same = and_(former.app_id == SubscriptionRow.app_id, former.api_id == SubscriptionRow.api_id)
        whose = or_(former.id == SubscriptionRow.id, SubscriptionRow.open_key.is_not(None))
        key = (SubscriptionRow.id, columns.meter, columns.span, columns.starts_at)
        for part in chunks(subscription_ids):
            statement = (
                select(*key, func.sum(columns.used))
                .select_from(SubscriptionRow)
                .join(former, same)
                .join(columns, columns.subscription_id == former.id)
                .where(SubscriptionRow.id.in_(part), whose, wanted)
                .group_by(*key)
            )
            for subscription_id, meter, span, starts_at, used in (await self.session.execute(statement)).all():
                found.setdefault(subscription_id, {})[meter, span, starts_at] = used
        return found

    async def add(self, sums: Mapping[tuple[str, str, str, datetime], float]) -> None:
        """Add (subscription, meter, span, start) -> sum to counters, made where they do not exist yet."""
        if not sums:
            return
        connection = await self.session.connection()
        values = [dict(zip(_KEY, key, strict=True), used=sums[key]) for key in sorted(sums)]
        await connection.execute(_adding(connection.dialect.name), values)

    async def forget(self, span: str, *, before: datetime) -> None:
        """Drop the counters of one span that began before."""
        await self.session.execute(
            delete(QuotaCounterRow).where(QuotaCounterRow.span == span, QuotaCounterRow.starts_at < before)
        )

    async def cost_policies(self) -> Sequence[PolicyRow]:
        """Every policy of the kind ``cost``."""
        return (await self.session.scalars(_COSTS)).all()

    async def api_owners(self, api_ids: Collection[str]) -> dict[str, str]:
        """API -> the team that owns it."""
        statement = select(ApiRow.id, ApiRow.owner_id).where(ApiRow.id.in_([item for item in api_ids if item]))
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all()}

    async def told(self, subscription_id: str, kind: str, *, since: datetime) -> Sequence[EventRow]:
        """Events of one kind about a subscription since a moment."""
        statement = select(EventRow).where(
            EventRow.object_id == subscription_id, EventRow.kind == kind, EventRow.at >= since
        )
        return (await self.session.scalars(statement)).all()


@cache
def _adding(dialect: str) -> Any:
    statement: Any = {"sqlite": sqlite, "postgresql": postgresql}[dialect].insert(_COUNTER)
    return statement.on_conflict_do_update(
        index_elements=_KEY, set_={"used": _COUNTER.c.used + statement.excluded.used}
    )
