"""Plan rate limits: a token bucket per subscription, native, for the whole process (not per worker).

Buckets live in the listener's filter, never in a route configuration: those are rebuilt whenever a key is
added, and every bucket would be full again. The filter knows *rate classes* only (``60/60``:
requests/seconds) with a wildcard for the subscription; a route configuration says which plan means which
class. The class list travels as an extension of its own (ECDS), so that a new class drains no connection. A
bucket fills evenly: ``requests`` tokens per ``seconds``, never above ``requests``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from envoy.config.core.v3 import extension_pb2
from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.type.matcher.v3 import string_pb2
from envoy.type.metadata.v3 import metadata_pb2

from waypost.contracts.ir import ApiIR, Plan, RateLimit
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import CLIENT, LOCAL_RATELIMIT, METADATA, filter_type

RateClass = tuple[int, int]

_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_BUCKETS = 1_000_000
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def listener_filter() -> dict[str, Any]:
    """A place for the configuration that :func:`extension` delivers."""
    source = {"ads": {}, "resource_api_version": "V3"}
    discovery = {"config_source": source, "type_urls": [filter_type("local_ratelimit.v3.LocalRateLimit")]}
    return {"name": LOCAL_RATELIMIT, "config_discovery": discovery}


def extension(classes: Iterable[RateClass]) -> bytes:
    """The serialised ``TypedExtensionConfig`` with one dynamic descriptor per rate class."""
    config = {
        "@type": filter_type("local_ratelimit.v3.LocalRateLimit"),
        "stat_prefix": "plans",
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "always_consume_default_token_bucket": False,
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
        "vh_rate_limits": "INCLUDE",
        "max_dynamic_descriptors": _MAX_BUCKETS,
        "descriptors": [_descriptor(item) for item in sorted(classes)],
    }
    message = wire.parse(extension_pb2.TypedExtensionConfig, {"name": LOCAL_RATELIMIT, "typed_config": config})
    return bytes(message.SerializeToString(deterministic=True))


def limits(plan: Plan) -> tuple[RateLimit, ...]:
    """The plan's limits, shortest window first, one per window (the strictest)."""
    by_window: dict[int, RateLimit] = {}
    for limit in plan.rate_limits:
        known = by_window.get(limit.seconds)
        if known is None or limit.requests < known.requests:
            by_window[limit.seconds] = limit
    return tuple(by_window[seconds] for seconds in sorted(by_window))


def classes(api: ApiIR) -> frozenset[RateClass]:
    """The rate classes that an API's plans use."""
    return frozenset((limit.requests, limit.seconds) for plan in api.plans for limit in limits(plan))


def descriptors(api: ApiIR, prefix_of: Callable[[str], str]) -> list[Any]:
    """``VirtualHost.rate_limits``: per plan and limit, the descriptor (class, subscription).

    ``prefix_of`` tells what labels of a plan begin with.
    """
    if not api.guarded:
        return []
    return [_actions(prefix_of(plan.id), limit) for plan in api.plans for limit in limits(plan)]


def header_parts(plan: Plan | None) -> tuple[str, str, str]:
    """Policy name, refill time in seconds and the ``RateLimit-Policy`` value of a plan; empty without a limit.

    Further windows get the name with their seconds, since a name may stand only once in the field.
    """
    found = limits(plan) if plan else ()
    if plan is None or not found:
        return "", "", ""
    token = _NO_TOKEN.sub("-", plan.name) or "plan"
    names = [token, *(f"{token}-{limit.seconds}s" for limit in found[1:])]
    items = [f'"{name}";q={limit.requests};w={limit.seconds}' for name, limit in zip(names, found, strict=True)]
    refill = max(math.ceil(limit.seconds / limit.requests) for limit in found)
    return token, str(refill), ", ".join(items)


def _descriptor(item: RateClass) -> dict[str, Any]:
    requests, seconds = item
    bucket = {"max_tokens": requests, "tokens_per_fill": requests, "fill_interval": f"{seconds}s"}
    entries = [{"key": "class", "value": _class_name(item)}, {"key": "subscription"}]
    return {"entries": entries, "token_bucket": bucket}


def _class_name(item: RateClass) -> str:
    return f"{item[0]}/{item[1]}"


def _actions(prefix: str, limit: RateLimit) -> Any:
    match = rc.HeaderMatcher(name=CLIENT, string_match=string_pb2.StringMatcher(prefix=prefix))
    action = rc.RateLimit.Action
    by_plan = action.HeaderValueMatch(
        descriptor_key="class", descriptor_value=_class_name((limit.requests, limit.seconds)), headers=[match]
    )
    key = metadata_pb2.MetadataKey(key=METADATA, path=[_segment("caller"), _segment("s")])
    by_subscription = action.MetaData(descriptor_key="subscription", metadata_key=key)
    return rc.RateLimit(actions=[action(header_value_match=by_plan), action(metadata=by_subscription)])


def _segment(key: str) -> Any:
    return metadata_pb2.MetadataKey.PathSegment(key=key)
