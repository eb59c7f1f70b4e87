"""One file per policy, and the one table that says in which order they act.

Requests run through the list downwards, answers upwards; a refusal on its way down runs upwards through all of them.
``headers`` stands before the limiters, to turn their headers into the standard ones. What is off here costs next to
nothing; each route configuration switches on what it needs.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.envoy.filters import (
    body_limit,
    cors,
    edits,
    headers,
    inner,
    introspection,
    key_auth,
    limiters,
    proto,
    quota,
)
from waypost.integration.gateways.envoy.filters import not_subscribed as known_keys
from waypost.integration.gateways.envoy.names import AUTHENTICATION, GATE, PERMISSION, ROUTER, filter_type


def chain(settings: GatewaySettings, *, secure: bool) -> list[dict[str, Any]]:
    """The HTTP filters of the listener, in order; ``secure`` where it has TLS."""
    return [
        *proto.listener_filters(settings, secure=secure),
        cors.listener_filter(),
        known_keys.listener_filter(),
        inner.place(GATE),
        key_auth.finder_filter(),
        inner.place(AUTHENTICATION),
        introspection.listener_filter(),
        key_auth.listener_filter(),
        inner.place(PERMISSION),
        quota.listener_filter(),
        headers.listener_filter(settings),
        cors.own_filter(),
        *limiters.listener_filters(),
        edits.listener_filter(),
        body_limit.listener_filter(),
        {
            "name": ROUTER,
            "typed_config": {
                "@type": filter_type("router.v3.Router"),
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]
