"""How much: plans, rate limits, quotas, concurrency, sizes."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.contracts.vocab import LimitBy, QuotaUnit, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most ``requests`` per ``seconds``, for each ``by`` on one gateway; calls that are refused use nothing up.

    ``burst`` is how many may come at once; 0 = ``requests``. ``claim`` names the token's claim where ``by`` is a claim.
    ``by`` an operation, API, address or claim counts all callers of it together, a subscription, app or plan only its
    own.
    """

    requests: int
    seconds: int
    burst: int = 0
    by: LimitBy = LimitBy.SUBSCRIPTION
    claim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most ``amount`` of ``unit`` in a window, per subscription over all gateways; counted by the hub.

    ``window`` is a calendar window (UTC); with ``rolling`` it is the time before now of the same length.
    ``header`` names the response header that holds the number where ``unit`` is a header. ``soft_percent`` of the
    amount raises a warning (0 = none). With ``overage`` calls pass beyond the amount and are counted as such.
    """

    amount: int
    window: Window
    unit: QuotaUnit = QuotaUnit.REQUESTS
    header: str = ""
    rolling: bool = False
    soft_percent: int = 0
    overage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan version of one API. ``id`` is the plan version's; ``name`` shows in ``RateLimit`` headers (a token).

    ``scopes`` are what its subscribers may do with a credential that carries none of its own.
    """

    id: str
    name: str
    rate_limits: tuple[RateLimit, ...] = ()
    quotas: tuple[Quota, ...] = ()
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """At most ``calls`` in flight at once on one gateway, for each ``by``; one more answers 429."""

    calls: int
    by: LimitBy = LimitBy.API


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Largest bodies in bytes; 0 = the gateway's own limit (request) or none (response).

    A larger request answers 413. A larger response answers 502, or is cut off where it had begun without a length.
    """

    request_bytes: int = 0
    response_bytes: int = 0
