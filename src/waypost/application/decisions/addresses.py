"""Whose address a call comes from, and whether lists of networks hold it. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def caller_address(connection: str, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """The caller's address: the connection's, or the last forwarded one outside of the trusted proxies.

    Where all are proxies it is the first one. What is no address ends the search.
    """
    found = connection
    for hop in reversed([hop.strip() for line in forwarded for hop in line.split(",")]):
        if not within(found, trusted):
            break
        if parsed(hop) is None:
            return connection
        found = hop
    return found


def within(address: str, networks: Iterable[str]) -> bool:
    """Whether one of the networks (CIDR, v4 and v6) holds the address; an unreadable address is in none."""
    found = parsed(address)
    return found is not None and any(_holds(network, found) for network in networks)


def parsed(address: str) -> Address | None:
    """The address, v4 in v6 (``::ffff:…``) as v4; None where it is none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _holds(network: str, address: Address) -> bool:
    parsed_network = ipaddress.ip_network(network, strict=False)
    return parsed_network.version == address.version and address in parsed_network
