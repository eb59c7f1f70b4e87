"""What a gateway reports of a call, and how batches travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRecord:
    """One call. ``at`` aware UTC when it began; durations in microseconds; sizes in bytes; empty string = not known.

    ``decision_id`` is what the caller saw in the problem body and ``x-request-id``. ``code`` is a Refusal or empty when
    the upstream answered. ``path`` is the request path without its query (at most 1024 characters). ``units`` is the
    number in the response header that a quota of the caller's plan counts by; 0 where there is none, or no number.
    """

    at: datetime
    decision_id: str
    method: str
    path: str
    status: int
    duration_us: int
    upstream_us: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    api_id: str = ""
    version_id: str = ""
    operation_id: str = ""
    app_id: str = ""
    subscription_id: str = ""
    plan_id: str = ""
    code: str = ""
    client_ip: str = ""
    user_agent: str = ""
    credential_id: str = ""
    units: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBatch:
    """Records that the hub takes exactly once by (gateway, ``spool``, ``number``).

    ``spool`` names one spool directory's life (random, made when the directory is), ``number`` counts from 1.
    ``dropped`` counts records lost to the spool's size bound since the batch before.
    """

    spool: str
    number: int
    records: tuple[AccessRecord, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAck:
    """The hub's answer: batches up to ``number`` of this spool are safe and may be deleted."""

    spool: str
    number: int = field(default=0)
