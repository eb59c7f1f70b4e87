"""The gateway IR: what a gateway shall do, in words no engine owns. Frozen, ordered, hashable, dumpable."""

from waypost.contracts.ir.gateway import ApiIR, GatewayIR, GatewaySettings, VersionIR
from waypost.contracts.ir.grants import Grant, GrantDelta
from waypost.contracts.ir.policies import (
    Cors,
    HeaderEdit,
    KeyAuth,
    Mock,
    PathRewrite,
    Plan,
    Quota,
    RateLimit,
    RoutePolicies,
    Timeout,
)
from waypost.contracts.ir.routes import Route
from waypost.contracts.ir.upstreams import Upstream

__all__ = [
    "ApiIR",
    "Cors",
    "GatewayIR",
    "GatewaySettings",
    "Grant",
    "GrantDelta",
    "HeaderEdit",
    "KeyAuth",
    "Mock",
    "PathRewrite",
    "Plan",
    "Quota",
    "RateLimit",
    "Route",
    "RoutePolicies",
    "Timeout",
    "Upstream",
    "VersionIR",
]
