"""A key that exists, but not on this API: 403 instead of 401, without a global table of keys.

An API's filter knows its own keys only, so "unknown key" may mean either. That refusal (and no other answer)
is redirected inside the engine to the scope of the key's *shard*: the first characters of the key name a
small route configuration that holds the keys beginning so. Known there: 403. Unknown there, or no such shard:
the 401 stands. Calls that pass never come here.

What the access log says of a call is lost on the way: its route, its method, its path. So they are kept in one header
(:data:`CALLED`), and the shard's label says whose the key is.
"""

from __future__ import annotations

from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.config.route.v3 import route_pb2, scoped_route_pb2
from envoy.extensions.filters.http.custom_response.v3 import custom_response_pb2
from envoy.extensions.http.custom_response.redirect_policy.v3 import redirect_policy_pb2 as _redirect  # noqa: F401

from waypost.contracts.ir import ApiIR
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import cors, key_auth
from waypost.integration.gateways.envoy.names import (
    API_KEY,
    CODE,
    CUSTOM_RESPONSE,
    DENIED_ROUTE,
    HEADER_MUTATION,
    KEY,
    PATH,
    SCOPE,
    TYPE,
    filter_type,
    route_name,
)

CALLED = f"%ROUTE_NAME% %REQ(:METHOD)% %REQ({SCOPE})%"
"""Route, method and path as they were called; only the path may hold a space."""

# A space cannot stand in a request path, so no caller reaches these scopes directly.
_MARK = "denied "
_PER_FILTER = 16


def listener_filter() -> dict[str, Any]:
    """Present but off; an API's route configuration brings the redirect."""
    config = {"@type": filter_type("custom_response.v3.CustomResponse")}
    return {"name": CUSTOM_RESPONSE, "disabled": True, "typed_config": config}


def shard_of(key: str, width: int) -> str:
    """The shard a key belongs to; must say what the engine's ``%REQ(header):width%`` and scope key say."""
    return key[:width].split("/", 1)[0]


def redirect(api: ApiIR, width: int, header: str) -> Any:
    """Per-API configuration: where an unknown key, held by ``header``, is looked up."""
    policy = {
        "@type": f"{TYPE}envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy",
        "uri": "http://denied/denied",
        "request_headers_to_add": [
            _add(PATH, CALLED),
            _add(KEY, f"%REQ({header})%"),
            _add(SCOPE, f"/{_MARK}%REQ({header}):{width}%"),
            *(_add(name, value) for name, value in cors.carry(api.cors)),
        ],
    }
    matcher = {"predicate": {"single_predicate": _code_is(Refusal.KEY_INVALID)}, "on_match": _action(policy)}
    config = {"custom_response_matcher": {"matcher_list": {"matchers": [matcher]}}}
    return wire.pack(wire.parse(custom_response_pb2.CustomResponse, config))


def scope(shard: str) -> bytes:
    """The scope that leads to a shard's route configuration."""
    key = scoped_route_pb2.ScopedRouteConfiguration.Key()
    key.fragments.add(string_key=f"{_MARK}{shard}")
    name = resource_name(shard)
    message = scoped_route_pb2.ScopedRouteConfiguration(name=name, route_configuration_name=name, key=key)
    return bytes(message.SerializeToString(deterministic=True))


def resource_name(shard: str) -> str:
    """Name of a shard's scope and route configuration."""
    return f"denied:{shard}"


def routes(shard: str, credentials: bytes) -> bytes:
    """A shard's route configuration: 403 for the keys it holds."""
    refuse = rc.Route(
        name=route_name("", "", DENIED_ROUTE),
        match=rc.RouteMatch(prefix="/"),
        direct_response=rc.DirectResponseAction(status=403),
    )
    host = rc.VirtualHost(name="denied", domains=["*"], routes=[refuse])
    message = route_pb2.RouteConfiguration(name=resource_name(shard), virtual_hosts=[host])
    message.typed_per_filter_config[HEADER_MUTATION].CopyFrom(cors.carried_headers())
    auth = wire.map_entry(_PER_FILTER, API_KEY, key_auth.per_route(KEY, credentials))
    return bytes(message.SerializeToString(deterministic=True)) + auth


def _add(name: str, value: str) -> dict[str, Any]:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _code_is(code: Refusal) -> dict[str, Any]:
    header = {"@type": f"{TYPE}envoy.type.matcher.v3.HttpResponseHeaderMatchInput", "header_name": CODE}
    return {"input": {"name": "code", "typed_config": header}, "value_match": {"exact": code.value}}


def _action(policy: dict[str, Any]) -> dict[str, Any]:
    return {"action": {"name": "known_key", "typed_config": policy}}
