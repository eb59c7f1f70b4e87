"""What goes through, and all that may differ per operation: resolved intent, not how an engine does it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from waypost.contracts.ir.access import Countries, IpRules, Maintenance, Scopes, TimeWindows
from waypost.contracts.ir.authentication import Anonymous
from waypost.contracts.ir.limits import Concurrency, RateLimit, Sizes


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
    """Header changes, names lower-case. ``set`` overwrites, ``add`` appends, ``remove`` drops; remove comes first.

    Values are templates (:mod:`waypost.contracts.ir.templates`).
    """

    request_set: tuple[tuple[str, str], ...] = ()
    request_add: tuple[tuple[str, str], ...] = ()
    request_remove: tuple[str, ...] = ()
    response_set: tuple[tuple[str, str], ...] = ()
    response_add: tuple[tuple[str, str], ...] = ()
    response_remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRewrite:
    """Replace the leading ``prefix`` by ``replacement``: whole segments of the path *after* base path and mount.

    ``template`` (:mod:`waypost.contracts.ir.templates`), where given, is the whole new path instead, its variables
    percent-encoded.
    """

    prefix: str = "/"
    replacement: str = "/"
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryEdit:
    """Query changes: ``remove`` drops parameters by name, ``set`` (name, template) replaces or adds one.

    The other parameters keep their order and encoding.
    """

    set: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRewrite:
    """The ``Host`` the upstream sees: ``host``, or the caller's own with ``preserve``; else the upstream URL's."""

    host: str = ""
    preserve: bool = False


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

    anonymous: Anonymous | None = None
    scopes: Scopes | None = None
    ip: IpRules | None = None
    countries: Countries | None = None
    maintenance: Maintenance | None = None
    hours: TimeWindows | None = None
    rate_limits: tuple[RateLimit, ...] | None = None
    cost: int | None = None
    concurrency: Concurrency | None = None
    sizes: Sizes | None = None
    headers: HeaderEdit | None = None
    query: QueryEdit | None = None
    rewrite: PathRewrite | None = None
    host: HostRewrite | None = None
    timeout: Timeout | None = None
    mock: Mock | None = None

    def over(self, general: RoutePolicies) -> RoutePolicies:
        """These, and ``general``'s where they are silent."""
        names = (field.name for field in fields(self))
        own = {name: getattr(self, name) for name in names}
        return RoutePolicies(
            **{name: getattr(general, name) if value is None else value for name, value in own.items()}
        )
