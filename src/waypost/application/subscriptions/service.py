"""Subscriptions: asked for by the app's side, decided by the API's side, ended by either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from waypost.application import access
from waypost.application.apps.service import AppService
from waypost.application.catalog.changes import flush_claim
from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.application.revisions import bump, check_revision
from waypost.application.subscriptions.errors import (
    AlreadySubscribed,
    ApiNotOpen,
    BadPlan,
    NotOpen,
    NotPending,
    PlanNeedsApproval,
)
from waypost.application.subscriptions.reading import OPEN, read_grants, read_subscriptions
from waypost.application.subscriptions.schemas import (
    GrantRead,
    Side,
    SubscriptionCreate,
    SubscriptionRead,
    SubscriptionUpdate,
)
from waypost.contracts.vocab import Lifecycle, SubscriptionState
from waypost.information.models import ApiRow, AppRow, PlanRow, PlanVersionRow, SubscriptionRow
from waypost.information.repos.catalog import ApiRepo
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.paging import paginate
from waypost.information.repos.subscriptions import SubscriptionRepo, SubscriptionView
from waypost.kit.errors import FieldError, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

SORTS = {"created_at": SubscriptionRow.created_at, "updated_at": SubscriptionRow.updated_at}
_SUBSCRIBABLE = (Lifecycle.PUBLISHED, Lifecycle.DEPRECATED)


class SubscriptionService:
    """Stateless. Both sides see a subscription: the app's owner and the API's owner."""

    async def create(self, ctx: Context, body: SubscriptionCreate) -> SubscriptionRead:
        """Ask for an API. Active at once unless the plan takes approval.

        Raises NotFound (app or API not the caller's to see), ApiNotOpen, BadPlan, AlreadySubscribed.
        """
        app = await AppService().require(ctx, body.app_id, "subscriptions:write")
        found = await ApiRepo(ctx.session).find(body.api_id, where=access.visible_apis(ctx.principal))
        if found is None:
            raise NotFound("There is no such API.")
        api = found.api
        if api.lifecycle not in _SUBSCRIBABLE:
            raise ApiNotOpen(f"It is {api.lifecycle}.")
        plan, version = await self._plan(ctx, api, body.plan_id)
        open_key = f"{app.id}:{api.id}"
        if await SubscriptionRepo(ctx.session).open_exists(open_key):
            raise AlreadySubscribed
        row = _new(ctx, app, api, version, open_key)
        ctx.session.add(row)
        await flush_claim(ctx, AlreadySubscribed)
        data = {"app_id": app.id, "api_id": api.id, "plan_id": plan.id, "state": row.state}
        await self._changed(ctx, "subscription.created", row, api, data)
        return await self.get(ctx, row.id)

    async def get(self, ctx: Context, subscription_id: str) -> SubscriptionRead:
        """One subscription, for either side."""
        return (await read_subscriptions(ctx, [await self._require(ctx, subscription_id)]))[0]

    async def list(
        self,
        ctx: Context,
        *,
        page: PageRequest,
        app_id: str = "",
        api_id: str = "",
        state: str = "",
        side: Side | None = None,
    ) -> Page[SubscriptionRead]:
        """What the caller sees as consumer, as provider, or both."""
        access.require_user(ctx)
        statement = SubscriptionRepo(ctx.session).views().where(_visible(ctx, side))
        wanted = ((SubscriptionRow.app_id, app_id), (SubscriptionRow.state, state))
        statement = statement.where(*(column == value for column, value in wanted if value))
        if api_id:
            statement = statement.where(or_(ApiRow.id == api_id, ApiRow.slug == api_id))
        found = await paginate(ctx.session, statement, page=page, sort_columns=SORTS, id_column=SubscriptionRow.id)
        return Page(await read_subscriptions(ctx, [SubscriptionView(*item) for item in found.items]), found.next_cursor)

    async def approve(self, ctx: Context, subscription_id: str, *, note: str = "") -> SubscriptionRead:
        """Let a pending subscription through. Raises NotPending."""
        view = await self._decide(ctx, subscription_id, SubscriptionState.ACTIVE, reason=note)
        await self._changed(ctx, "subscription.approved", view.subscription, view.api, {"note": note})
        return await self.get(ctx, subscription_id)

    async def refuse(self, ctx: Context, subscription_id: str, *, reason: str) -> SubscriptionRead:
        """Turn a pending subscription down. Raises NotPending."""
        view = await self._decide(ctx, subscription_id, SubscriptionState.REFUSED, reason=reason)
        view.subscription.open_key = None
        await self._changed(ctx, "subscription.refused", view.subscription, view.api, {"reason": reason})
        return await self.get(ctx, subscription_id)

    async def cancel(self, ctx: Context, subscription_id: str) -> SubscriptionRead:
        """End it, from either side. Raises NotOpen."""
        view = await self._require_open(ctx, subscription_id)
        row = view.subscription
        row.state = SubscriptionState.CANCELLED
        row.open_key = None
        bump(ctx, row)
        await self._changed(ctx, "subscription.cancelled", row, view.api, {})
        return await self.get(ctx, subscription_id)

    async def change_plan(
        self, ctx: Context, subscription_id: str, body: SubscriptionUpdate, *, revision: int
    ) -> SubscriptionRead:
        """To the current version of another plan (or of the same one). Raises NotOpen, BadPlan, PlanNeedsApproval."""
        view = await self._require_open(ctx, subscription_id)
        row = view.subscription
        check_revision(row, revision)
        plan, version = await self._plan(ctx, view.api, body.plan_id)
        approver = access.can(ctx, "subscriptions:approve", owner_id=view.api.owner_id)
        if version.approval and not approver and row.state == SubscriptionState.ACTIVE:
            raise PlanNeedsApproval
        row.plan_version_id = version.id
        if row.state == SubscriptionState.PENDING and not version.approval:
            row.state = SubscriptionState.ACTIVE
        bump(ctx, row)
        data = {"plan_id": plan.id, "plan_version_id": version.id, "from": view.plan_version.id}
        await self._changed(ctx, "subscription.plan_changed", row, view.api, data)
        return await self.get(ctx, subscription_id)

    async def grants(self, ctx: Context, subscription_id: str) -> Sequence[GrantRead]:
        """Where its keys are in force."""
        await self._require(ctx, subscription_id)
        return await read_grants(ctx, subscription_id)

    async def _require(self, ctx: Context, subscription_id: str) -> SubscriptionView:
        access.require_user(ctx)
        view = await SubscriptionRepo(ctx.session).find(subscription_id, where=_visible(ctx, None))
        if view is None:
            raise NotFound("There is no such subscription.")
        return view

    async def _require_open(self, ctx: Context, subscription_id: str) -> SubscriptionView:
        view = await self._require(ctx, subscription_id)
        if not access.can(ctx, "subscriptions:approve", owner_id=view.api.owner_id):
            access.require(ctx, "subscriptions:write", owner_id=view.app.owner_id, visible=True)
        if view.subscription.state not in OPEN:
            raise NotOpen
        return view

    async def _decide(
        self, ctx: Context, subscription_id: str, state: SubscriptionState, *, reason: str
    ) -> SubscriptionView:
        view = await self._require(ctx, subscription_id)
        access.require(ctx, "subscriptions:approve", owner_id=view.api.owner_id, visible=True)
        row = view.subscription
        if row.state != SubscriptionState.PENDING:
            raise NotPending(f"It is {row.state}.")
        row.state = state
        row.reason = reason
        row.decided_by = ctx.principal.id
        row.decided_at = ctx.clock.now()
        bump(ctx, row)
        return view

    async def _plan(self, ctx: Context, api: ApiRow, plan_id: str) -> tuple[PlanRow, PlanVersionRow]:
        found = await SubscriptionRepo(ctx.session).plan(plan_id)
        if found is None or found[0].api_id != api.id or found[0].lifecycle != Lifecycle.PUBLISHED:
            raise BadPlan(errors=[FieldError("/plan_id", "this is not a published plan of this API")])
        return found

    async def _changed(self, ctx: Context, kind: str, row: SubscriptionRow, api: ApiRow, data: dict[str, Any]) -> None:
        seq = await ctx.uow.record(kind, object_kind="subscription", object_id=row.id, owner_id=api.owner_id, data=data)
        await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(subscription_id=row.id))


def _new(ctx: Context, app: AppRow, api: ApiRow, version: PlanVersionRow, open_key: str) -> SubscriptionRow:
    now = ctx.clock.now()
    state = SubscriptionState.PENDING if version.approval else SubscriptionState.ACTIVE
    return SubscriptionRow(
        id=new_id("sub"),
        app_id=app.id,
        api_id=api.id,
        plan_version_id=version.id,
        state=state,
        open_key=open_key,
        reason="",
        requested_by=ctx.principal.id,
        created_at=now,
        updated_at=now,
        revision=1,
        demo=False,
    )


def _visible(ctx: Context, side: Side | None) -> ColumnElement[bool]:
    consumer = access.owned_by(ctx.principal, AppRow.owner_id, "subscriptions:read")
    provider = access.owned_by(ctx.principal, ApiRow.owner_id, "subscriptions:read")
    if side is Side.CONSUMER:
        return consumer
    return provider if side is Side.PROVIDER else or_(consumer, provider)
