"""How things stood when a call came: subscription, credential, quota, and how many calls had come before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from waypost.application.context import Context
from waypost.application.decisions.walk import Fact
from waypost.application.grants.counters import allowances, usages
from waypost.application.grants.quotas import Usage
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import CredentialState, LimitBy, SubscriptionState
from waypost.information.analytics.store import AnalyticsFilter, Scope
from waypost.information.models import CredentialRow, EventRow, SubscriptionRow
from waypost.information.repos.decisions import DecisionRepo, Terms

_STATES = {
    "subscription.approved": SubscriptionState.ACTIVE,
    "subscription.refused": SubscriptionState.REFUSED,
    "subscription.cancelled": SubscriptionState.CANCELLED,
}
_COLUMNS = {
    LimitBy.SUBSCRIPTION: "subscription_id",
    LimitBy.APP: "app_id",
    LimitBy.PLAN: "plan_id",
    LimitBy.API: "api_id",
    LimitBy.OPERATION: "operation_id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One rate limit and the calls let through in its window before the call; None = not measurable by the hub."""

    requests: int
    seconds: int
    by: LimitBy
    part: str
    of_plan: bool
    calls: int | None

    @property
    def share(self) -> float:
        """How full it was."""
        return 0.0 if self.calls is None else self.calls / self.requests

    def shown(self) -> dict[str, Any]:
        """For a fact."""
        values = {"requests": self.requests, "seconds": self.seconds, "by": self.by.value}
        return {**values, "from": "plan" if self.of_plan else "policy", "calls_before": self.calls}


def subscription_state(row: SubscriptionRow, events: Sequence[EventRow], at: datetime) -> str:
    """Its state at ``at``; ``none`` before it was asked for."""
    if row.created_at > at:
        return "none"
    state = ""
    for event in events:
        if event.object_id != row.id or event.at > at:
            continue
        state = event.data.get("state", "") if event.kind == "subscription.created" else _STATES.get(event.kind, state)
    return state or row.state


def credential_state(row: CredentialRow, at: datetime) -> str:
    """Its state at ``at``."""
    if row.created_at > at:
        return "not made yet"
    if row.revoked_at is not None and row.revoked_at <= at:
        return CredentialState.TAKEN_OVER if row.state == CredentialState.TAKEN_OVER else CredentialState.REVOKED
    if row.expires_at is not None and row.expires_at <= at:
        return CredentialState.EXPIRED
    return CredentialState.ACTIVE


async def subscription_facts(ctx: Context, record: AccessRecord, terms: Terms | None) -> list[Fact]:
    """The subscription then and now, and the plan that it was on."""
    repo = DecisionRepo(ctx.session)
    row = await repo.subscription(record.subscription_id)
    facts = []
    if row is not None:
        events = await repo.events([row.id], ("subscription.created", *_STATES))
        facts.append(Fact(name="subscription_then", value=subscription_state(row, events, record.at)))
        facts.append(Fact(name="subscription_now", value=row.state))
    if terms is not None:
        facts.append(Fact(name="plan", value=f"{terms.plan.name} (version {terms.version.number})"))
    return facts


async def credential_facts(ctx: Context, record: AccessRecord) -> list[Fact]:
    """The credential then and now, where the engine said which one it was."""
    found = await DecisionRepo(ctx.session).by_id(record.credential_id, "") if record.credential_id else None
    if found is None:
        return []
    row = found.credential
    facts = [
        Fact(name="credential", value=row.prefix),
        Fact(name="credential_then", value=credential_state(row, record.at)),
        Fact(name="credential_now", value=credential_state(row, ctx.clock.now())),
    ]
    if row.expires_at is not None:
        facts.append(Fact(name="credential_expires_at", value=row.expires_at))
    return facts


async def quota_facts(ctx: Context, record: AccessRecord) -> tuple[list[Fact], str]:
    """What the log said when the quota was used up, how all quotas stand now, and the key of the one that decided."""
    repo = DecisionRepo(ctx.session)
    told = await repo.events(await repo.subscriptions(record.app_id, record.api_id), ("quota.exhausted",))
    before = [event.data for event in told if event.at <= record.at]
    held = await allowances(ctx, [record.subscription_id])
    standing = (await usages(ctx, held, ctx.clock.now())).get(record.subscription_id, [])
    facts = [Fact(name="quotas_now", value=[_standing(item) for item in standing])]
    if not before:
        return facts, ""
    names = ("quota", "amount", "used", "resets_at")
    then = {name: before[-1][name] for name in names if name in before[-1]}
    return [Fact(name="quota_then", value=then), *facts], str(before[-1].get("quota", ""))


def _standing(item: Usage) -> dict[str, Any]:
    values = {"quota": item.key, "amount": item.quota.amount, "used": item.used, "overage": item.overage}
    return {**values, "resets_at": item.resets_at}


async def measured(
    ctx: Context, record: AccessRecord, plan: Sequence[Mapping[str, Any]], policy: Sequence[Mapping[str, Any]]
) -> list[Measured]:
    """Every limit that stood over the call, the fullest first. ``plan`` from its terms, ``policy`` from a policy."""
    found = []
    for of_plan, place, limits in ((True, "/rate_limits", plan), (False, "/limits", policy)):
        for index, limit in enumerate(limits):
            by = LimitBy(limit.get("by", LimitBy.SUBSCRIPTION))
            calls = await _calls_before(ctx, record, by, limit["seconds"])
            found.append(
                Measured(
                    requests=limit["requests"],
                    seconds=limit["seconds"],
                    by=by,
                    part=f"{place}/{index}",
                    of_plan=of_plan,
                    calls=calls,
                )
            )
    return sorted(found, key=lambda item: -item.share)


async def _calls_before(ctx: Context, record: AccessRecord, by: LimitBy, seconds: int) -> int | None:
    column = _COLUMNS.get(by)
    value = getattr(record, column) if column else ""
    if not column or not value:
        return None
    narrowed: dict[str, Any] = {column: value}
    span = AnalyticsFilter(start=record.at - timedelta(seconds=seconds), end=record.at, **narrowed)
    total = await ctx.parts.analytics.summary(Scope.all(), span)
    return total.calls - total.refused
