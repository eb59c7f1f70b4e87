"""The root of the IR: everything one gateway shall serve, except grants."""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.contracts.ir.authentication import BasicAuth, Introspection, JwtAuth, KeyAuth, MutualTls
from waypost.contracts.ir.limits import Plan
from waypost.contracts.ir.policies import Cors, RoutePolicies
from waypost.contracts.ir.routes import Route
from waypost.contracts.ir.upstreams import Upstream
from waypost.contracts.vocab import Unmatched
from waypost.kit.crypto import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerTls:
    """A second listener, with TLS, on the same host. PEM texts; ``client_ca`` signs the certificates of callers.

    A client certificate is asked for and never demanded: whether a call needs one is each API's policy.
    """

    port: int
    certificate: str
    key: Secret
    client_ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What holds for the whole gateway. ``realm`` and ``problem_base`` carry the hub's brand, never a vendor's name.

    ``problem_base`` + code is the problem ``type`` URI. ``max_request_bytes`` answers 413 above;
    ``x_ratelimit_headers`` adds the older ``X-RateLimit-*``. The caller's address is the connection's, or the last one
    in ``X-Forwarded-For`` that is not within ``trusted_proxies`` (CIDR) where the connection comes from one of them.
    """

    realm: str = "api"
    problem_base: str = "about:blank#"
    support_url: str = ""
    max_request_bytes: int = 10 * 1024 * 1024
    x_ratelimit_headers: bool = False
    trusted_proxies: tuple[str, ...] = ()
    tls: ListenerTls | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionIR:
    """One published version. ``mount`` is "" or "/v2": it stands between the API's base path and the routes' paths.

    ``upstream`` None needs every route to be a mock. ``policies`` are the version's own; a route's come before them.
    ``unmatched`` says what becomes of calls that no route takes: refused (404, 405), or passed to the upstream.
    """

    id: str
    name: str
    mount: str = ""
    upstream: Upstream | None = None
    policies: RoutePolicies = field(default_factory=RoutePolicies)
    routes: tuple[Route, ...] = ()
    unmatched: Unmatched = Unmatched.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiIR:
    """One API on one gateway. ``base_path`` is ``/`` + exactly one segment, unique on the gateway.

    Any one of the ways of authentication that are given is enough; none at all = open to everybody (then plans do not
    apply).
    """

    id: str
    slug: str
    name: str
    base_path: str
    key_auth: KeyAuth | None = field(default_factory=KeyAuth)
    jwt: JwtAuth | None = None
    introspection: Introspection | None = None
    basic: BasicAuth | None = None
    mtls: MutualTls | None = None
    cors: Cors | None = None
    plans: tuple[Plan, ...] = ()
    versions: tuple[VersionIR, ...] = ()

    @property
    def guarded(self) -> bool:
        """True where callers must say who they are (unless a route lets anonymous calls pass)."""
        return any((self.key_auth, self.jwt, self.introspection, self.basic, self.mtls))

    @property
    def by_mount(self) -> list[VersionIR]:
        """The versions, the longest mount first: a path belongs to the first that it is below."""
        return sorted(self.versions, key=lambda version: -len(version.mount))


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayIR:
    """The whole desired state of one gateway."""

    gateway_id: str
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    apis: tuple[ApiIR, ...] = ()

    def api(self, api_id: str) -> ApiIR | None:
        """The API with this id, or None."""
        return next((api for api in self.apis if api.id == api_id), None)
