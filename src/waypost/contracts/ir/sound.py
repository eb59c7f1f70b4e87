"""Words of the pure checks: what names, values, addresses and claims look like where they can do no harm."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from waypost.contracts.ir import templates

Found = Iterator[tuple[str, str]]
"""Pairs of place and message."""

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
"""A token (RFC 9110, 5.6.2)."""
SENT = re.compile(r"[A-Za-z0-9-]+")
"""The name of a header that gateways take from callers: others may pass for another one at an upstream (CGI, WSGI)."""
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""A scope (RFC 6749, 3.3): no space, quote or backslash."""
PARAMETER = re.compile(r"[A-Za-z0-9._~-]+")
"""A query parameter's name that needs no escape."""
ADDRESS = re.compile(r"[0-9A-Fa-f:./]+")
CLAIM = re.compile(r"[A-Za-z0-9_.:/-]+")
ISSUER = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?")
BAD_IN_PATH = re.compile(r"[\x00-\x20\x7f?#\\]")
BAD_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
FRAMING = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"})


def under(where: str, found: Found) -> Found:
    """``found`` with its places below ``where``."""
    for inner, message in found:
        joint = "" if inner.startswith("[") or not inner else "."
        yield f"{where}{joint}{inner}", message


def header(name: str, value: str = "") -> Found:
    """A lower-case header name that may be edited, and a value on one line."""
    if not TOKEN.fullmatch(name) or name != name.lower():
        yield "", f"{name!r} is not a lower-case header name"
    if name in FRAMING:
        yield "", f"{name!r} belongs to the connection and cannot be changed"
    if BAD_IN_VALUE.search(value):
        yield "", f"the value of {name!r} holds a control character"


def template(name: str, text: str) -> Found:
    """The value of ``name``, a template whose variables exist."""
    try:
        templates.parse(text)
    except ValueError as error:
        yield "", f"{name!r}: {error}"


def networks(items: Iterable[str]) -> Found:
    """Addresses and networks."""
    for index, item in enumerate(items):
        if not is_network(item):
            yield f"[{index}]", f"{item!r} is no address or network"


def is_network(text: str) -> bool:
    """An address or network (CIDR) without host bits. Scope ids (``%…``, RFC 4007) are none: they may hold anything."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return ADDRESS.fullmatch(text) is not None


def words(items: Iterable[str], shape: re.Pattern[str], what: str) -> Found:
    """Each of ``items`` has ``shape``."""
    for index, item in enumerate(items):
        if not shape.fullmatch(item):
            yield f"[{index}]", f"{item!r} is no {what}"


def plain(text: str) -> Found:
    """One line without control characters."""
    if BAD_IN_VALUE.search(text) or "\t" in text:
        yield "", "holds a control character"


def issuer(text: str) -> Found:
    """An issuer's name: it stands before a space in grants, so it has none itself."""
    if not ISSUER.fullmatch(text):
        yield "", f"{text!r} is no issuer: printable, without space, quote or backslash"


def address(url: str) -> Found:
    """An absolute http or https URL without user, fragment, spaces and quotes."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        yield "", "cannot be read as an address"
        return
    if not sound or parts.fragment or re.search(r"[\x00-\x20\x7f\"'\\{}]", url):
        yield "", "is not an absolute http or https address"
    if parts.username is not None or parts.password is not None:
        yield "", "holds a user name or password"


def between(value: int, low: int, high: int) -> Found:
    """A number within bounds."""
    if not low <= value <= high:
        yield "", f"must be {low} to {high}"
