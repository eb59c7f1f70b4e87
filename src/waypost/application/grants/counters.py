"""How the quotas of subscriptions stand: what their plans promise, and what the hub has counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from waypost.application.context import Context
from waypost.application.grants.quotas import Usage, first_counter, span, usage
from waypost.contracts.ir import Quota
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.vocab import Window
from waypost.contracts.windows import rolling_start, window_start
from waypost.information.repos.quota import QuotaRepo


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The quotas of one subscription, and whose it is."""

    subscription_id: str
    app_id: str
    api_id: str
    app_owner_id: str
    quotas: tuple[Quota, ...]


async def allowances(ctx: Context, subscription_ids: Collection[str]) -> dict[str, Allowance]:
    """Those of the subscriptions whose plan has quotas."""
    found = await QuotaRepo(ctx.session).promised(subscription_ids)
    return {
        key: Allowance(
            subscription_id=key,
            app_id=row.app_id,
            api_id=row.api_id,
            app_owner_id=row.app_owner_id,
            quotas=tuple(from_plain(Quota, item) for item in (*row.terms, *(row.policy or {}).get("quotas", ()))),
        )
        for key, row in found.items()
    }


async def usages(ctx: Context, held: dict[str, Allowance], now: datetime) -> dict[str, list[Usage]]:
    """Subscription -> how each of its quotas stands at ``now``."""
    first = {span(quota): first_counter(quota, now) for item in held.values() for quota in item.quotas}
    counters = await QuotaRepo(ctx.session).counters(held, since=first)
    return {key: [usage(quota, counters.get(key, {}), now) for quota in item.quotas] for key, item in held.items()}


async def forget_counters(ctx: Context) -> None:
    """Drop the steps of rolling windows that count no more, and the calendar's hours and days of long ago."""
    now, repo = ctx.clock.now(), QuotaRepo(ctx.session)
    for window in Window:
        await repo.forget(f"last_{window.value}", before=rolling_start(window, now))
    for window in (Window.HOUR, Window.DAY):
        await repo.forget(window.value, before=window_start(Window.MONTH, now))
