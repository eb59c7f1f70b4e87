"""The gateway IR: what a gateway shall do, in words no engine owns. Frozen, ordered, hashable, dumpable."""

from waypost.contracts.ir.access import Countries, IpRules, Maintenance, OpenHours, Scopes, TimeWindows
from waypost.contracts.ir.authentication import (
    ALGORITHMS,
    Anonymous,
    BasicAuth,
    Introspection,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    MutualTls,
)
from waypost.contracts.ir.gateway import ApiIR, GatewayIR, GatewaySettings, ListenerTls, VersionIR
from waypost.contracts.ir.grants import Grant, GrantDelta
from waypost.contracts.ir.limits import Concurrency, Plan, Quota, RateLimit, Sizes
from waypost.contracts.ir.policies import (
    Cors,
    HeaderEdit,
    HostRewrite,
    Mock,
    PathRewrite,
    QueryEdit,
    RoutePolicies,
    Timeout,
)
from waypost.contracts.ir.routes import Route
from waypost.contracts.ir.upstreams import Upstream

__all__ = [
    "ALGORITHMS",
    "Anonymous",
    "ApiIR",
    "BasicAuth",
    "Concurrency",
    "Cors",
    "Countries",
    "GatewayIR",
    "GatewaySettings",
    "Grant",
    "GrantDelta",
    "HeaderEdit",
    "HostRewrite",
    "Introspection",
    "IpRules",
    "JwtAuth",
    "JwtIssuer",
    "KeyAuth",
    "ListenerTls",
    "Maintenance",
    "Mock",
    "MutualTls",
    "OpenHours",
    "PathRewrite",
    "Plan",
    "QueryEdit",
    "Quota",
    "RateLimit",
    "Route",
    "RoutePolicies",
    "Scopes",
    "Sizes",
    "TimeWindows",
    "Timeout",
    "Upstream",
    "VersionIR",
]
