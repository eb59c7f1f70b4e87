"""What a quota counts, how much of it is used, and when it starts anew. Pure.

Counters are sums per subscription, meter (what is counted) and span (a calendar's window, or a step of a rolling one);
a quota reads those that lie in its window now. So two quotas of one meter and span share their counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from waypost.contracts.ir import Quota
from waypost.contracts.vocab import QuotaUnit
from waypost.contracts.windows import rolling_start, step_leaves, step_start, window_end, window_start

Counters = Mapping[tuple[str, str, datetime], float]
"""(meter, span, start) -> sum, of one subscription."""
ROLLING = "last_"


@dataclass(slots=True)
class Spent:
    """What calls used: calls (by their cost), bytes in and out, and units by response header."""

    calls: float = 0
    bytes: float = 0
    units: float = 0

    def of(self, quota: Quota) -> float:
        """The part that ``quota`` counts."""
        parts = {QuotaUnit.REQUESTS: self.calls, QuotaUnit.BYTES: self.bytes, QuotaUnit.HEADER: self.units}
        return parts[quota.unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How a quota stands. ``resets_at``: when it starts anew; a rolling one when the next calls leave it, or those
    that make room again.
    """

    quota: Quota
    used: float
    starts_at: datetime
    resets_at: datetime

    @property
    def key(self) -> str:
        """What tells it from the plan's other quotas."""
        return key_of(self.quota)

    @property
    def overage(self) -> float:
        """What was used beyond the amount."""
        return max(0.0, self.used - self.quota.amount)

    @property
    def exhausted(self) -> bool:
        """Calls are refused until it resets."""
        return self.used >= self.quota.amount and not self.quota.overage

    @property
    def soft_amount(self) -> float:
        """Where the warning comes; 0 = no warning."""
        return self.quota.amount * self.quota.soft_percent / 100

    def crossed(self, amount: float, added: float) -> bool:
        """Whether ``added`` (of what is used) brought it to ``amount``."""
        return 0 < amount <= self.used and self.used - added < amount


def meter(quota: Quota) -> str:
    """What it counts, as counters are named."""
    return f"header:{quota.header.lower()}" if quota.unit is QuotaUnit.HEADER else quota.unit.value


def span(quota: Quota) -> str:
    """Over which time, as counters are named."""
    return f"{ROLLING}{quota.window.value}" if quota.rolling else quota.window.value


def key_of(quota: Quota) -> str:
    """Meter and span: what tells a quota from the others of a plan."""
    return f"{meter(quota)}/{span(quota)}"


def counter_start(quota: Quota, at: datetime) -> datetime:
    """The counter that a call at ``at`` goes into."""
    return step_start(quota.window, at) if quota.rolling else window_start(quota.window, at)


def first_counter(quota: Quota, now: datetime) -> datetime:
    """The oldest counter that still counts."""
    return rolling_start(quota.window, now) if quota.rolling else window_start(quota.window, now)


def usage(quota: Quota, counters: Counters, now: datetime) -> Usage:
    """How ``quota`` stands at ``now``."""
    first, newest = first_counter(quota, now), counter_start(quota, now)
    wanted = (meter(quota), span(quota))
    held = sorted((key[2], value) for key, value in counters.items() if key[:2] == wanted and first <= key[2] <= newest)
    used = sum(value for _, value in held)
    resets_at = _room_at(quota, held, used, now) if quota.rolling else window_end(quota.window, now)
    return Usage(quota=quota, used=used, starts_at=first, resets_at=resets_at)


def _room_at(quota: Quota, held: list[tuple[datetime, float]], used: float, now: datetime) -> datetime:
    """When enough steps have left; with room left, when the oldest leaves."""
    for start, value in held:
        used -= value
        if used < quota.amount:
            return step_leaves(quota.window, start)
    return now
