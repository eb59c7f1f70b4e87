"""Chains inside the chain: what an API or an operation asks for besides, so that others do not pay for it.

The listener holds empty places (``FilterChain``, off by default); a route configuration or a route fills one with the
filters of its own policies. So a policy costs only the calls that it is meant for, a change of it re-sends its own API
alone, and what the engine refuses (a key set that cannot be read) quarantines that API alone.

The message types are younger than the protobuf package that this project has, so they are described here; source:
``envoy/extensions/filters/http/filter_chain/v3/filter_chain.proto`` of the engine.
"""

from __future__ import annotations

from typing import Any

from envoy.config.core.v3 import extension_pb2
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool

from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters.mutations import on_request
from waypost.integration.gateways.envoy.names import filter_type

_PACKAGE = "envoy.extensions.filters.http.filter_chain.v3"
TYPE_URL = filter_type("filter_chain.v3.FilterChainConfig")
_PER_ROUTE = filter_type("filter_chain.v3.FilterChainConfigPerRoute")
_CHAIN, _FILTERS = 1, 1


def place(name: str) -> dict[str, Any]:
    """An empty place in the listener's chain, off unless a route says what belongs there."""
    return {"name": name, "disabled": True, "typed_config": {"@type": TYPE_URL}}


def always(filters: list[tuple[str, Any]]) -> Any:
    """The configuration of a place that holds these for every call that enters it; without any it does nothing."""
    return any_pb2.Any(type_url=TYPE_URL, value=_chain(filters) if filters else b"")


def enter() -> Any:
    """Per-route configuration: calls enter a place that is off, for what it holds always.

    The engine wants to hear of a filter here, and of none that is a chain: this one does nothing.
    """
    return fill([("entered", on_request([]))])


def fill(filters: list[tuple[str, Any]]) -> Any:
    """Per-route configuration of a place: pairs of name and configuration, in order; ValueError where there is none."""
    if not filters:
        raise ValueError("an inner chain needs a filter")
    return any_pb2.Any(type_url=_PER_ROUTE, value=_chain(filters))


def _chain(filters: list[tuple[str, Any]]) -> bytes:
    items = [extension_pb2.TypedExtensionConfig(name=name, typed_config=config) for name, config in filters]
    return wire.field(
        _CHAIN, b"".join(wire.field(_FILTERS, item.SerializeToString(deterministic=True)) for item in items)
    )


def _describe() -> None:
    """Register the messages, so that ``Any`` of them can be written and printed."""
    file = descriptor_pb2.FileDescriptorProto(
        name="envoy/extensions/filters/http/filter_chain/v3/filter_chain.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=["envoy/config/core/v3/extension.proto"],
    )
    for name, field, kind, many in (
        ("FilterChain", "filters", ".envoy.config.core.v3.TypedExtensionConfig", True),
        ("FilterChainConfig", "default_filter_chain", f".{_PACKAGE}.FilterChain", False),
        ("FilterChainConfigPerRoute", "filter_chain", f".{_PACKAGE}.FilterChain", False),
    ):
        about = descriptor_pb2.FieldDescriptorProto
        label = about.LABEL_REPEATED if many else about.LABEL_OPTIONAL
        message = file.message_type.add(name=name)
        message.field.add(name=field, number=1, type=about.TYPE_MESSAGE, type_name=kind, label=label)
    descriptor_pool.Default().Add(file)


_describe()
