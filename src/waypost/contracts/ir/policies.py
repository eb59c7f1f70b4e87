"""Policies as resolved intent: what shall hold, not how an engine does it."""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.contracts.vocab import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAuth:
    """Where a key is looked for, first non-empty place wins in the order header, query, cookie.

    ``header``, ``query``, ``cookie`` are names, empty = not there. A header value may carry the scheme ``Bearer ``
    where ``header`` is ``authorization``. With ``hide`` the key is removed from every place before the upstream.
    """

    header: str = "x-api-key"
    query: str = ""
    cookie: str = ""
    hide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most ``requests`` in ``seconds``, per subscription on one gateway (token bucket, refilled each window)."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most ``requests`` in a calendar window (UTC), per subscription over all gateways; counted by the hub."""

    requests: int
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan version of one API. ``id`` is the plan version's; ``name`` shows in ``RateLimit`` headers (a token)."""

    id: str
    name: str
    rate_limits: tuple[RateLimit, ...] = ()
    quota: Quota | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """Cross-origin rules. ``origins`` are exact (``https://a.example``) or ``*``; ``*`` never with ``credentials``."""

    origins: tuple[str, ...]
    methods: tuple[str, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    headers: tuple[str, ...] = ("*",)
    expose: tuple[str, ...] = ()
    credentials: bool = False
    max_age_seconds: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderEdit:
    """Header changes, names lower-case. ``set`` overwrites, ``add`` appends, ``remove`` drops; remove comes first."""

    request_set: tuple[tuple[str, str], ...] = ()
    request_add: tuple[tuple[str, str], ...] = ()
    request_remove: tuple[str, ...] = ()
    response_set: tuple[tuple[str, str], ...] = ()
    response_add: tuple[tuple[str, str], ...] = ()
    response_remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRewrite:
    """Replace the leading ``prefix`` by ``replacement``: whole segments of the path *after* base path and mount."""

    prefix: str = "/"
    replacement: str = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """Whole-request limit towards the upstream in milliseconds; 0 switches it off."""

    request_ms: int = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """A fixed answer in place of an upstream."""

    status: int = 200
    content_type: str = "application/json"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePolicies:
    """What may differ per operation; None = as the version (and there: as the default)."""

    headers: HeaderEdit | None = None
    rewrite: PathRewrite | None = None
    timeout: Timeout | None = None
    mock: Mock | None = field(default=None)
