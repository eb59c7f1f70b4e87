"""Quotas: counted by the hub over all gateways; a used-up one ends grants everywhere, or is counted as overage.

A quota is exact in what it counts and late in what it refuses by the time a batch takes to arrive (under a second).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from waypost.application.context import Context
from waypost.application.grants.counters import Allowance, allowances, usages
from waypost.application.grants.quotas import Spent, Usage, counter_start, meter, span
from waypost.application.grants.service import GrantService
from waypost.information.repos.grants import GrantRepo, GrantScope
from waypost.information.repos.quota import QuotaRepo

Sums = Mapping[tuple[str, str, str, datetime], float]


class QuotaService:
    """Stateless. ``count`` belongs into the transaction that takes the usage batch."""

    async def count(self, ctx: Context, spent: Mapping[tuple[str, datetime], Spent]) -> None:
        """Add ``(subscription, minute) -> spent``; whoever crosses a quota is refused everywhere from here on."""
        held = await allowances(ctx, {key[0] for key in spent})
        sums = _sums(held, spent)
        await QuotaRepo(ctx.session).add(sums)
        for key, found in sorted((await usages(ctx, held, ctx.clock.now())).items()):
            await self._follow(ctx, held[key], found, sums)

    async def release_due(self, ctx: Context) -> int:
        """Grants whose quota has room again are in force again; how many subscriptions."""
        due = await GrantRepo(ctx.session).due_subscriptions(ctx.clock.now())
        released = 0
        held = await allowances(ctx, due)
        standing = await usages(ctx, held, ctx.clock.now())
        for key in due:
            still = _longest(standing.get(key, []))
            released += still is None
            if still is None:
                await _reconcile(ctx, "quota.reset", key, held.get(key), {})
            else:
                await _reconcile(ctx, "quota.exhausted", key, held[key], _told(still))
        return released

    async def _follow(self, ctx: Context, whose: Allowance, found: list[Usage], sums: Sums) -> None:
        """What the calls of this batch brought about."""
        for item in found:
            added = _added(whose.subscription_id, item, sums)
            if item.crossed(item.soft_amount, added):
                await _tell_once(ctx, "quota.warned", whose, item)
            if item.quota.overage and item.crossed(item.quota.amount, added):
                await _tell_once(ctx, "quota.overage", whose, item)
        longest = _longest(found)
        if longest is not None and await GrantRepo(ctx.session).any_open(whose.subscription_id):
            await _reconcile(ctx, "quota.exhausted", whose.subscription_id, whose, _told(longest))


def _sums(held: Mapping[str, Allowance], spent: Mapping[tuple[str, datetime], Spent]) -> Sums:
    sums: defaultdict[tuple[str, str, str, datetime], float] = defaultdict(float)
    for (subscription_id, minute), amount in spent.items():
        quotas = held[subscription_id].quotas if subscription_id in held else ()
        # Two quotas of one meter and span read one counter: it is added to once.
        for (name, over), quota in {(meter(item), span(item)): item for item in quotas}.items():
            if value := amount.of(quota):
                sums[subscription_id, name, over, counter_start(quota, minute)] += value
    return sums


def _added(subscription_id: str, item: Usage, sums: Sums) -> float:
    wanted = (subscription_id, meter(item.quota), span(item.quota))
    return sum(value for key, value in sums.items() if key[:3] == wanted and key[3] >= item.starts_at)


def _longest(found: list[Usage]) -> Usage | None:
    """Of the used-up quotas the one that stays so for the longest."""
    return max((item for item in found if item.exhausted), key=lambda item: item.resets_at, default=None)


def _told(item: Usage) -> dict[str, object]:
    quota = item.quota
    return {
        "quota": item.key,
        "amount": quota.amount,
        "used": round(item.used, 3),
        "window": quota.window.value,
        "rolling": quota.rolling,
        "resets_at": item.resets_at.isoformat(),
    }


async def _tell_once(ctx: Context, kind: str, whose: Allowance, item: Usage) -> None:
    """Once per window: a rolling one may be crossed again when calls have left it."""
    told = await QuotaRepo(ctx.session).told(whose.subscription_id, kind, since=item.starts_at)
    if not any(event.data.get("quota") == item.key for event in told):
        await _record(ctx, kind, whose.subscription_id, whose, _told(item))


async def _reconcile(
    ctx: Context, kind: str, subscription_id: str, whose: Allowance | None, data: dict[str, object]
) -> None:
    seq = await _record(ctx, kind, subscription_id, whose, data)
    await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(subscription_id=subscription_id))


async def _record(
    ctx: Context, kind: str, subscription_id: str, whose: Allowance | None, data: dict[str, object]
) -> int:
    """For the app's side: it is their quota."""
    facts = {"app_id": whose.app_id, "api_id": whose.api_id, **data} if whose else data
    return await ctx.uow.record(
        kind,
        object_kind="subscription",
        object_id=subscription_id,
        owner_id=whose.app_owner_id if whose else "",
        data=facts,
    )
