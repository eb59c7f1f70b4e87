"""Numbers about the hub's state, for monitoring, and whether it is ready to work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, select

from waypost.application.context import Context
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import (
    ApiRow,
    BacklogRow,
    DeploymentRow,
    EventHeadRow,
    GatewayRow,
    SessionRow,
    SubscriptionRow,
    UsageBatchRow,
)
from waypost.information.store import schema_revision

if TYPE_CHECKING:
    from waypost.application.parts import Parts

log = structlog.get_logger()
ONLINE_WITHIN = timedelta(seconds=30)
Figures = dict[str, tuple[str, float]]


async def figures(parts: Parts) -> Figures:
    """Name -> (meaning, value), from one read of the store."""
    async with open_context(parts, SYSTEM, write=False) as ctx:
        found = await _from_store(ctx)
    pool = parts.engine.pool
    in_use = getattr(pool, "checkedout", None)
    if in_use is not None:
        found["hub_db_connections_in_use"] = ("Database connections in use", float(in_use()))
    return found


async def _from_store(ctx: Context) -> Figures:
    async def one(query: object) -> float:
        return float((await ctx.session.execute(query)).scalar() or 0)  # type: ignore[call-overload]

    since = ctx.clock.now() - ONLINE_WITHIN
    count = func.count()
    return {
        "hub_events_seq": ("Number of the last event", await one(select(EventHeadRow.seq))),
        "hub_gateways": ("Gateways known", await one(select(count).select_from(GatewayRow))),
        "hub_gateways_online": (
            "Gateways heard of in the last 30 seconds",
            await one(select(count).where(GatewayRow.last_seen_at >= since)),
        ),
        "hub_deployments_quarantined": (
            "Deployments that a gateway refused",
            await one(select(count).where(DeploymentRow.state == "quarantined")),
        ),
        "hub_backlog": ("Pieces of work left to do in steps", await one(select(count).select_from(BacklogRow))),
        "hub_backlog_failing": (
            "Pieces of work whose last step failed",
            await one(select(count).where(BacklogRow.failures > 0)),
        ),
        "hub_usage_batches_taken": ("Usage batches taken", await one(select(func.sum(UsageBatchRow.number)))),
        "hub_usage_records_dropped": (
            "Access records that gateways had to drop",
            await one(select(func.sum(UsageBatchRow.dropped))),
        ),
        "hub_usage_records_put_aside": (
            "Calls that gateways reported of APIs that they do not serve",
            await one(select(func.sum(UsageBatchRow.put_aside))),
        ),
        "hub_apis": ("APIs in the catalog", await one(select(count).select_from(ApiRow))),
        "hub_subscriptions_active": (
            "Active subscriptions",
            await one(select(count).where(SubscriptionRow.state == "active")),
        ),
        "hub_sessions": ("Signed-in browsers", await one(select(count).select_from(SessionRow))),
    }


async def readiness(parts: Parts) -> dict[str, bool]:
    """Part -> whether it works: database and analytics answer, and the schema is this release's."""
    return {**await _store_readiness(parts), "analytics": await _analytics_answers(parts)}


async def _store_readiness(parts: Parts) -> dict[str, bool]:
    try:
        async with open_context(parts, SYSTEM, write=False) as ctx:
            await ctx.session.execute(select(EventHeadRow.seq))
        present, wanted = await schema_revision(parts.engine)
    except Exception as error:  # whatever a driver raises: not ready
        log.warning("not_ready", part="database", error=type(error).__name__)
        return {"database": False, "schema": False}
    return {"database": True, "schema": present == wanted}


async def _analytics_answers(parts: Parts) -> bool:
    try:
        await parts.analytics.ping()
    except Exception as error:  # whatever the store raises: not ready
        log.warning("not_ready", part="analytics", error=type(error).__name__)
        return False
    return True
