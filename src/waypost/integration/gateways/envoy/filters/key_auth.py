"""Keys: who calls, and on which plan, in one look-up of the API's own credentials.

A plain header key is read where it is. Keys in a query, a cookie or ``Authorization`` go through a small Lua
finder first: the engine's own filter compares ``Bearer`` by case, and its way to hide a query parameter sorts
and decodes the others. The finder moves the key to an internal header, cleans every place it was sent in
(``hide``), and refuses one sent twice.
"""

from __future__ import annotations

from typing import Any

from envoy.config.route.v3 import route_components_pb2 as rc
from envoy.extensions.filters.http.lua.v3 import lua_pb2
from envoy.type.matcher.v3 import string_pb2

from waypost.contracts.ir import KeyAuth
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters.finder import SCRIPT
from waypost.integration.gateways.envoy.names import API_KEY, CLIENT, KEY, LUA, filter_type

_PER_ROUTE = filter_type("api_key_auth.v3.ApiKeyAuthPerRoute")
_CREDENTIALS, _SOURCES, _FORWARDING = 1, 2, 4


def listener_filter() -> dict[str, Any]:
    """Off unless a route configuration brings credentials: an unknown path must be 404, not 401."""
    return {
        "name": API_KEY,
        "disabled": True,
        "typed_config": {"@type": filter_type("api_key_auth.v3.ApiKeyAuth"), "key_sources": [{"header": KEY}]},
    }


def finder_filter() -> dict[str, Any]:
    """The Lua finder, off unless a route configuration asks for it."""
    config = {
        "@type": filter_type("lua.v3.Lua"),
        "clear_route_cache": False,
        "default_source_code": {"inline_string": SCRIPT},
    }
    return {"name": LUA, "disabled": True, "typed_config": config}


def needs_finder(auth: KeyAuth) -> bool:
    """True when the key is anywhere else than in a header of its own."""
    return bool(auth.query or auth.cookie) or auth.header.lower() == "authorization"


def key_header(auth: KeyAuth) -> str:
    """The header that holds the key when the key filter runs."""
    return KEY if needs_finder(auth) else auth.header.lower()


def finder_config(auth: KeyAuth) -> Any:
    """Where the finder looks, as per-route configuration."""
    config = lua_pb2.LuaPerRoute()
    config.filter_context.update(
        {"header": auth.header.lower(), "query": auth.query, "cookie": auth.cookie, "hide": auth.hide}
    )
    return wire.pack(config)


def hidden_headers(auth: KeyAuth | None) -> tuple[str, ...]:
    """Request headers that end at the gateway because they hold the key."""
    return (auth.header.lower(),) if auth and auth.hide and auth.header else ()


def ambiguous_match(auth: KeyAuth) -> Any | None:
    """A match for a key header sent twice: the engine joins repeated headers with a comma, which no key contains."""
    if needs_finder(auth):
        return None
    twice = rc.HeaderMatcher(name=auth.header.lower(), string_match=string_pb2.StringMatcher(contains=","))
    return rc.RouteMatch(prefix="/", headers=[twice])


def credential(key: str, label: str) -> bytes:
    """One credential, framed, ready to be joined with others."""
    return wire.field(_CREDENTIALS, wire.field(1, key.encode()) + wire.field(2, label.encode()))


def per_route(header: str, credentials: bytes) -> bytes:
    """The bytes of an Any with the API's credentials; an API without any refuses every key."""
    # An empty list would mean "not configured" to the engine; no header or query can hold a line feed.
    credentials = credentials or credential("\n", "nobody")
    source = wire.field(_SOURCES, wire.field(1, header.encode()))
    forwarding = wire.field(_FORWARDING, wire.field(1, CLIENT.encode()))
    return wire.packed_any(_PER_ROUTE, credentials + source + forwarding)
