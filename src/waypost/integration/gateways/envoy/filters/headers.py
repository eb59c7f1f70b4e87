"""The response headers every limited answer carries.

``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers) are made from the engine's own
``X-RateLimit-Remaining`` and the caller's label. Mutations run one after the other, and one that comes out empty
writes nothing; both facts carry this file. ``t`` is the label's refill time: buckets fill evenly, so it is what a
refused caller waits at most, and a refusal's ``Retry-After`` (``problems.py``) says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envoy.config.core.v3 import base_pb2
from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2

from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import labels
from waypost.integration.gateways.envoy.names import CODE, HEADER_MUTATION, filter_type

OLD_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")

_SET = "OVERWRITE_IF_EXISTS_OR_ADD"
_SET_IF_THERE = "OVERWRITE_IF_EXISTS"
_LIMIT = f'"{labels.piece("n")}";r=%RESP(x-ratelimit-remaining)%;t={labels.piece("t")}'


def listener_filter(settings: GatewaySettings) -> dict[str, Any]:
    """Standard limit headers out, internal ones removed."""
    mutations = [
        _mutation("ratelimit-policy", labels.piece("p"), _SET),
        # Nothing remains of an unlimited call; the second one then finds no header to overwrite.
        _mutation("ratelimit", "%RESP(x-ratelimit-remaining)%", _SET),
        _mutation("ratelimit", _LIMIT, _SET_IF_THERE),
        {"remove": CODE},
        *({"remove": name} for name in OLD_HEADERS if not settings.x_ratelimit_headers),
    ]
    config = {"@type": filter_type("header_mutation.v3.HeaderMutation"), "mutations": {"response_mutations": mutations}}
    return {"name": HEADER_MUTATION, "typed_config": config}


def append_to_response(name: str, value: str) -> Any:
    """Per-route configuration that appends one header to every answer, also to those the gateway makes."""
    mutations = {"response_mutations": [_mutation(name, value, "APPEND_IF_EXISTS_OR_ADD")]}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutationPerRoute, {"mutations": mutations}))


def set_on_response(values: Mapping[str, str]) -> Any:
    """Per-route configuration that sets headers on every answer, from format strings; empty ones write nothing."""
    mutations = {"response_mutations": [_mutation(name, value, _SET) for name, value in values.items()]}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutationPerRoute, {"mutations": mutations}))


def without_limit(api: ApiIR) -> dict[str, Any]:
    """Per-route configuration for operations with limits of their own, where callers may have no plan that limits them.

    The ``RateLimit`` header names the plan's policy; without one there is no name to give, and so no header.
    """
    if api.guarded and api.plans and all(plan.rate_limits for plan in api.plans):
        return {}
    return {HEADER_MUTATION: remove_from_response("ratelimit")}


def remove_from_response(name: str) -> Any:
    """Per-route configuration that removes a header from every answer."""
    mutations = {"response_mutations": [{"remove": name}]}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutationPerRoute, {"mutations": mutations}))


def option(name: str, value: str, *, append: bool = False, formatted: bool = False) -> Any:
    """One header to write; ``%`` is literal unless ``formatted``."""
    action = base_pb2.HeaderValueOption.HeaderAppendAction
    header = base_pb2.HeaderValue(key=name, value=value if formatted else value.replace("%", "%%"))
    how = action.APPEND_IF_EXISTS_OR_ADD if append else action.OVERWRITE_IF_EXISTS_OR_ADD
    return base_pb2.HeaderValueOption(header=header, append_action=how)


def _mutation(name: str, value: str, action: str) -> dict[str, Any]:
    return {"append": {"header": {"key": name, "value": value}, "append_action": action}}
