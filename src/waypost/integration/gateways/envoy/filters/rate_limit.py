"""Rate limits: a token bucket for each caller, app, address …, native, for the whole process (not per worker).

Buckets live in the listener's filter, never in a route configuration: those are rebuilt whenever a key is
added, and every bucket would be full again. The filter knows *rate classes* only (``60/60``: requests/seconds,
and a burst where it is another number) with wildcards for what is counted; a route configuration says which plan and
which operation means which class (``limited.py``). The class list travels as an extension of its own (ECDS), so that a
new class drains no connection. A bucket fills evenly: ``requests`` tokens per ``seconds``, never above the burst.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from envoy.config.core.v3 import extension_pb2
from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.extensions.filters.http.local_ratelimit.v3 import local_rate_limit_pb2

from waypost.contracts.ir import ApiIR, Plan, RateLimit
from waypost.contracts.vocab import LimitBy
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import inner
from waypost.integration.gateways.envoy.names import EARLY, LOCAL_RATELIMIT, filter_type

STAGES = {EARLY: 1, LOCAL_RATELIMIT: 0}
"""The filters in their order, and the stage of the limits that each one takes."""

CLASS, SUBSCRIPTION, SCOPE, WHO, ADDRESS = "class", "subscription", "scope", "who", "remote_address"
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_BUCKETS = (1_000_000, 250_000)
"""By stage; the longest unused go first. Strangers make buckets by address, so those have less room."""
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


class Shape(StrEnum):
    """Which words name a bucket, beside its class: they stand in the order of the value, joined by spaces."""

    SUBSCRIPTION = SUBSCRIPTION
    SCOPE = SCOPE
    WHO = f"{SCOPE} {WHO}"
    ADDRESS = f"{SCOPE} {ADDRESS}"


class RateClass(NamedTuple):
    """All limits with these numbers share one entry of the filter; ``shape`` says what their buckets are named by."""

    requests: int
    seconds: int
    burst: int = 0
    shape: Shape = Shape.SUBSCRIPTION

    @property
    def name(self) -> str:
        """What a descriptor calls it."""
        return f"{self.requests}/{self.seconds}" + (f"/{self.burst}" if self.burst else "")


def listener_filters() -> list[dict[str, Any]]:
    """Places for the configurations that :func:`extension` delivers.

    Of several limits the engine asks the slowest first, and what that gave is gone where a faster one refuses. So
    whatever recovers faster stands in a filter of its own before: calls that it refuses use nothing up behind it.
    """
    source = {"ads": {}, "resource_api_version": "V3"}
    types = [filter_type("local_ratelimit.v3.LocalRateLimit"), inner.TYPE_URL]
    discovery = {"config_source": source, "type_urls": types}
    return [{"name": name, "config_discovery": discovery} for name in STAGES]


def extension(classes: Iterable[RateClass], *, name: str = LOCAL_RATELIMIT) -> bytes:
    """The serialised ``TypedExtensionConfig`` of one of the filters; the early one is none until it is needed."""
    known = list(classes)
    config = wire.pack(limiter(known, stage=STAGES[name])) if known or name == LOCAL_RATELIMIT else inner.nothing()
    message = extension_pb2.TypedExtensionConfig(name=name, typed_config=config)
    return bytes(message.SerializeToString(deterministic=True))


def limiter(classes: Iterable[RateClass], own: Iterable[bytes] = (), *, stage: int = 0) -> Any:
    """The filter's configuration: one dynamic descriptor per rate class.

    ``own`` are serialised ``RateLimit`` messages that take the place of those of hosts and routes.
    """
    config = {
        "stat_prefix": "plans",
        "stage": stage,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "always_consume_default_token_bucket": False,
        "enable_x_ratelimit_headers": "DRAFT_VERSION_03",
        "vh_rate_limits": "INCLUDE",
        "max_dynamic_descriptors": _MAX_BUCKETS[stage],
        "descriptors": [_descriptor(item) for item in sorted(classes)],
    }
    message = wire.parse(local_rate_limit_pb2.LocalRateLimit, config)
    message.rate_limits.extend(rc.RateLimit.FromString(item) for item in own)
    return message


def limits(plan: Plan) -> tuple[RateLimit, ...]:
    """The plan's limits, shortest window first, one per window, burst and kind (the strictest)."""
    return strictest(plan.rate_limits)


def strictest(given: Iterable[RateLimit]) -> tuple[RateLimit, ...]:
    """One limit per window, burst and kind, shortest window first."""
    found: dict[tuple[int, str, str, int], RateLimit] = {}
    for limit in given:
        key = (limit.seconds, limit.by.value, limit.claim, limit.burst)
        known = found.get(key)
        if known is None or limit.requests < known.requests:
            found[key] = limit
    return tuple(found[key] for key in sorted(found))


def rate_class(limit: RateLimit, *, of_plan: bool = False) -> RateClass:
    """The class that a limit belongs to; a plan's limit per subscription needs no scope, since its buckets are."""
    burst = limit.burst if limit.burst != limit.requests else 0
    shape = Shape.SUBSCRIPTION if of_plan and limit.by is LimitBy.SUBSCRIPTION else _SHAPES.get(limit.by, Shape.WHO)
    return RateClass(limit.requests, limit.seconds, burst, shape)


def early(plan: Plan) -> tuple[RateLimit, ...]:
    """All limits of a plan but the one that recovers most slowly."""
    found = limits(plan)
    slowest = max(found, key=lambda limit: limit.seconds / limit.requests, default=None)
    return tuple(limit for limit in found if limit is not slowest)


def classes(api: ApiIR) -> frozenset[RateClass]:
    """The rate classes that an API uses."""
    of_plans = [rate_class(limit, of_plan=True) for plan in api.plans for limit in limits(plan)]
    return frozenset(of_plans) | _own_classes(api)


def early_classes(api: ApiIR) -> frozenset[RateClass]:
    """Those of them that the early filter must know."""
    return frozenset(rate_class(limit, of_plan=True) for plan in api.plans for limit in early(plan)) | _own_classes(api)


def _own_classes(api: ApiIR) -> frozenset[RateClass]:
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    return frozenset(rate_class(limit) for item in policies for limit in item.rate_limits or ())


def policy(plan: Plan) -> str:
    """The ``RateLimit-Policy`` value of a plan; empty without a limit.

    Further windows get the name with their seconds, since a name may stand only once in the field.
    """
    found = limits(plan)
    token = _NO_TOKEN.sub("-", plan.name) or "plan"
    names = [token, *(f"{token}-{limit.seconds}s" for limit in found[1:])]
    items = [f'"{name}";q={limit.requests};w={limit.seconds}' for name, limit in zip(names, found, strict=True)]
    return ", ".join(items)


_SHAPES = {
    LimitBy.API: Shape.SCOPE,
    LimitBy.OPERATION: Shape.SCOPE,
    LimitBy.IP: Shape.ADDRESS,
}


def _descriptor(item: RateClass) -> dict[str, Any]:
    tokens = item.burst or item.requests
    bucket = {"max_tokens": tokens, "tokens_per_fill": item.requests, "fill_interval": f"{item.seconds}s"}
    entries = [{"key": CLASS, "value": item.name}, *({"key": key} for key in item.shape.value.split())]
    return {"entries": entries, "token_bucket": bucket}
