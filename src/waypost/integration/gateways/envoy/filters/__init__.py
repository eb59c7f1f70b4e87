"""One file per policy, and the one table that says in which order they act.

Requests run through the list downwards, answers upwards. So ``header_mutation`` stands before
``custom_response``: it must see (and clean) what comes after a redirect to the look-up of known keys, and it
stands before ``local_ratelimit`` to turn that filter's headers into the standard ones. Labels come right
after the key, so that every later refusal is attributed.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.envoy.filters import (
    body_limit,
    cors,
    cost,
    edits,
    headers,
    inner,
    introspection,
    key_auth,
    labels,
    quota,
    rate_limit,
)
from waypost.integration.gateways.envoy.filters import not_subscribed as known_keys
from waypost.integration.gateways.envoy.names import AUTHENTICATION, GATE, PERMISSION, ROUTER, filter_type


def chain(settings: GatewaySettings) -> list[dict[str, Any]]:
    """The HTTP filters of the listener, in order."""
    return [
        cors.listener_filter(),
        headers.listener_filter(settings),
        known_keys.listener_filter(),
        inner.place(GATE),
        key_auth.finder_filter(),
        inner.place(AUTHENTICATION),
        introspection.listener_filter(),
        key_auth.listener_filter(),
        labels.listener_filter(),
        quota.listener_filter(),
        inner.place(PERMISSION),
        rate_limit.listener_filter(),
        cost.listener_filter(),
        edits.listener_filter(),
        body_limit.listener_filter(settings),
        {"name": ROUTER, "typed_config": {"@type": filter_type("router.v3.Router"), "suppress_envoy_headers": True}},
    ]
