"""Which addresses the hub may connect to on somebody else's word (SSRF).

Refused: everything the IANA special-purpose registries (RFC 6890) do not call global, multicast, and every IPv6
form that carries an IPv4 address inside, since a router on the way would unwrap it: mapped (RFC 4291), NAT64
(RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Named one by one although most are not `is_global` either: what Python calls global differs between its versions.
_REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)


def parse_address(text: str) -> Address:
    """The address in ``text``; a zone (``fe80::1%eth0``) is dropped, a mapped IPv4 address unwrapped."""
    address = ipaddress.ip_address(text.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether ``address`` belongs to the open internet."""
    if not address.is_global or address.is_multicast:
        return False
    return not any(address.version == network.version and address in network for network in _REFUSED)


@dataclass(frozen=True, slots=True)
class AllowList:
    """What an administrator allows beside the open internet: addresses and networks, or names of hosts.

    A name allows whatever it resolves to; ``*.example.com`` allows every name below, but not itself.
    """

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """From settings. Raises ValueError for an entry that is neither network nor name."""
        networks, names = [], set()
        for entry in (entry.strip().lower() for entry in entries):
            try:
                networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                names.add(_name(entry))
        return cls(tuple(networks), frozenset(names))

    def allows_name(self, host: str) -> bool:
        """Whether ``host`` is listed."""
        host = host.lower().rstrip(".")
        parents = host.split(".")[1:]
        return host in self.names or any(
            "*." + ".".join(parents[start:]) in self.names for start in range(len(parents))
        )

    def allows_address(self, address: Address) -> bool:
        """Whether ``address`` lies in a listed network."""
        return any(address.version == network.version and address in network for network in self.networks)


def _name(entry: str) -> str:
    labels = entry.removeprefix("*.").rstrip(".").split(".")
    if not all(label.replace("-", "").replace("_", "").isalnum() for label in labels):
        raise ValueError(f"{entry!r} is neither an address, a network (10.0.0.0/8) nor a host name")
    return entry.rstrip(".")
