"""Rate limits: a token bucket for each caller, app, address …, native, for the whole process (not per worker).

Buckets live in the listener's filter, never in a route configuration: those are rebuilt whenever a key is
added, and every bucket would be full again. The filter knows *rate classes* only (``60/60``: requests/seconds,
and a burst where it is another number) with wildcards for what is counted; a route configuration says which plan and
which operation means which class (``limited.py``). The class lists travel as extensions of their own (ECDS, see
``limiters.py``), so that a new class drains no connection. A bucket fills evenly: ``requests`` tokens per ``seconds``,
never above the burst.

The engine gives no token back: what a call took is gone where a later limit refuses it. So limits stand in *stages*,
one filter after the other. What a caller shares with others comes last, so that a refused caller uses nothing of theirs
up (but see :func:`_alone`); within each group what recovers fast comes first, so that a flood of refused calls leaves
the slow windows alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from envoy.config.core.v3 import base_pb2
from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.extensions.filters.http.local_ratelimit.v3 import local_rate_limit_pb2

from waypost.contracts.ir import ApiIR, Plan, RateLimit
from waypost.contracts.vocab import LimitBy
from waypost.integration.gateways.envoy import wire

# The engine's stages are numbers up to ten. They run in this order.
_OWN, _PLANS = (1, 2, 3), (4, 5, 6)
TOLD = 0
"""The stage of the plan's limit that answers tell of: the slowest one of the caller."""
_PLANS_SHARED, _SHARED = (7,), (8, 9, 10)
EARLY_STAGES = (*_OWN, *_PLANS)
SHARED_STAGES = (*_PLANS_SHARED, *_SHARED)

CLASS, SUBSCRIPTION, SCOPE, WHO, ADDRESS = "class", "subscription", "scope", "who", "remote_address"
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_BUCKETS = 250_000
"""The longest unused go first. Strangers make buckets by address, so those have less room than subscribers."""
_MAX_SUBSCRIBERS = 1_000_000
_OF_MANY = frozenset({LimitBy.PLAN, LimitBy.API, LimitBy.OPERATION})
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


class Staged(NamedTuple):
    """A rate class and the stage that has to know it."""

    stage: int
    rate_class: RateClass


def limiter(
    classes: Iterable[RateClass],
    own: Iterable[bytes] = (),
    *,
    stage: int = TOLD,
    marks: Mapping[str, str] | None = None,
) -> Any:
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
        "max_dynamic_descriptors": _MAX_SUBSCRIBERS if stage == TOLD else _MAX_BUCKETS,
        "descriptors": [_descriptor(item) for item in sorted(classes)],
    }
    message = wire.parse(local_rate_limit_pb2.LocalRateLimit, config)
    message.rate_limits.extend(rc.RateLimit.FromString(item) for item in own)
    for name, value in (marks or {}).items():
        message.response_headers_to_add.add(header=base_pb2.HeaderValue(key=name, value=value))
    return wire.pack(message)


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


def of_plan(plan: Plan) -> list[tuple[RateLimit, int]]:
    """The plan's limits in the order in which they are asked, each with its stage."""
    told = _told(plan)
    rest = [limit for limit in _fastest_first(limits(plan)) if limit not in told]
    of_callers = [limit for limit in told if limit.by is not LimitBy.PLAN]
    shared = [limit for limit in rest if of_callers and limit.by is LimitBy.PLAN and not _alone(limit, told)]
    early = [limit for limit in rest if limit not in shared]
    return [*_in(_PLANS, early), *((limit, TOLD) for limit in told), *_in(_PLANS_SHARED, shared)]


def of_operation(own: Iterable[RateLimit], plans: tuple[Plan, ...]) -> list[tuple[RateLimit, int]]:
    """The same of the limits that an operation has itself, or from its version, beside those of its API's plans."""
    told = [limit for plan in plans for limit in _told(plan)]
    found = _fastest_first(strictest(own))
    shared = [limit for limit in found if limit.by in _OF_MANY and not _alone(limit, told)]
    return [*_in(_OWN, [limit for limit in found if limit not in shared]), *_in(_SHARED, shared)]


def classes(api: ApiIR) -> frozenset[Staged]:
    """The rate classes that an API uses, where it uses them."""
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    own = {item.rate_limits for item in policies if item.rate_limits}
    of_plans = {Staged(stage, rate_class(limit, of_plan=True)) for plan in api.plans for limit, stage in of_plan(plan)}
    of_own = {Staged(stage, rate_class(limit)) for item in own for limit, stage in of_operation(item, api.plans)}
    return frozenset(of_plans | of_own)


def _told(plan: Plan) -> list[RateLimit]:
    """The limit that answers tell of: the slowest one of the caller, or else the slowest; none of a plan without."""
    found = _fastest_first(limits(plan))
    return ([limit for limit in found if limit.by is not LimitBy.PLAN] or found)[-1:]


def _alone(shared: RateLimit, told: Iterable[RateLimit]) -> bool:
    """Whether each caller could use a shared limit up without any other, since it is the tighter one.

    Then it is asked first: what it refuses takes nothing from the callers, and refused callers take nothing from it
    that they could not have had.
    """
    pairs = [(_room(limit) >= _room(shared), _recovery(limit) <= _recovery(shared)) for limit in told]
    return bool(pairs) and all(more and faster for more, faster in pairs)


def _room(limit: RateLimit) -> int:
    return limit.burst or limit.requests


def _recovery(limit: RateLimit) -> float:
    """Seconds until one more call passes."""
    return limit.seconds / limit.requests


def _fastest_first(found: Iterable[RateLimit]) -> list[RateLimit]:
    return sorted(found, key=_recovery)


def _in(stages: tuple[int, ...], found: list[RateLimit]) -> list[tuple[RateLimit, int]]:
    """One stage after the other; the last one takes what is left, and there the engine asks the slowest first."""
    return [(limit, stages[min(index, len(stages) - 1)]) for index, limit in enumerate(found)]


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
