"""Sizes of an operation's bodies, beside the gateway's own limit (``body_limit.py``)."""

from __future__ import annotations

from typing import Any

from envoy.extensions.filters.http.buffer.v3 import buffer_pb2
from envoy.extensions.filters.http.file_system_buffer.v3 import file_system_buffer_pb2

from waypost.contracts.ir import Sizes
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import access
from waypost.integration.gateways.envoy.names import BUFFER

_LARGEST = 2**63 - 1


def filters(sizes: Sizes | None) -> list[access.Filter]:
    """Refuses a body that says itself that it is too large: before anybody is asked for, and before it is counted."""
    if sizes is None or not sizes.request_bytes:
        return []
    larger = {"start": sizes.request_bytes + 1, "end": _LARGEST}
    return [access.refuse(Refusal.TOO_LARGE, what={"header": {"name": "content-length", "range_match": larger}})]


def response_filters(sizes: Sizes | None) -> list[access.Filter]:
    """Holds an answer back until it is whole, as far as it may be large; a larger one is refused."""
    if sizes is None or not sizes.response_bytes:
        return []
    held = {
        "behavior": {"fully_buffer": {}},
        "memory_buffer_bytes_limit": sizes.response_bytes,
        "storage_buffer_bytes_limit": 0,
    }
    data = {
        "manager_config": {"thread_pool": {"thread_count": 1}},
        "request": {"behavior": {"bypass": {}}},
        "response": held,
    }
    return [("response_size", wire.pack(wire.parse(file_system_buffer_pb2.FileSystemBufferFilterConfig, data)))]


def config(sizes: Sizes | None) -> dict[str, Any]:
    """Per-route configuration of the filter that counts what arrives."""
    if sizes is None or not sizes.request_bytes:
        return {}
    limit = buffer_pb2.BufferPerRoute()
    limit.buffer.max_request_bytes.value = sizes.request_bytes
    return {BUFFER: wire.pack(limit)}
