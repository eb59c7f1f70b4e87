"""What analytics answers. Durations in microseconds, sizes in bytes, rates between 0 and 1."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class Interval(StrEnum):
    """How wide one point of a series is."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class BreakdownBy(StrEnum):
    """What a breakdown groups by."""

    OPERATION = "operation"
    APP = "app"
    API = "api"
    STATUS = "status"
    VERSION = "version"
    PLAN = "plan"
    CODE = "code"


class CallTotals(BaseModel):
    """Totals of a period."""

    calls: int = 0
    errors_4xx: int = 0
    errors_5xx: int = 0
    refused: int = Field(default=0, description="Answered by the gateway itself (key, limit, quota, unknown path).")
    p50_us: int = 0
    p95_us: int = 0
    p99_us: int = 0
    bytes_out: int = 0
    apps: int = Field(default=0, description="Different apps that called.")


class SummaryRead(CallTotals):
    """Totals, and those of the period of the same length before."""

    previous: CallTotals


class SeriesPoint(BaseModel):
    """One interval."""

    at: datetime
    calls: int = 0
    ok: int = 0
    client_errors: int = 0
    server_errors: int = 0
    p50_us: int = 0
    p95_us: int = 0
    p99_us: int = 0
    bytes_out: int = 0


class SeriesRead(BaseModel):
    """Points without gaps, oldest first."""

    interval: Interval
    points: list[SeriesPoint]


class BreakdownItem(BaseModel):
    """One group."""

    key: str
    label: str
    calls: int
    error_rate: float
    p50_us: int
    p95_us: int
    p99_us: int


class BreakdownRead(BaseModel):
    """Groups, most calls first."""

    items: list[BreakdownItem]


class NamedRef(BaseModel):
    """Something by id and name."""

    id: str
    name: str


class OperationRef(BaseModel):
    """An operation by id and label (method and path)."""

    id: str
    label: str


class CallRead(BaseModel):
    """One call. ``client_ip`` is for the provider only."""

    decision_id: str
    at: datetime
    method: str
    path: str
    status: int
    code: str = Field(description="Why the gateway refused; empty when the upstream answered.")
    duration_us: int
    upstream_us: int
    bytes_in: int
    bytes_out: int
    units: float = Field(description="The number in the response header that a quota counts by.")
    api: NamedRef | None
    operation: OperationRef | None
    app: NamedRef | None
    gateway: NamedRef | None
    client_ip: str | None
    user_agent: str
