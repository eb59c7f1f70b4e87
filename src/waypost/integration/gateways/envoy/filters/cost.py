"""What a call takes from limits, where operations of its API weigh more or less than one call, or answer by themselves.

The engine weighs only by limits that stand in the filter itself, and asks a route that answers by itself for no
others; there they would hold for every API. So such APIs have limiters of their own (``limiters.py``) that only their
calls enter; the limits fit by the caller's label or by the mark of the operation, and take what the route wrote into
a header.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import ApiIR
from waypost.integration.gateways.envoy.filters import inner, limited
from waypost.integration.gateways.envoy.filters.limiters import Weighed
from waypost.integration.gateways.envoy.filters.mutations import on_request, put
from waypost.integration.gateways.envoy.names import COST, WEIGHED
from waypost.integration.gateways.envoy.operations import Operation, all_of, limits_apart


def limits(api: ApiIR) -> tuple[Weighed, ...]:
    """The API's limits for the limiters themselves; empty where they stand with hosts and routes."""
    if not limits_apart(api):
        return ()
    found = [*limited.of_plans(api, by_mark=True), *limited.of_marked(api, all_of(api))]
    # What stands for calls that no operation takes may stand twice; a limit that does takes two tokens.
    return tuple(dict.fromkeys(_weighed(item) for item in found))


def filters(operation: Operation) -> list[tuple[str, Any]]:
    """Writes the operation's weight where its API's limits read it."""
    return [("cost", on_request([put(COST, str(_cost(operation)))]))] if operation.limited_apart else []


def config(operation: Operation) -> dict[str, Any]:
    """Per-route configuration: calls enter the limiters, but not those of an operation without any weight."""
    return {WEIGHED: inner.enter()} if operation.limited_apart and _cost(operation) else {}


def _cost(operation: Operation) -> int:
    return 1 if operation.policies.cost is None else operation.policies.cost


def _weighed(item: Any) -> Weighed:
    """A limit without its stage, which is that of its limiter."""
    stage = item.stage.value
    item.ClearField("stage")
    item.hits_addend.format = f"%REQ({COST})%"
    return Weighed(stage, item.SerializeToString(deterministic=True))
