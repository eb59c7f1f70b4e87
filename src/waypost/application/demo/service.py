"""Demo content goes in one transaction: the demo's APIs and apps, and its teams and people.

What was made since stays, and with it the team or person that owns it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, union, update

from waypost.application import access
from waypost.application.context import Context
from waypost.application.demo.schemas import DemoRemoved
from waypost.application.grants.service import GrantService
from waypost.information.models import (
    ApiRow,
    AppRow,
    DeploymentRow,
    EntityRow,
    GatewayRow,
    HubRow,
    IssuerRow,
    SubscriptionRow,
    TeamRow,
    UserRow,
    VersionRow,
)
from waypost.information.repos.grants import GrantScope

CONFIRMED_FOR = timedelta(minutes=5)


class DemoService:
    """Stateless."""

    async def remove(self, ctx: Context) -> DemoRemoved:
        """Take the demo away for good, its calls included. A second time it removes nothing."""
        access.require(ctx, "hub:write")
        needed = await _owners_of_more(ctx)
        teams = await _ids(ctx, select(TeamRow.id).where(TeamRow.demo, TeamRow.id.not_in(needed)))
        people = await _ids(ctx, select(UserRow.id).where(UserRow.demo, UserRow.id.not_in(needed)))
        apis = await _ids(ctx, select(ApiRow.id).where(ApiRow.demo))
        apps = await _ids(ctx, select(AppRow.id).where(AppRow.demo))
        counts = DemoRemoved(apis=len(apis), apps=len(apps), teams=len(teams), people=len(people))
        revision = await ctx.uow.record("demo.removed", object_kind="hub", object_id="hub", data=counts.model_dump())
        await self._delete(ctx, apis, apps, [*teams, *people])
        await self._settle(ctx, apis, apps, revision)
        # Another store: should this transaction fail, the demo stays without its calls, and can be removed again.
        await ctx.parts.analytics.forget(frozenset(apis))
        ctx.uow.after_commit(ctx.parts.changed.pulse)
        return counts

    async def _delete(self, ctx: Context, apis: list[str], apps: list[str], owners: list[str]) -> None:
        session = ctx.session
        for api_id in apis:
            await ctx.parts.search.replace(session, api_id, [])
        involved = or_(SubscriptionRow.api_id.in_(apis), SubscriptionRow.app_id.in_(apps))
        steps: list[Any] = [
            delete(SubscriptionRow).where(involved),
            delete(DeploymentRow).where(DeploymentRow.api_id.in_(apis)),
            delete(VersionRow).where(VersionRow.api_id.in_(apis)),
            delete(ApiRow).where(ApiRow.id.in_(apis)),
            delete(AppRow).where(AppRow.id.in_(apps)),
            delete(EntityRow).where(EntityRow.id.in_(owners)),
            update(TeamRow).values(demo=False),
            update(UserRow).values(demo=False),
        ]
        for step in steps:
            await session.execute(step.execution_options(synchronize_session=False))

    async def _settle(self, ctx: Context, apis: list[str], apps: list[str], revision: int) -> None:
        """Gateways hear of it; whoever removes the demo has said yes to the large delete that it is."""
        scopes = [GrantScope(api_id=row) for row in apis] + [GrantScope(app_id=row) for row in apps]
        for scope in scopes:
            await GrantService().reconcile(ctx, revision=revision, scope=scope)
        until = ctx.clock.now() + CONFIRMED_FOR
        await ctx.session.execute(update(GatewayRow).values(confirm_deletes_until=until))
        hub = await ctx.session.get_one(HubRow, "hub")
        hub.demo = {"state": "removed"}


async def _owners_of_more(ctx: Context) -> list[str]:
    """Who owns anything that is no demo."""
    found: Any = union(
        select(ApiRow.owner_id).where(~ApiRow.demo),
        select(AppRow.owner_id).where(~AppRow.demo),
        select(IssuerRow.owner_id).where(IssuerRow.owner_id.is_not(None)),
    )
    return await _ids(ctx, found)


async def _ids(ctx: Context, statement: Any) -> list[str]:
    return list((await ctx.session.execute(statement)).scalars())
