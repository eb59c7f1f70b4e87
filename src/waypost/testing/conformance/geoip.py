"""Where callers are: a small database of countries in MaxMind's format (maxmind.github.io/MaxMind-DB), for IPv4."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

_SEPARATOR = bytes(16)
_KINDS = {"node_count": 6, "build_epoch": 9}  # the other numbers are of 16 bits, kind 5
_MARKER = b"\xab\xcd\xefMaxMind.com"


COUNTRIES: Mapping[str, str] = {
    "127.0.7.0/24": "DE",
    "127.0.8.0/24": "FR",
    "127.0.9.7/32": "NL",
    "198.51.100.0/24": "FR",
}
"""Networks that are somewhere; everybody else has no country."""


def country(address: str) -> str:
    """The country of an address, empty where it has none."""
    at = ipaddress.ip_address(address)
    return next((code for network, code in COUNTRIES.items() if at in ipaddress.ip_network(network)), "")


def database(countries: Mapping[str, str] = COUNTRIES) -> bytes:
    """Networks (CIDR) to ISO codes, as the bytes of a file."""
    data, offsets = b"", {}
    for code in sorted(set(countries.values())):
        offsets[code] = len(data)
        data += _encoded({"country": {"iso_code": code}})
    nodes: list[list[Any]] = [[None, None]]
    for network, code in countries.items():
        _insert(nodes, ipaddress.IPv4Network(network), code)
    count = len(nodes)
    tree = b"".join(_record(side, count, offsets).to_bytes(3, "big") for node in nodes for side in node)
    about = {
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1,
        "database_type": "GeoLite2-Country",
        "description": {"en": "conformance"},
        "ip_version": 4,
        "languages": ["en"],
        "node_count": count,
        "record_size": 24,
    }
    return tree + _SEPARATOR + data + _MARKER + _encoded(about)


def _insert(nodes: list[list[Any]], network: ipaddress.IPv4Network, code: str) -> None:
    bits = f"{int(network.network_address):032b}"[: network.prefixlen]
    at = 0
    for bit in bits[:-1]:
        following = nodes[at][int(bit)]
        if not isinstance(following, int):
            nodes.append([None, None])
            following = nodes[at][int(bit)] = len(nodes) - 1
        at = following
    nodes[at][int(bits[-1])] = code


def _record(side: Any, count: int, offsets: dict[str, int]) -> int:
    if side is None:
        return count
    return side if isinstance(side, int) else count + len(_SEPARATOR) + offsets[side]


def _encoded(value: Any, kind: int = 5) -> bytes:
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        return _control(7, len(value)) + b"".join(
            _encoded(key) + _encoded(item, _KINDS.get(key, 5)) for key, item in value.items()
        )
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(_encoded(item) for item in value)
    number: bytes = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(number)) + number


def _control(kind: int, size: int) -> bytes:
    """Sizes below 29 only; kinds above 7 stand in a second byte."""
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])
