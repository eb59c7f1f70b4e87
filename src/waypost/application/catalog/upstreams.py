"""Which addresses an upstream may have. What a name resolves to is only known where the gateway stands."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from waypost.application.catalog.errors import UpstreamInvalid
from waypost.kit.errors import FieldError

_HOST = re.compile(r"^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$")
_CONTROL = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_METADATA = frozenset({"metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"})
_METADATA_V6 = ipaddress.ip_address("fd00:ec2::254")
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".lan")

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_upstream(url: str, *, private: bool) -> str:
    """``url`` normalised (no trailing slash). ``private``: loopback and private ranges are allowed.

    Link-local addresses, where clouds keep their credentials, never are. Raises :class:`UpstreamInvalid`.
    """
    reason = _reason(url, private=private)
    if reason:
        raise UpstreamInvalid(reason, errors=[FieldError("/upstream_url", reason, UpstreamInvalid.hint)])
    return url.rstrip("/")


def usable_upstream(url: str, *, private: bool) -> bool:
    """``url`` could be an upstream."""
    return not _reason(url, private=private)


def refused_host(url: str, *, private: bool) -> str:
    """Why a gateway shall not go to the host of ``url``, which is a web address; empty where it may."""
    return _host(urlsplit(url).hostname or "", private=private)


def _reason(url: str, *, private: bool) -> str:
    if _CONTROL.search(url) or not url.isascii() or len(url) > 2000:
        return "An upstream address has no spaces, control or non-ASCII characters and at most 2000 characters."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is no web address: host or port cannot be read."
    return _shape(parts, port) or _host(parts.hostname or "", private=private)


def _shape(parts: SplitResult, port: int | None) -> str:
    if parts.scheme not in {"http", "https"}:
        return "An upstream address begins with http:// or https://."
    if "@" in parts.netloc:
        return "An upstream address carries no user name or password; set a header policy instead."
    if parts.query or parts.fragment or "?" in parts.path:
        return "An upstream address has no query and no fragment."
    if ".." in parts.path.split("/"):
        return "An upstream address has no `..` in its path."
    return "The port is out of range." if port == 0 else ""


def _host(host: str, *, private: bool) -> str:
    if not host:
        return "An upstream address names a host."
    address = _address(host.rstrip("."))
    if address is None:
        return _name(host, private=private)
    if str(address) != host and address.version == 4:
        return f"Write the address plainly, as {address}."
    return _ip(address, private=private)


def _name(host: str, *, private: bool) -> str:
    if not _HOST.match(host) or len(host) > 253:
        return "The host is neither a name nor an address."
    plain = host.rstrip(".")
    if plain in _METADATA:
        return "This host gives out a cloud's credentials; it is never an upstream."
    if not private and ("." not in plain or plain.endswith(_PRIVATE_SUFFIXES)):
        return "Hosts of a private network are switched off on this hub."
    return ""


def _address(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:  # 127.1, 0x7f000001 and 2130706433 are addresses too, for whoever asks the C library
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None


def _ip(address: Ip, *, private: bool) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _ip(inner, private=private)
    if address.is_link_local or address == _METADATA_V6:
        return "Link-local addresses give out a cloud's credentials; they are never an upstream."
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        return "This address is nobody's own; name a host."
    if not private and not address.is_global:
        return "Private addresses are switched off on this hub."
    return ""
