"""Request bodies over the limit answer 413. The engine buffers a body up to the limit before the upstream sees it.

Off where no API is called: what has no end (``CONNECT``) would be waited for, instead of being refused.
"""

from __future__ import annotations

from typing import Any

from envoy.extensions.filters.http.buffer.v3 import buffer_pb2

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import BUFFER, filter_type


def listener_filter() -> dict[str, Any]:
    """The buffer filter, off unless a route configuration brings a limit."""
    config = {"@type": filter_type("buffer.v3.Buffer"), "max_request_bytes": 1}
    return {"name": BUFFER, "disabled": True, "typed_config": config}


def of_gateway(settings: GatewaySettings) -> dict[str, Any]:
    """Per-API configuration: the gateway's limit in bytes."""
    message = buffer_pb2.BufferPerRoute()
    message.buffer.max_request_bytes.value = settings.max_request_bytes
    return {BUFFER: wire.pack(message)}
