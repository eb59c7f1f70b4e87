"""Whose calls somebody may see: as consumer those of their apps, as provider those to their APIs, nobody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from waypost.application import access
from waypost.application.analytics.errors import BadRange
from waypost.application.context import Context
from waypost.application.subscriptions.schemas import Side
from waypost.information.analytics.store import AnalyticsFilter, Scope
from waypost.information.models import ApiRow, AppRow
from waypost.information.repos.names import NameRepo
from waypost.kit.clock import aware
from waypost.kit.errors import FieldError

PERMISSION = "analytics:read"
DEFAULT_PERIOD = timedelta(hours=24)
LONGEST = timedelta(days=1100)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """What a reader asks for; empty = all that the reader may see."""

    start: datetime | None = None
    end: datetime | None = None
    api_id: str = ""
    app_id: str = ""
    version_id: str = ""
    operation_id: str = ""
    subscription_id: str = ""
    gateway_id: str = ""
    status_class: int | None = None
    side: Side | None = None


async def scope_of(ctx: Context, side: Side | None) -> Scope:
    """The caller's scope. Administrators and auditors see everything."""
    access.require_user(ctx)
    if access.sees_all(ctx.principal, PERMISSION):
        return Scope.all()
    names = NameRepo(ctx.session)
    apis, apps = frozenset[str](), frozenset[str]()
    if side is not Side.CONSUMER:
        apis = await names.owned_apis(access.owned_by(ctx.principal, ApiRow.owner_id, PERMISSION))
    if side is not Side.PROVIDER:
        apps = await names.owned_apps(access.owned_by(ctx.principal, AppRow.owner_id, PERMISSION))
    return Scope(api_ids=apis, app_ids=apps)


async def filter_of(ctx: Context, query: CallQuery) -> AnalyticsFilter:
    """The store's filter, the period made definite. Raises BadRange."""
    end = aware(query.end) if query.end else ctx.clock.now() + timedelta(seconds=1)
    start = aware(query.start) if query.start else end - DEFAULT_PERIOD
    if not start < end or end - start > LONGEST:
        raise BadRange(errors=[FieldError("?from", "this does not come before `to`, or too long before")])
    return AnalyticsFilter(
        start=start,
        end=end,
        api_id=await _api_id(ctx, query.api_id),
        version_id=query.version_id,
        operation_id=query.operation_id,
        app_id=query.app_id,
        subscription_id=query.subscription_id,
        gateway_id=query.gateway_id,
        status_class=query.status_class,
    )


def before(where: AnalyticsFilter) -> AnalyticsFilter:
    """The period of the same length that ends where this one begins."""
    return replace(where, start=where.start - (where.end - where.start), end=where.start)


async def _api_id(ctx: Context, value: str) -> str:
    is_slug = value and not value.startswith("api_")
    return await NameRepo(ctx.session).api_id(value) if is_slug else value
