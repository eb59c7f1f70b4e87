"""Subscriptions as they are shown: names, quota and what the caller may do."""

from __future__ import annotations

from collections.abc import Sequence

from waypost.application import access
from waypost.application.context import Context
from waypost.application.grants.counters import allowances, usages
from waypost.application.grants.quotas import Usage
from waypost.application.owners import owner_ref
from waypost.application.subscriptions.schemas import (
    ApiRef,
    AppRef,
    GatewayRef,
    GrantCredentialRef,
    GrantRead,
    PersonRef,
    PlanRef,
    QuotaRead,
    SubscriptionRead,
)
from waypost.contracts.vocab import SubscriptionState
from waypost.information.models import SubscriptionRow
from waypost.information.repos.subscriptions import SubscriptionRepo, SubscriptionView

OPEN = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)


async def read_subscriptions(ctx: Context, views: Sequence[SubscriptionView]) -> list[SubscriptionRead]:
    """The reads of several subscriptions with two look-ups in all."""
    people = {person for view in views for person in _people(view.subscription)}
    names = await SubscriptionRepo(ctx.session).names(people)
    quotas = await _quotas(ctx, views)
    return [_read(ctx, view, names, quotas.get(view.subscription.id, [])) for view in views]


async def read_grants(ctx: Context, subscription_id: str) -> list[GrantRead]:
    """The grants of a subscription; the key's prefix is empty where the key is gone."""
    rows = await SubscriptionRepo(ctx.session).grants(subscription_id)
    return [
        GrantRead(
            id=grant.id,
            gateway=GatewayRef(id=grant.gateway_id, name=gateway),
            credential=GrantCredentialRef(id=grant.credential_id, prefix=prefix or ""),
            state=grant.state,
            revision=grant.revision,
            updated_at=grant.updated_at,
        )
        for grant, gateway, prefix in rows
    ]


def _people(row: SubscriptionRow) -> set[str]:
    return {person for person in (row.requested_by, row.decided_by) if person}


async def _quotas(ctx: Context, views: Sequence[SubscriptionView]) -> dict[str, list[QuotaRead]]:
    held = await allowances(ctx, [view.subscription.id for view in views])
    standing = await usages(ctx, held, ctx.clock.now())
    return {key: [_quota_read(item) for item in items] for key, items in standing.items()}


def _quota_read(item: Usage) -> QuotaRead:
    quota = item.quota
    return QuotaRead(
        limit=quota.amount,
        window=quota.window.value,
        unit=quota.unit.value,
        header=quota.header,
        rolling=quota.rolling,
        used=item.used,
        overage=item.overage,
        soft_limit=item.soft_amount,
        stops=not quota.overage,
        exhausted=item.exhausted,
        resets_at=item.resets_at,
    )


def _read(ctx: Context, view: SubscriptionView, names: dict[str, str], quotas: list[QuotaRead]) -> SubscriptionRead:
    row = view.subscription
    plan = PlanRef(
        id=view.plan.id,
        slug=view.plan.slug,
        name=view.plan.name,
        version_id=view.plan_version.id,
        number=view.plan_version.number,
    )
    return SubscriptionRead(
        id=row.id,
        app=AppRef(id=view.app.id, name=view.app.name, owner=owner_ref(view.app_owner)),
        api=ApiRef(id=view.api.id, slug=view.api.slug, name=view.api.name),
        plan=plan,
        state=row.state,
        reason=row.reason,
        requested_by=PersonRef(id=row.requested_by, name=names.get(row.requested_by, "")),
        decided_by=PersonRef(id=row.decided_by, name=names.get(row.decided_by, "")) if row.decided_by else None,
        decided_at=row.decided_at,
        quotas=quotas,
        quota=quotas[0] if quotas else None,
        demo=row.demo,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        may=_may(ctx, view),
    )


def _may(ctx: Context, view: SubscriptionView) -> list[str]:
    state = view.subscription.state
    approver = access.can(ctx, "subscriptions:approve", owner_id=view.api.owner_id)
    subscriber = access.can(ctx, "subscriptions:write", owner_id=view.app.owner_id)
    verbs = ["approve", "refuse"] if approver and state == SubscriptionState.PENDING else []
    if (approver or subscriber) and state in OPEN:
        verbs += ["cancel", "change_plan"]
    return verbs
