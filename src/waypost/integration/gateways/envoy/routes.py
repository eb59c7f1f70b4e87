"""An API's route configuration without its keys: operations in order, then 405 and 404, then the probe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.config.route.v3 import route_pb2, scoped_route_pb2
from envoy.type.matcher.v3 import string_pb2

from waypost.contracts.ir import ApiIR, GatewaySettings, RoutePolicies
from waypost.integration.gateways.envoy import forwarding, matching, wire
from waypost.integration.gateways.envoy.filters import (
    anonymous,
    authentication,
    body_limit,
    cors,
    cost,
    edits,
    gate,
    header_edits,
    headers,
    introspection,
    key_auth,
    limited,
    limiters,
    maintenance,
    not_subscribed,
    permission,
    sizes,
)
from waypost.integration.gateways.envoy.filters.mutations import Step
from waypost.integration.gateways.envoy.names import (
    AMBIGUOUS_ROUTE,
    API_KEY,
    AUTHENTICATION,
    CORS,
    COST,
    CUSTOM_RESPONSE,
    INTROSPECTION,
    KEY,
    LIMITED,
    LUA,
    METHOD_ROUTE,
    NOT_FOUND_ROUTE,
    SPACED_ROUTE,
    route_name,
)
from waypost.integration.gateways.envoy.operations import (
    Operation,
    by_path,
    disguised,
    is_looked_up,
    limits_apart,
    unmatched,
)

_SMALLEST_BODY_LIMIT = 4096
_NO_POLICIES = RoutePolicies()


def scope(api: ApiIR) -> bytes:
    """The scope that leads from the first path segment to the API's route configuration."""
    key = scoped_route_pb2.ScopedRouteConfiguration.Key()
    key.fragments.add(string_key=api.base_path.removeprefix("/"))
    message = scoped_route_pb2.ScopedRouteConfiguration(name=api.id, route_configuration_name=api.id, key=key)
    return bytes(message.SerializeToString(deterministic=True))


def skeleton(api: ApiIR, shard_width: int, settings: GatewaySettings | None = None) -> bytes:
    """The serialised route configuration; credentials and probe are appended by ``resources.py``."""
    host = rc.VirtualHost(name=api.id, domains=["*"], rate_limits=_host_limits(api))
    if is_looked_up(api):
        host.matcher.CopyFrom(matching.matcher(_by_headers(api), _paths(api), list(_unknown(api))))
    else:
        host.routes.extend(_in_order(api))
    for name, config in (cors.host_config(api.cors) if api.cors else {}).items():
        host.typed_per_filter_config[name].CopyFrom(config)
    message = route_pb2.RouteConfiguration(name=api.id, virtual_hosts=[host])
    message.request_headers_to_remove.extend(_headers_to_remove(api))
    message.response_headers_to_remove.extend((*headers.upstreams_own(api), *cors.upstreams_own(api.cors)))
    # An operation's own edits come last: they may set what is removed here.
    message.most_specific_header_mutations_wins = True
    message.max_direct_response_body_size_bytes.value = _largest_mock(api)
    for name, config in {**_guards(api, shard_width), **_everywhere(api, settings or GatewaySettings())}.items():
        message.typed_per_filter_config[name].CopyFrom(config)
    return bytes(message.SerializeToString(deterministic=True))


_ENGINE_HEADERS = ("x-envoy-external-address", "x-envoy-internal")


def _headers_to_remove(api: ApiIR) -> tuple[str, ...]:
    return (
        *((KEY,) if authentication.key_header(api) == KEY else ()),
        *authentication.internal_headers(api),
        *_ENGINE_HEADERS,
        *((COST, LIMITED) if limits_apart(api) else ()),
        *authentication.hidden_headers(api),
    )


def _everywhere(api: ApiIR, settings: GatewaySettings) -> dict[str, Any]:
    """Per-filter configuration of the whole API, whoever calls."""
    return {
        **body_limit.of_gateway(settings),
        **headers.of_limits(api),
        **limiters.entered(api),
        **cors.of_api(api.cors),
    }


