"""The response headers every limited answer carries.

``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers) are made from the engine's own
``X-RateLimit-*`` and the caller's label. Steps run one after the other, and one that comes out empty writes
nothing; both facts carry this file. ``t`` is the time until one more call passes: 0 while calls are left, since
buckets fill evenly. A refusal's ``Retry-After`` says the same (``problems.py`` marks the refusals).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from envoy.config.core.v3 import base_pb2
from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2

from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import labels, rate_limit
from waypost.integration.gateways.envoy.filters.mutations import Step, append, put, remove, replace
from waypost.integration.gateways.envoy.names import CODE, HEADER_MUTATION, LEFT, RESET, WAIT, filter_type

OLD_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
MARKS = {LEFT: "0", RESET: "1"}
"""What a limiter that is told of only where it refuses writes on its refusals, for :func:`untold`."""

_REMAINING, _RESET = (f"%RESP({name})%" for name in OLD_HEADERS[1:])


def listener_filter(settings: GatewaySettings) -> dict[str, Any]:
    """What is the same for all APIs stands here, once: numbers first, names come to them from route configurations.

    Nothing remains of an unlimited call; then there is no header to overwrite.
    """
    steps = [
        put("ratelimit", _REMAINING),
        replace("ratelimit", f"r={_REMAINING};t={_RESET}"),
        replace(WAIT, _RESET),
        put("retry-after", f"%RESP({WAIT})%"),
        remove(WAIT),
        # Each of the engine's limiters writes its own; the first is the one of the fields above.
        *(replace(name, f"%RESP({name})%") if settings.x_ratelimit_headers else remove(name) for name in OLD_HEADERS),
    ]
    config = {"@type": filter_type("header_mutation.v3.HeaderMutation"), "mutations": {"response_mutations": steps}}
    return {"name": HEADER_MUTATION, "typed_config": config}


def untold() -> Any:
    """A filter for what limiters behind it say: nothing, unless one of them refuses and so marked the answer.

    What passes is told of by the plan's limit, which stands before.
    """
    remaining, reset = OLD_HEADERS[1:]
    steps = [
        replace(RESET, f"%RESP({reset})%"),
        *(remove(name) for name in OLD_HEADERS),
        put(remaining, f"%RESP({LEFT})%"),
        put(reset, f"%RESP({RESET})%"),
        *(remove(name) for name in MARKS),
    ]
    data = {"mutations": {"response_mutations": steps}}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutation, data))


def of_limits(api: ApiIR) -> dict[str, Any]:
    """Per-API configuration: the names of limits; few steps, for each API has its own."""
    known = labels.of_plans(api.plans)
    if not known.width:
        # An operation's own limits have no name to give.
        return {HEADER_MUTATION: on_response([remove("ratelimit")])} if rate_limit.classes(api) else {}
    return {HEADER_MUTATION: on_response(list(_named(known)))}


def _named(known: labels.Labels) -> Iterable[Step]:
    yield replace("ratelimit", f"{known.name}%RESP(ratelimit)%")
    yield put("ratelimit-policy", "%RESP(ratelimit)%")
    yield replace("ratelimit-policy", known.policy)


def upstreams_own(api: ApiIR) -> tuple[str, ...]:
    """Response headers that an upstream may not send, since they would be taken for ours."""
    return (*OLD_HEADERS, CODE, *(("ratelimit", "ratelimit-policy") if rate_limit.classes(api) else ()))


def append_to_response(name: str, value: str) -> Any:
    """Per-route configuration that appends one header to every answer, also to those the gateway makes."""
    return on_response([append(name, value)])


def set_on_response(values: Mapping[str, str]) -> Any:
    """Per-route configuration that sets headers on every answer, from format strings; empty ones write nothing."""
    return on_response([put(name, value) for name, value in values.items()])


def without_limit(api: ApiIR) -> list[Step]:
    """For operations with limits of their own, where callers may have no plan that limits them.

    The ``RateLimit`` header names the plan's policy; without one there is no name to give, and so no header.
    """
    if api.guarded and api.plans and all(plan.rate_limits for plan in api.plans):
        return []
    return [remove("ratelimit"), remove("ratelimit-policy")]


def of_route(steps: list[Step]) -> dict[str, Any]:
    """Per-route configuration with these steps, on every answer; empty where there is none."""
    return {HEADER_MUTATION: on_response(steps)} if steps else {}


def option(name: str, value: str, *, append: bool = False, formatted: bool = False, empty: bool = False) -> Any:
    """One header to write; ``%`` is literal unless ``formatted``. ``empty``: also where nothing comes out."""
    action = base_pb2.HeaderValueOption.HeaderAppendAction
    header = base_pb2.HeaderValue(key=name, value=value if formatted else value.replace("%", "%%"))
    how = action.APPEND_IF_EXISTS_OR_ADD if append else action.OVERWRITE_IF_EXISTS_OR_ADD
    return base_pb2.HeaderValueOption(header=header, append_action=how, keep_empty_value=empty)


def on_response(steps: list[Step]) -> Any:
    """Per-route configuration with these steps on every answer."""
    mutations = {"response_mutations": steps}
    return wire.pack(wire.parse(header_mutation_pb2.HeaderMutationPerRoute, {"mutations": mutations}))
