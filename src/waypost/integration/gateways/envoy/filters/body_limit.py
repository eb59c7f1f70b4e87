"""Request bodies over the limit answer 413. The engine buffers a body up to the limit before the upstream sees it."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.envoy.names import BUFFER, filter_type


def listener_filter(settings: GatewaySettings) -> dict[str, Any]:
    """The buffer filter with the gateway's limit in bytes."""
    config = {"@type": filter_type("buffer.v3.Buffer"), "max_request_bytes": settings.max_request_bytes}
    return {"name": BUFFER, "typed_config": config}