def _guards(api: ApiIR, shard_width: int) -> dict[str, Any]:
    """Per-filter configuration of the whole API; the key filter's own comes with the credentials."""
    found = {}
    if api.key_auth is not None:
        found[CUSTOM_RESPONSE] = not_subscribed.redirect(api, shard_width, authentication.key_header(api))
        if key_auth.needs_finder(api.key_auth):
            found[LUA] = key_auth.finder_config(api.key_auth)
    if authentication.needed(api):
        found[AUTHENTICATION] = authentication.config(api)
    found |= introspection.config(api)
    return found


def _unguarded(api: ApiIR, *names: str) -> dict[str, Any]:
    """Switches every way of authentication (and ``names``) off on one route."""
    finder = (LUA,) if api.key_auth and key_auth.needs_finder(api.key_auth) else ()
    asked = (INTROSPECTION,) if api.introspection else ()
    more = (AUTHENTICATION, *asked) if authentication.needed(api) else ()
    wanted = (API_KEY, *finder, *more, *names) if api.guarded else names
    return {name: wire.pack(rc.FilterConfig(disabled=True)) for name in wanted}


def _in_order(api: ApiIR) -> Iterable[Any]:
    """All routes of an API that passes on what no operation takes; the first that fits is taken."""
    yield from _by_headers(api)
    for path in _paths(api):
        yield from path.routes
    for version, match in disguised(api):
        yield _refusal(api, "", NOT_FOUND_ROUTE, match, 404, version.policies)
    for operation, match in unmatched(api):
        yield from _operation_routes(api, operation, match, head=False)
    yield from _unknown(api)


def _by_headers(api: ApiIR) -> Iterable[Any]:
    """Routes that headers choose, whatever the path."""
    yield from cors.preflight_routes(api, _unguarded(api, CORS))
    twice = key_auth.ambiguous_match(api.key_auth) if api.key_auth else None
    if twice is not None:
        yield _refusal(api, "", AMBIGUOUS_ROUTE, twice, 401)
    spaced = authentication.spaced_key(api)
    if spaced is not None:
        yield _refusal(api, "", SPACED_ROUTE, spaced, 401)


def _unknown(api: ApiIR) -> Iterable[Any]:
    """404; below the mount of a version with a gate or edits of its own, as these say."""
    if any(gate.config(version.policies) or version.policies.headers for version in api.versions):
        for version in api.by_mount:
            below = rc.RouteMatch(path_separated_prefix=f"{api.base_path}{version.mount}")
            yield _refusal(api, "", NOT_FOUND_ROUTE, below, 404, version.policies)
    yield _refusal(api, "", NOT_FOUND_ROUTE, rc.RouteMatch(prefix="/"), 404)


def _paths(api: ApiIR) -> list[matching.Path]:
    """The paths in their order, each with its routes (one that ends with a slash as well is two)."""
    return [
        matching.Path(operations[0], match, tuple(_path_routes(api, operations, match)))
        for operations in by_path(api)
        for match in operations[0].matches()
    ]


def _path_routes(api: ApiIR, operations: list[Operation], match: Any) -> Iterable[Any]:
    """The routes of one path: one per method, then 405 with ``Allow`` for every other."""
    allowed: dict[str, Operation] = {}
    for operation in operations:
        allowed.setdefault(operation.route.method, operation)
    for operation in allowed.values():
        yield from _operation_routes(api, operation, match, head="HEAD" not in allowed)
    if not any(operation.passes_unmatched for operation in operations):
        yield _wrong_method(api, operations[0], match, sorted({*allowed, *(("HEAD",) if "GET" in allowed else ())}))


