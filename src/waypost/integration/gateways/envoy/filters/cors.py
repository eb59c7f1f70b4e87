"""Cross-origin rules per API. Preflights are routes of their own: answered 204 before authentication and limits.

The engine's filter adds the headers to actual answers, the gateway's own refusals included. It would answer a
preflight with 200, so it is switched off on the preflight routes. It passes over routes that answer by themselves (404,
405, mocks): those switch on a filter of ours, whose one expression the API brings, once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.extensions.filters.http.cors.v3 import cors_pb2
from envoy.type.matcher.v3 import regex_pb2, string_pb2
from google.protobuf import any_pb2

from waypost.contracts.ir import ApiIR, Cors
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import headers
from waypost.integration.gateways.envoy.filters.mutations import Step, put, remove, replace
from waypost.integration.gateways.envoy.names import (
    CORS,
    HEADER_MUTATION,
    INTERNAL,
    OWN_CORS,
    PREFLIGHT_ROUTE,
    filter_type,
    route_name,
)

_ORIGIN = "access-control-allow-origin"
_CREDENTIALS = "access-control-allow-credentials"
_EXPOSE = "access-control-expose-headers"
_CARRIED = {name: f"{INTERNAL}{name}" for name in (_ORIGIN, _CREDENTIALS, _EXPOSE, "vary")}
_PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def listener_filter() -> dict[str, Any]:
    """Off unless a virtual host carries a policy."""
    return {"name": CORS, "disabled": True, "typed_config": {"@type": filter_type("cors.v3.Cors")}}


def own_filter() -> dict[str, Any]:
    """For routes that answer by themselves. Their answers meet it before ``headers``: an API's edits come last."""
    return {
        "name": OWN_CORS,
        "disabled": True,
        "typed_config": {"@type": filter_type("header_mutation.v3.HeaderMutation")},
    }


def of_api(cors: Cors | None) -> dict[str, Any]:
    """What :func:`own_filter` does in this API, for the routes that switch it on."""
    return {OWN_CORS: headers.on_response(list(_own(cors)))} if cors else {}


def of_own_answers(cors: Cors | None) -> dict[str, Any]:
    """Per-filter configuration of a route that answers by itself."""
    return {OWN_CORS: wire.pack(rc.FilterConfig(config=any_pb2.Any()))} if cors else {}


def host_config(cors: Cors) -> dict[str, Any]:
    """Per-filter configuration of the API's virtual host."""
    policy = cors_pb2.CorsPolicy(
        allow_origin_string_match=[_origin_match(cors)],
        expose_headers=", ".join(cors.expose),
        allow_methods=", ".join(cors.methods),
    )
    policy.allow_credentials.value = cors.credentials
    return {
        CORS: wire.pack(policy),
        HEADER_MUTATION: headers.append_to_response("vary", "Origin"),
        OWN_CORS: wire.pack(rc.FilterConfig(disabled=True)),
    }


def preflight_routes(api: ApiIR, unguarded: dict[str, Any]) -> list[Any]:
    """Two routes: the allowed origin with its headers, and any other without."""
    if api.cors is None:
        return []
    allowed = _preflight(api, unguarded, _matches(string_match=_origin_match(api.cors)))
    allowed.response_headers_to_add.extend(_preflight_headers(api.cors))
    refused = _preflight(api, unguarded, _matches(present_match=True))
    return [allowed, refused]


def upstreams_own(cors: Cors | None) -> tuple[str, ...]:
    """Response headers in which an upstream says who may read: where the API says it, the upstream does not."""
    return tuple(_CARRIED)[:3] if cors else ()


def carry(cors: Cors | None) -> list[tuple[str, str]]:
    """Internal request headers that tell ``not_subscribed`` what this API allows; an empty value is not sent."""
    return [(_CARRIED[name], value) for name, value in {**_granted(cors), "vary": "Origin"}.items()] if cors else []


