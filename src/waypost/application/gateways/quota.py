"""Quotas: counted by the hub over all gateways, in calendar windows of UTC; a used-up one ends grants everywhere.

A quota is exact in what it counts and late in what it refuses by the time a batch takes to arrive (under a second).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.contracts.windows import window_start
from waypost.contracts.vocab import Window
from waypost.information.repos.grants import GrantRepo, GrantScope
from waypost.information.repos.quota import QuotaRepo


class QuotaService:
    """Stateless. ``count`` belongs into the transaction that takes the usage batch."""

    async def count(self, ctx: Context, used: Counter[tuple[str, datetime]]) -> None:
        """Add ``(subscription, moment) -> calls``; whoever crosses the quota is refused everywhere from here on."""
        repo = QuotaRepo(ctx.session)
        quotas = {row.subscription_id: row.quota for row in await repo.plans({key[0] for key in used})}
        counts: Counter[tuple[str, str, datetime]] = Counter()
        for (subscription_id, moment), calls in used.items():
            if subscription_id in quotas:
                window = Window(quotas[subscription_id]["window"])
                counts[subscription_id, window.value, window_start(window, moment)] += calls
        await repo.add(dict(counts))
        for subscription_id in sorted(await self._crossed(ctx, counts, quotas)):
            await self._exhaust(ctx, subscription_id)

    async def release_due(self, ctx: Context) -> int:
        """Grants whose window has ended are in force again; how many subscriptions."""
        due = await GrantRepo(ctx.session).due_subscriptions(ctx.clock.now())
        for subscription_id in due:
            seq = await ctx.uow.record("quota.reset", object_kind="subscription", object_id=subscription_id)
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(subscription_id=subscription_id))
        return len(due)

    async def _crossed(
        self, ctx: Context, counts: Counter[tuple[str, str, datetime]], quotas: dict[str, dict[str, int]]
    ) -> set[str]:
        """Subscriptions whose current window went over the limit with these calls."""
        now = ctx.clock.now()
        starts = {window_start(window, now) for window in Window}
        current = {key: calls for key, calls in counts.items() if key[2] in starts}
        used = await QuotaRepo(ctx.session).used({key[0] for key in current}, starts=starts)
        crossed: set[str] = set()
        for key, calls in current.items():
            limit = quotas[key[0]]["requests"]
            after = used.get(key, 0)
            if after - calls < limit <= after and key[2] == window_start(Window(key[1]), now):
                crossed.add(key[0])
        return crossed

    async def _exhaust(self, ctx: Context, subscription_id: str) -> None:
        seq = await ctx.uow.record("quota.exhausted", object_kind="subscription", object_id=subscription_id)
        await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(subscription_id=subscription_id))
