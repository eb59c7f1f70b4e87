"""The root of the IR: everything one gateway shall serve, except grants."""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.contracts.ir.policies import Cors, KeyAuth, Plan, RoutePolicies
from waypost.contracts.ir.routes import Route
from waypost.contracts.ir.upstreams import Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What holds for the whole gateway. ``realm`` and ``problem_base`` carry the hub's brand, never a vendor's name.

    ``problem_base`` + code is the problem ``type`` URI. ``max_request_bytes`` answers 413 above;
    ``x_ratelimit_headers`` adds the older ``X-RateLimit-*``.
    """

    realm: str = "api"
    problem_base: str = "about:blank#"
    support_url: str = ""
    max_request_bytes: int = 10 * 1024 * 1024
    x_ratelimit_headers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionIR:
    """One published version. ``mount`` is "" or "/v2": it stands between the API's base path and the routes' paths.

    ``upstream`` None needs every route to be a mock. ``policies`` are the version's own; a route's come before them.
    """

    id: str
    name: str
    mount: str = ""
    upstream: Upstream | None = None
    policies: RoutePolicies = field(default_factory=RoutePolicies)
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiIR:
    """One API on one gateway. ``base_path`` is ``/`` + exactly one segment, unique on the gateway.

    ``key_auth`` None = open to everybody (then plans do not apply).
    """

    id: str
    slug: str
    name: str
    base_path: str
    key_auth: KeyAuth | None = field(default_factory=KeyAuth)
    cors: Cors | None = None
    plans: tuple[Plan, ...] = ()
    versions: tuple[VersionIR, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayIR:
    """The whole desired state of one gateway."""

    gateway_id: str
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    apis: tuple[ApiIR, ...] = ()

    def api(self, api_id: str) -> ApiIR | None:
        """The API with this id, or None."""
        return next((api for api in self.apis if api.id == api_id), None)