def of_limited_answers(cors: Cors | None) -> list[Any]:
    """Headers of a route that limits answers: the refusal of a large one passes no filter on its way back."""
    if cors is None:
        return []
    granted = [headers.option(name, value, formatted=True) for name, value in _granted(cors).items()]
    return [*granted, headers.option("vary", "Origin", append=True)]


def carried_headers() -> Any:
    """Per-route configuration that turns what :func:`carry` sent into response headers."""
    return headers.set_on_response({name: f"%REQ({carried})%" for name, carried in _CARRIED.items()})


def _granted(cors: Cors) -> dict[str, str]:
    """Response headers as format strings; empty for an origin that is not allowed."""
    listed = ", ".join(f"'{origin}'" for origin in cors.origins)
    allowed = "'origin' in request.headers" if "*" in cors.origins else f"request.headers['origin'] in [{listed}]"
    origin = "'*'" if _is_open(cors) else "request.headers['origin']"
    found = {_ORIGIN: origin, **{name: f"'{value}'" for name, value in _plain(cors).items()}}
    return {name: f"%CEL({allowed} ? {value} : '')%" for name, value in found.items()}


def _own(cors: Cors) -> Iterable[Step]:
    """One expression says whether the origin is allowed; what else is granted is written where it was."""
    yield remove(_ORIGIN)
    yield put(_ORIGIN, _granted(cors)[_ORIGIN])
    for name, value in _plain(cors).items():
        yield put(name, f"%RESP({_ORIGIN})%")
        yield replace(name, value.replace("%", "%%"))


def _plain(cors: Cors) -> dict[str, str]:
    """What an allowed origin is told besides."""
    found = {_CREDENTIALS: "true"} if cors.credentials else {}
    return {**found, **({_EXPOSE: ", ".join(cors.expose)} if cors.expose else {})}


def _is_open(cors: Cors) -> bool:
    return "*" in cors.origins and not cors.credentials


def _origin_match(cors: Cors) -> Any:
    if "*" in cors.origins:
        return string_pb2.StringMatcher(safe_regex=regex_pb2.RegexMatcher(regex=".*"))
    pattern = "|".join(re.escape(origin) for origin in cors.origins)
    return string_pb2.StringMatcher(safe_regex=regex_pb2.RegexMatcher(regex=f"(?:{pattern})"))


def _matches(**how: Any) -> Any:
    return rc.HeaderMatcher(name="origin", **how)


def _preflight(api: ApiIR, unguarded: dict[str, Any], origin: Any) -> Any:
    method = rc.HeaderMatcher(name=":method", string_match=string_pb2.StringMatcher(exact="OPTIONS"))
    wanted = rc.HeaderMatcher(name="access-control-request-method", present_match=True)
    route = rc.Route(
        name=route_name(api.id, "", PREFLIGHT_ROUTE),
        match=rc.RouteMatch(prefix="/", headers=[method, wanted, origin]),
        direct_response=rc.DirectResponseAction(status=204),
        response_headers_to_add=[headers.option("vary", _PREFLIGHT_VARY, append=True)],
    )
    for name, config in unguarded.items():
        route.typed_per_filter_config[name].CopyFrom(config)
    return route


def _preflight_headers(cors: Cors) -> list[Any]:
    origin = "*" if _is_open(cors) else "%REQ(origin)%"
    asked = "%REQ(access-control-request-headers)%"
    allowed = asked if "*" in cors.headers else ", ".join(cors.headers)
    found = [
        headers.option(_ORIGIN, origin, formatted=True),
        headers.option("access-control-allow-methods", ", ".join(cors.methods)),
        headers.option("access-control-allow-headers", allowed, formatted=allowed is asked),
        headers.option("access-control-max-age", str(cors.max_age_seconds)),
    ]
    if cors.credentials:
        found.append(headers.option(_CREDENTIALS, "true"))
    return found