def _operation_routes(api: ApiIR, operation: Operation, match: Any, *, head: bool) -> Iterable[Any]:
    """A route per method; before it one for calls without a credential, where they pass.

    ``head``: GET answers HEAD too. By a route of its own, since the engine compares methods before paths, for every
    operation on its way: plain texts, not patterns.
    """
    made, method = _route(api, operation, match), operation.route.method
    for one in (method, "HEAD") if head and method == "GET" else (method,):
        allowed = operation.policies.anonymous
        if api.guarded and allowed is not None and allowed.allowed:
            free = _of_method(made, one)
            anonymous.restrict(free.match, api)
            _configure(free, _unguarded(api))
            # No token is looked at there, and so nothing else would take off what passes for its claims.
            free.request_headers_to_remove.extend(name for _, name in (api.jwt.claim_headers if api.jwt else ()))
            yield free
        yield _of_method(made, one)


def _route(api: ApiIR, operation: Operation, match: Any) -> Any:
    """The operation's route, for any method still."""
    route = rc.Route(name=route_name(api.id, operation.version.id, operation.route.id), match=match)
    policies = operation.policies
    if policies.mock is not None:
        forwarding.mock(route, policies.mock)
    else:
        forwarding.forward(route, api, operation)
        route.route.rate_limits.extend(() if operation.limited_apart else limited.of_operation(api, operation))
    if policies.sizes is not None and policies.sizes.response_bytes:
        route.response_headers_to_add.extend(cors.of_limited_answers(api.cors))
    header_edits.edit_route(route, api, policies.headers)
    maintenance.tell(route, policies.maintenance)
    _configure(
        route,
        {
            **(cors.of_own_answers(api.cors) if policies.mock is not None else {}),
            **headers.of_route(_on_answers(api, operation)),
            **gate.config(policies),
            **permission.config(api, operation),
            **cost.config(operation),
            **sizes.config(policies.sizes),
            **edits.config(operation),
        },
    )
    route.request_headers_to_remove.extend(gate.headers(policies))
    return route


def _host_limits(api: ApiIR) -> list[Any]:
    """Limits of the plans, and those of operations that are answered here."""
    return [] if limits_apart(api) else limited.of_plans(api)


def _on_answers(api: ApiIR, operation: Operation) -> list[Step]:
    """What is done to every answer, the gateway's own included."""
    policies = operation.policies
    local = policies.mock is not None
    return [
        *(header_edits.steps(api, policies.headers) if local else ()),
        *(headers.without_limit(api) if limited.own(operation) else ()),
    ]


def _of_method(made: Any, method: str) -> Any:
    """The same route for one method; an empty one is any."""
    route = rc.Route()
    route.CopyFrom(made)
    if method:
        route.match.headers.add(name=":method", string_match=string_pb2.StringMatcher(exact=method))
    return route


def _wrong_method(api: ApiIR, operation: Operation, match: Any, allowed: list[str]) -> Any:
    route = _refusal(api, operation.version.id, METHOD_ROUTE, match, 405, operation.version.policies)
    route.response_headers_to_add.append(headers.option("allow", ", ".join(allowed)))
    return route


def _refusal(
    api: ApiIR, version_id: str, kind: str, match: Any, status: int, policies: RoutePolicies = _NO_POLICIES
) -> Any:
    """A route that answers with a refusal of ours, behind the gate of these policies; ``problems.py`` has its body."""
    response = rc.DirectResponseAction(status=status)
    route = rc.Route(name=route_name(api.id, version_id, kind), match=match, direct_response=response)
    edited = header_edits.steps(api, policies.headers, refused=True)
    maintenance.tell(route, policies.maintenance)
    asked = gate.config(replace(policies, sizes=None))
    own = cors.of_own_answers(api.cors)
    _configure(route, {**_unguarded(api, CUSTOM_RESPONSE), **own, **headers.of_route(edited), **asked})
    return route


def _configure(route: Any, configs: dict[str, Any]) -> None:
    for name, config in configs.items():
        route.typed_per_filter_config[name].CopyFrom(config)


def _largest_mock(api: ApiIR) -> int:
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    sizes = [len(item.mock.body.encode()) for item in policies if item.mock is not None]
    return max((_SMALLEST_BODY_LIMIT, *sizes))
