"""Protobuf wire format, as far as needed to put ready-made bytes together.

A route configuration with 100,000 keys must not be built message by message for one more key: each credential is
serialised once, and the whole is a join of bytes. Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from google.protobuf import any_pb2, json_format

_LENGTH_DELIMITED = 2


def varint(value: int) -> bytes:
    """Base-128 varint of a non-negative number."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, payload: bytes) -> bytes:
    """One length-delimited field: a string, bytes or a submessage."""
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(payload)) + payload


def packed_any(type_url: str, payload: bytes) -> bytes:
    """The bytes of a ``google.protobuf.Any``."""
    return field(1, type_url.encode()) + field(2, payload)


def map_entry(number: int, key: str, value: bytes) -> bytes:
    """One entry of a ``map<string, Message>`` field."""
    return field(number, field(1, key.encode()) + field(2, value))


def pack(message: Any) -> any_pb2.Any:
    """A message as Any, serialised deterministically so that equal messages have equal bytes."""
    packed = any_pb2.Any()
    packed.Pack(message, deterministic=True)
    return packed


def parse(kind: Any, data: dict[str, Any]) -> Any:
    """A message of ``kind`` from its JSON form (RFC of protobuf's JSON mapping); ``@type`` names Any contents."""
    return json_format.ParseDict(data, kind())


def cidrs(networks: Iterable[str]) -> list[dict[str, Any]]:
    """Addresses and networks in the JSON form of ``envoy.config.core.v3.CidrRange``.

    Those of v4 also as v6 (``::ffff:…``): proxies that listen on both write a caller's address so, and the engine does
    not take the one for the other.
    """
    parsed = [ipaddress.ip_network(network, strict=False) for network in networks]
    plain = [(str(item.network_address), item.prefixlen) for item in parsed]
    mapped = [(f"::ffff:{item.network_address}", 96 + item.prefixlen) for item in parsed if item.version == 4]
    return [{"address_prefix": address, "prefix_len": length} for address, length in (*plain, *mapped)]
