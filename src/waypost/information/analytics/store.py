"""The analytics port. Ids in, ids out: whoever shows numbers looks up the names.

Counts are exact. Percentiles come from logarithmic buckets and are within 2 % of the true value at any range.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.kit.errors import Invalid

MAX_POINTS = 2000


class RangeTooLong(Invalid):
    """More points than a chart can show."""

    code = "range_too_long"
    title = "This range has too many points at that interval"
    hint = "Ask for a wider interval or a shorter range."


class Interval(StrEnum):
    """Width of a point in a series."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Dimension(StrEnum):
    """What calls can be broken down by. ``status`` is the HTTP status, ``code`` the gateway's refusal or empty."""

    API = "api"
    VERSION = "version"
    OPERATION = "operation"
    APP = "app"
    SUBSCRIPTION = "subscription"
    PLAN = "plan"
    GATEWAY = "gateway"
    STATUS = "status"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose calls may be seen: those of these APIs or of these apps. The default is nobody's; never leave it out."""

    api_ids: frozenset[str] = frozenset()
    app_ids: frozenset[str] = frozenset()
    everything: bool = False

    @classmethod
    def all(cls) -> Scope:
        """Every call: administrators and the hub's own jobs."""
        return cls(everything=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsFilter:
    """Which calls: ``start <= at < end`` (aware), and whatever is not empty must be equal. ``status_class`` is 1..5."""

    start: datetime
    end: datetime
    api_id: str = ""
    version_id: str = ""
    operation_id: str = ""
    app_id: str = ""
    subscription_id: str = ""
    plan_id: str = ""
    gateway_id: str = ""
    status_class: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Totals of a range. ``refused`` calls carry a refusal code (the gateway answered). Percentiles in microseconds."""

    calls: int = 0
    errors_4xx: int = 0
    errors_5xx: int = 0
    refused: int = 0
    p50_us: int = 0
    p95_us: int = 0
    p99_us: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    apps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One step of a series, empty ones included; ``at`` is where it begins."""

    at: datetime
    calls: int = 0
    ok: int = 0
    client_errors: int = 0
    server_errors: int = 0
    p50_us: int = 0
    p95_us: int = 0
    p99_us: int = 0
    bytes_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Calls of one value of a dimension, the busiest first. ``error_rate`` is 4xx and 5xx, 0..1."""

    key: str
    calls: int
    error_rate: float
    p50_us: int
    p95_us: int
    p99_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Who called: all calls and apps of a range, and the calls of its busiest subscriptions."""

    calls: int = 0
    apps: int = 0
    subscriptions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A single call and the gateway that took it."""

    gateway_id: str
    record: AccessRecord


@dataclass(frozen=True, slots=True)
class CallPage:
    """Single calls, newest first; ``next_cursor`` is None on the last page."""

    items: list[CallRecord] = field(default_factory=list)
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long each level is kept."""

    calls: timedelta = timedelta(days=7)
    minute: timedelta = timedelta(days=3)
    hour: timedelta = timedelta(days=60)
    day: timedelta = timedelta(days=1100)


class AnalyticsStore(Protocol):
    """Takes batches exactly once and answers questions. ``scope`` is never optional."""

    async def append(self, gateway_id: str, batch: UsageBatch) -> bool:
        """Take a batch; True if taken now, False if it was before. On return it is safe on the disk."""
        ...

    async def summary(self, scope: Scope, where: AnalyticsFilter) -> Summary:
        """Totals."""
        ...

    async def series(self, scope: Scope, where: AnalyticsFilter, *, interval: Interval) -> list[Point]:
        """Points over time, at most 2,000 (:class:`RangeTooLong` beyond)."""
        ...

    async def breakdown(
        self, scope: Scope, where: AnalyticsFilter, *, by: Dimension, limit: int = 20
    ) -> list[Breakdown]:
        """Calls by a dimension."""
        ...

    async def callers(self, scope: Scope, where: AnalyticsFilter, *, limit: int = 50) -> Callers:
        """Who called on the days of the range, whole days (UTC): cheap enough to ask on every change."""
        ...

    async def calls(
        self, scope: Scope, where: AnalyticsFilter, *, limit: int = 50, cursor: str | None = None
    ) -> CallPage:
        """Single calls, newest first. Raises BadCursor."""
        ...

    async def call(self, scope: Scope, decision_id: str) -> CallRecord | None:
        """One call by its decision id; None when unknown or out of scope."""
        ...

    async def sweep(self, now: datetime, retention: Retention) -> int:
        """Drop what is older than its level's retention and compact the rest; rows dropped."""
        ...

    async def forget(self, api_ids: frozenset[str]) -> None:
        """Remove every call of these APIs (demo content)."""
        ...

    async def ping(self) -> None:
        """Raise if it cannot answer."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go of the file."""
        ...
