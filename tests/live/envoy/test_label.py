"""The caller's label exists inside the engine only: nobody can send one, and no upstream sees it."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest
from tests.live.envoy.conftest import Gateway

from waypost.integration.gateways.envoy.names import CLIENT

pytestmark = pytest.mark.live

_LABEL = '"pro";q=6;w=600~~plv_x~sub_x~app_x~crd_x'
_HEADERS, _RESET, _GOAWAY = 1, 3, 7
_END_OF_HEADERS_AND_STREAM = 0x5


async def test_no_client_can_send_it_over_http1(gateway: Gateway) -> None:
    api = gateway.api(key_auth=None)
    await gateway.publish(api)
    text = f"GET {api.base_path}/a HTTP/1.1\r\nhost: x\r\n{CLIENT}: {_LABEL}\r\nconnection: close\r\n\r\n"
    answer = await asyncio.to_thread(_exchange, gateway.driver.port, text.encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_no_client_can_send_it_over_http2(gateway: Gateway) -> None:
    api = gateway.api(key_auth=None)
    await gateway.publish(api)
    path = f"{api.base_path}/a"
    good = await asyncio.to_thread(_exchange, gateway.driver.port, _http2(path))
    assert _HEADERS in _frames(good)
    bad = await asyncio.to_thread(_exchange, gateway.driver.port, _http2(path, (CLIENT, _LABEL)))
    assert _HEADERS not in _frames(bad)


async def test_no_upstream_sees_it(gateway: Gateway) -> None:
    api, key = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", key)
    assert answer.status_code == 200
    assert "crd_" not in answer.text
    assert not [name for name, _ in answer.json()["headers"] if name.startswith((":", "gw-"))]


def _exchange(port: int, sent: bytes) -> bytes:
    """What comes back until the other side is done, or silent for half a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
        connection.sendall(sent)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
        except TimeoutError:
            pass
        return received


def _http2(path: str, *more: tuple[str, str]) -> bytes:
    """A request as RFC 9113 and RFC 7541 have it, without Huffman codes or indexing."""
    pairs = ((":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "x"), *more)
    block = b"".join(b"\x00" + _text(name) + _text(value) for name, value in pairs)
    settings = struct.pack(">I", 0)[1:] + b"\x04\x00" + struct.pack(">I", 0)
    head = struct.pack(">I", len(block))[1:] + bytes([_HEADERS, _END_OF_HEADERS_AND_STREAM]) + struct.pack(">I", 1)
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + head + block


def _text(value: str) -> bytes:
    assert len(value) < 127
    return bytes([len(value)]) + value.encode()


def _frames(received: bytes) -> list[int]:
    """Types of the frames that speak of the request or end the connection."""
    found, at = [], 0
    while at + 9 <= len(received):
        length, kind = int.from_bytes(received[at : at + 3], "big"), received[at + 3]
        found += [kind] if kind in (_HEADERS, _RESET, _GOAWAY) else []
        at += 9 + length
    return found
