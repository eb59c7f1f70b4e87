"""Subscriptions: ask, decide, change, end."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.subscriptions.schemas import (
    ApproveNote,
    GrantRead,
    RefuseReason,
    Side,
    SubscriptionCreate,
    SubscriptionRead,
    SubscriptionUpdate,
)
from waypost.application.subscriptions.service import SubscriptionService
from waypost.contracts.vocab import SubscriptionState
from waypost.interaction.api.access_matrix import OWNED, SIGNED_IN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/subscriptions", tags=["subscriptions"])


@router.get("", summary="List subscriptions", responses=problems(400))
async def list_subscriptions(
    ctx: Ctx,
    page: Paging,
    app_id: Annotated[str, Query(max_length=40)] = "",
    api_id: Annotated[str, Query(max_length=63, description="Id or slug")] = "",
    state: Annotated[SubscriptionState | None, Query()] = None,
    role: Annotated[Side | None, Query(description="Only those seen from this side")] = None,
) -> PageRead[SubscriptionRead]:
    """Those of the caller's apps and those to the caller's APIs. Sort by `created_at` or `updated_at`."""
    found = await SubscriptionService().list(ctx, page=page, app_id=app_id, api_id=api_id, state=state or "", side=role)
    return PageRead.of(found)


@router.post("", status_code=201, summary="Subscribe an app to an API", responses=problems(403, 404, 409))
async def create_subscription(ctx: Ctx, body: SubscriptionCreate) -> SubscriptionRead:
    """Active at once, or pending where the plan takes the provider's approval."""
    return await SubscriptionService().create(ctx, body)


@router.get("/{subscription_id}", summary="Read a subscription", responses=problems(404))
async def get_subscription(ctx: Ctx, subscription_id: str) -> SubscriptionRead:
    """For the app's side and the API's side."""
    return await SubscriptionService().get(ctx, subscription_id)


@router.patch("/{subscription_id}", summary="Change a subscription's plan", responses=problems(403, 404, 409, 412, 428))
async def update_subscription(
    ctx: Ctx, subscription_id: str, body: SubscriptionUpdate, revision: IfMatch
) -> SubscriptionRead:
    """To the current version of the plan. A plan with approval is the provider's to set."""
    return await SubscriptionService().change_plan(ctx, subscription_id, body, revision=revision)


@router.post("/{subscription_id}/approve", summary="Approve a pending subscription", responses=problems(403, 404, 409))
async def approve_subscription(ctx: Ctx, subscription_id: str, body: ApproveNote | None = None) -> SubscriptionRead:
    """Its keys work on every gateway of the API moments later."""
    return await SubscriptionService().approve(ctx, subscription_id, note=body.note if body else "")


@router.post("/{subscription_id}/refuse", summary="Refuse a pending subscription", responses=problems(403, 404, 409))
async def refuse_subscription(ctx: Ctx, subscription_id: str, body: RefuseReason) -> SubscriptionRead:
    """The consumer reads the reason."""
    return await SubscriptionService().refuse(ctx, subscription_id, reason=body.reason)


@router.post("/{subscription_id}/cancel", summary="End a subscription", responses=problems(403, 404, 409))
async def cancel_subscription(ctx: Ctx, subscription_id: str) -> SubscriptionRead:
    """From either side; the app's keys stop working on this API."""
    return await SubscriptionService().cancel(ctx, subscription_id)


@router.get("/{subscription_id}/grants", summary="Where a subscription's keys are in force", responses=problems(404))
async def list_subscription_grants(ctx: Ctx, subscription_id: str) -> PageRead[GrantRead]:
    """One line for each key on each gateway that serves the API, all on one page."""
    return PageRead(items=list(await SubscriptionService().grants(ctx, subscription_id)))


ACCESS = {
    "list_subscriptions": SIGNED_IN,
    "create_subscription": OWNED,
    "get_subscription": OWNED,
    "update_subscription": OWNED,
    "approve_subscription": OWNED,
    "refuse_subscription": OWNED,
    "cancel_subscription": OWNED,
    "list_subscription_grants": OWNED,
}
