"""The limiters, and what the engine is sent of them: all buckets live here, at the listener, and outlive routes.

Three places in the chain, each a configuration of its own (ECDS): before the plan's told limit, that limit, and after
it. A fourth holds all three for APIs whose operations weigh more or less than one call (``cost.py``). Only calls of
APIs that use a place enter it; the told limit's is always open. What several places say of one call to its caller is
the told limit's, unless another one refuses (``headers.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from envoy.config.core.v3 import extension_pb2

from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.envoy.filters import headers, inner, rate_limit
from waypost.integration.gateways.envoy.filters.rate_limit import EARLY_STAGES, SHARED_STAGES, TOLD, RateClass, Staged
from waypost.integration.gateways.envoy.names import EARLY, LOCAL_RATELIMIT, SHARED, WEIGHED, filter_type
from waypost.integration.gateways.envoy.operations import limits_apart

_PLACES = {EARLY: EARLY_STAGES, LOCAL_RATELIMIT: (TOLD,), SHARED: SHARED_STAGES}


class Weighed(NamedTuple):
    """A serialised ``RateLimit`` that stands in a limiter itself, and its stage."""

    stage: int
    limit: bytes


def listener_filters() -> list[dict[str, Any]]:
    """Places for the configurations that :func:`extensions` delivers."""
    return [_place(name) for name in (*_PLACES, WEIGHED)]


def entered(api: ApiIR) -> dict[str, Any]:
    """Per-API configuration: calls enter the places that hold limits of this API."""
    if limits_apart(api):
        return {}
    stages = {item.stage for item in rate_limit.classes(api)}
    return {name: inner.enter() for name in (EARLY, SHARED) if stages & set(_PLACES[name])}


def extensions(classes: frozenset[Staged], weighed: Mapping[str, tuple[Weighed, ...]]) -> dict[str, bytes]:
    """The serialised ``TypedExtensionConfig`` of each place; one that nobody needs holds nothing."""
    known: dict[int, list[RateClass]] = {stage: [] for stages in _PLACES.values() for stage in stages}
    own: dict[int, list[bytes]] = {}
    for item in classes:
        known[item.stage].append(item.rate_class)
    for limit in (limit for limits in weighed.values() for limit in limits):
        own.setdefault(limit.stage, []).append(limit.limit)
    found = {name: {stage: known[stage] for stage in stages if known[stage]} for name, stages in _PLACES.items()}
    configs = {
        EARLY: _chain(found[EARLY]),
        LOCAL_RATELIMIT: rate_limit.limiter(known[TOLD]),
        SHARED: _chain(found[SHARED]),
        WEIGHED: _chain({stage: known[stage] for stage in known if stage in own}, own),
    }
    return {name: _extension(name, config) for name, config in configs.items()}


def _chain(known: Mapping[int, list[RateClass]], own: Mapping[int, list[bytes]] | None = None) -> Any:
    """The limiters of these stages, one after the other."""
    made = [
        (f"stage{stage}", rate_limit.limiter(found, (own or {}).get(stage, ()), stage=stage, marks=_marks(stage)))
        for stage, found in known.items()
    ]
    shared = [index for index, stage in enumerate(known) if stage in SHARED_STAGES]
    if shared:
        made.insert(shared[0], ("told", headers.untold()))
    return inner.always(made)


def _marks(stage: int) -> Mapping[str, str]:
    return headers.MARKS if stage in SHARED_STAGES else {}


def _place(name: str) -> dict[str, Any]:
    types = [filter_type("local_ratelimit.v3.LocalRateLimit") if name == LOCAL_RATELIMIT else inner.TYPE_URL]
    discovery = {"config_source": {"ads": {}, "resource_api_version": "V3"}, "type_urls": types}
    return {"name": name, "config_discovery": discovery, "disabled": name != LOCAL_RATELIMIT}


def _extension(name: str, config: Any) -> bytes:
    message = extension_pb2.TypedExtensionConfig(name=name, typed_config=config)
    return bytes(message.SerializeToString(deterministic=True))
