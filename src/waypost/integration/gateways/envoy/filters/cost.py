"""What a call takes from limits, where operations of its API weigh more or less than one call, or answer by themselves.

The engine weighs only by limits that stand in the filter itself, and asks a route that answers by itself for no
others; there they would hold for every API. So such APIs have a limiter of their own, a second filter that only their
calls enter; its limits fit by the caller's label or by the mark of the operation, and take what the route wrote into
a header.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envoy.config.core.v3 import extension_pb2
from envoy.extensions.common.matching.v3.extension_matcher_pb2 import ExtensionWithMatcher
from envoy.extensions.filters.common.matcher.action.v3 import skip_action_pb2 as _skip  # noqa: F401
from envoy.type.matcher.v3 import http_inputs_pb2 as _inputs  # noqa: F401

from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import inner, limited, rate_limit
from waypost.integration.gateways.envoy.filters.mutations import on_request, put
from waypost.integration.gateways.envoy.names import COST, LOCAL_RATELIMIT, TYPE, WEIGHED
from waypost.integration.gateways.envoy.operations import Operation, all_of, limits_apart


def listener_filter() -> dict[str, Any]:
    """A place for the limiter that :func:`extension` delivers."""
    source = {"ads": {}, "resource_api_version": "V3"}
    return {"name": WEIGHED, "config_discovery": {"config_source": source, "type_urls": [_MATCHED, inner.TYPE_URL]}}


def limits(api: ApiIR) -> tuple[bytes, ...]:
    """The API's limits for the filter itself, serialised; empty where they stand with hosts and routes."""
    if not limits_apart(api):
        return ()
    found = [*limited.of_plans(api, by_mark=True), *limited.of_marked(api, all_of(api))]
    for item in found:
        item.ClearField("stage")
        item.hits_addend.format = f"%REQ({COST})%"
    # What stands for calls that no operation takes may stand twice; a limit that does takes two tokens.
    return tuple(dict.fromkeys(item.SerializeToString(deterministic=True) for item in found))


def filters(operation: Operation) -> list[tuple[str, Any]]:
    """Writes the operation's weight where its API's limits read it; one without any passes them by."""
    if not operation.limited_apart:
        return []
    cost = 1 if operation.policies.cost is None else operation.policies.cost
    return [("cost", on_request([put(COST, str(cost))]))] if cost else []


def extension(classes: Iterable[rate_limit.RateClass], weighed: Iterable[tuple[bytes, ...]]) -> bytes:
    """The limiter's configuration as the engine is sent it; calls that nobody weighed pass it by."""
    limiter = rate_limit.limiter(classes, (item for limits in weighed for item in limits))
    if not limiter.rate_limits:
        return _delivered(inner.nothing())
    matched = wire.parse(ExtensionWithMatcher, {"xds_matcher": _SKIP_UNLESS_WEIGHED})
    matched.extension_config.name = LOCAL_RATELIMIT
    matched.extension_config.typed_config.CopyFrom(wire.pack(limiter))
    return _delivered(wire.pack(matched))


def _delivered(config: Any) -> bytes:
    message = extension_pb2.TypedExtensionConfig(name=WEIGHED, typed_config=config)
    return bytes(message.SerializeToString(deterministic=True))


_MATCHED = f"{TYPE}envoy.extensions.common.matching.v3.ExtensionWithMatcher"
_INPUT = {"@type": f"{TYPE}envoy.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": COST}
_WEIGHED = {
    "input": {"name": "cost", "typed_config": _INPUT},
    "value_match": {"safe_regex": {"google_re2": {}, "regex": ".+"}},
}
_SKIP = {"@type": f"{TYPE}envoy.extensions.filters.common.matcher.action.v3.SkipFilter"}
_UNWEIGHED = {"not_matcher": {"single_predicate": _WEIGHED}}
_SKIP_UNLESS_WEIGHED = {
    "matcher_list": {
        "matchers": [{"predicate": _UNWEIGHED, "on_match": {"action": {"name": "skip", "typed_config": _SKIP}}}]
    }
}
