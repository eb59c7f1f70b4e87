"""Envoy: fields of the messages in an API's route configuration, those packed inside included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envoy.config.route.v3 import route_pb2
from google.protobuf import any_pb2, struct_pb2, symbol_database

from waypost.integration.gateways.envoy import xds
from waypost.integration.gateways.envoy.names import ROUTES

if TYPE_CHECKING:
    from tests.live.conformance.breaking import Breaks

INVISIBLE: Mapping[str, str] = {
    "RouteConfiguration.name": "the engine asks for it by this name; without it nothing at all is published",
    "VirtualHost.name": "a name for statistics",
    "CorsPolicy.allow_methods": "preflights have routes of their own",
    "HeaderMatcher.present_match": "a matcher without a condition means the same to the engine",
    "Route.typed_per_filter_config[envoy.filters.http.cors]": "the engine's filter passes direct answers over anyhow",
    "RouteAction.idle_timeout": "would take five minutes to see",
}


@contextmanager
def breaking(breaks: Breaks) -> Iterator[None]:
    """Route configurations lose what ``breaks`` wants left out on their way to the engine."""
    begin = xds.AdsServer.begin

    def broken(self: Any, type_url: str, upsert: Mapping[str, Any], remove: Iterable[str] = ()) -> Any:
        if type_url == ROUTES:
            upsert = {name: _item(item, name, breaks) for name, item in upsert.items()}
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
