"""Envoy: fields of the messages in an API's route configuration, those packed inside included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2 as hcm_pb2
from google.protobuf import any_pb2, struct_pb2, symbol_database

from waypost.integration.gateways.envoy import xds
from waypost.integration.gateways.envoy.names import LISTENER, ROUTES

if TYPE_CHECKING:
    from tests.live.conformance.breaking import Breaks

INVISIBLE: Mapping[str, str] = {
    "RouteConfiguration.name": "the engine asks for it by this name; without it nothing at all is published",
    "VirtualHost.name": "a name for statistics",
    "CorsPolicy.allow_methods": "preflights have routes of their own",
    "VirtualHost.typed_per_filter_config[own_cors]": "spares calls to an upstream a second look at their origin",
    "HeaderMatcher.present_match": "a matcher without a condition means the same to the engine",
    "Route.typed_per_filter_config[cors]": "the engine's filter passes direct answers over anyhow",
    "Route.typed_per_filter_config[authentication]": "spares answers of the gateway's own the work, and changes none",
    "Route.typed_per_filter_config[introspection]": "spares answers of the gateway's own the work, and changes none",
    "RouteConfiguration.typed_per_filter_config[body]": "a setting; cases with settings are not played here",
    "RouteAction.idle_timeout": "would take five minutes to see",
}
EVERYWHERE = ""


@contextmanager
def breaking(breaks: Breaks) -> Iterator[None]:
    """Route configurations lose what ``breaks`` wants left out on their way to the engine."""
    begin = xds.AdsServer.begin

    def broken(self: Any, type_url: str, upsert: Mapping[str, Any], remove: Iterable[str] = ()) -> Any:
        if type_url == ROUTES:
            upsert = {name: _item(item, name, breaks) for name, item in upsert.items()}
        if type_url == LISTENER:
            upsert = {name: _listener(item, breaks) for name, item in upsert.items()}
        return begin(self, type_url, upsert, remove)

    xds.AdsServer.begin = broken  # type: ignore[method-assign]
    try:
        yield
    finally:
        xds.AdsServer.begin = begin  # type: ignore[method-assign]


def _item(item: xds.Item, name: str, breaks: Breaks) -> xds.Item:
    if not name.startswith("api_"):
        return item
    message = route_pb2.RouteConfiguration.FromString(item.payload)
    _break(message, name, breaks)
    return xds.Item(item.version, message.SerializeToString(deterministic=True))


def _listener(item: xds.Item, breaks: Breaks) -> xds.Item:
    """Filters and local answers one by one, and each other field of the connection manager."""
    listener = listener_pb2.Listener.FromString(item.payload)
    for chain in listener.filter_chains:
        for found in chain.filters:
            manager = hcm_pb2.HttpConnectionManager()
            if found.typed_config.Unpack(manager):
                _break_manager(manager, breaks)
                found.typed_config.Pack(manager)
    return xds.Item(item.version, listener.SerializeToString(deterministic=True))


def _break_manager(manager: Any, breaks: Breaks) -> None:
    filters = [item for item in manager.http_filters if not breaks.left_out(EVERYWHERE, f"filter {item.name}")]
    mappers = [
        item
        for number, item in enumerate(manager.local_reply_config.mappers)
        if not breaks.left_out(EVERYWHERE, f"answer {number}: {_code(item)}")
    ]
    for descriptor, _ in manager.ListFields():
        whole = descriptor.name not in ("http_filters", "local_reply_config")
        if whole and breaks.left_out(EVERYWHERE, f"manager {descriptor.name}"):
            manager.ClearField(descriptor.name)
    del manager.http_filters[:]
    manager.http_filters.extend(filters)
    del manager.local_reply_config.mappers[:]
    manager.local_reply_config.mappers.extend(mappers)


def _code(mapper: Any) -> str:
    fields = mapper.body_format_override.json_format.fields
    return str(fields["code"].string_value) if "code" in fields else ""


def _break(message: Any, api_id: str, breaks: Breaks) -> None:
    if isinstance(message, any_pb2.Any):
        _break_packed(message, api_id, breaks)
        return
    if isinstance(message, struct_pb2.Value):  # the engine panics at a value of no kind: nobody overlooks that
        return
    for descriptor, value in message.ListFields():
        name = f"{message.DESCRIPTOR.name}.{descriptor.name}"
        if _is_map(descriptor):
            for key in list(value):
                if breaks.left_out(api_id, f"{name}[{key}]"):
                    del value[key]
                elif hasattr(value[key], "ListFields"):
                    _break(value[key], api_id, breaks)
        elif breaks.left_out(api_id, name):
            message.ClearField(descriptor.name)
        elif descriptor.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                _break(part, api_id, breaks)


def _break_packed(packed: any_pb2.Any, api_id: str, breaks: Breaks) -> None:
    kind = packed.type_url.rpartition("/")[2]
    try:
        message = symbol_database.Default().GetSymbol(kind)()
    except KeyError:
        return
    packed.Unpack(message)
    _break(message, api_id, breaks)
    packed.value = message.SerializeToString(deterministic=True)


def _is_map(descriptor: Any) -> bool:
    return bool(descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry)
