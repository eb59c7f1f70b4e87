"""What may stand in header names, header values, origins and paths that people write into policies.

Engines would take far more than is safe; these are refused when a policy is saved, with the field named.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "proxy",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    ]
)
"""Headers of one connection (RFC 9110, 7.6.1) and those that smuggle (``Proxy``)."""

FRAMING = frozenset(["host", "content-length", "expect"])
"""Headers that say where a message goes and where it ends; the gateway writes them."""

INTERNAL_PREFIXES = ("x-envoy-", "x-gw-", "x-gateway-", "x-hub-")
"""Headers that gateways use between their own parts."""

ANSWERED_BY_GATEWAY = frozenset(["ratelimit", "ratelimit-policy"])
"""Response headers that other policies write."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?")
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)+")


def header_name(value: str) -> str:
    """A field name in lower case (RFC 9110, 5.1); ValueError otherwise."""
    if not _TOKEN.fullmatch(value):
        raise ValueError("a header name has letters, digits and - only, no colon, space or line break")
    return value.lower()


def editable_header(value: str) -> str:
    """A header that people may set or remove: not hop-by-hop, not framing, not internal."""
    name = header_name(value)
    if name in HOP_BY_HOP:
        raise ValueError(f"`{name}` belongs to one connection (hop-by-hop) and may not be edited")
    if name in FRAMING:
        raise ValueError(f"`{name}` is written by the gateway itself and may not be edited")
    if name.startswith(INTERNAL_PREFIXES):
        raise ValueError(f"`{name}` is internal to gateways and may not be edited")
    return name


def response_header(value: str) -> str:
    """As :func:`editable_header`, and not what the CORS policy and the plans write."""
    name = editable_header(value)
    if name.startswith("access-control-"):
        raise ValueError(f"`{name}` is written by the `cors` policy; change that instead")
    if name in ANSWERED_BY_GATEWAY:
        raise ValueError(f"`{name}` is written by the plan's limits")
    return name


def header_value(value: str) -> str:
    """Printable ASCII without line breaks: a CR or LF would begin another header (response splitting)."""
    if not _VALUE.fullmatch(value):
        raise ValueError("a header value is printable ASCII on one line, without CR, LF or NUL")
    return value.strip(" \t")


def origin(value: str) -> str:
    """``*`` or ``scheme://host[:port]`` as a browser sends it (RFC 6454); lower case."""
    lowered = value.lower()
    if lowered != "*" and not _ORIGIN.fullmatch(lowered):
        raise ValueError("an origin is `*` or scheme://host[:port], without path or trailing slash")
    return lowered


def plain_path(value: str) -> str:
    """An absolute path of plain segments: no query, no escapes, no ``.`` or ``..``, no trailing slash."""
    if not _PATH.fullmatch(value):
        raise ValueError("a path begins with / and has plain segments, without query, escapes or spaces")
    segments = value.split("/")[1:]
    if any(segment in {".", ".."} for segment in segments):
        raise ValueError("a path has no `.` or `..` segments")
    if value != "/" and any(not segment for segment in segments):
        raise ValueError("a path has no empty segments and no trailing slash")
    return value


HeaderName = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(header_name)]
EditableHeader = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(editable_header)]
ResponseHeader = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(response_header)]
HeaderValue = Annotated[str, StringConstraints(max_length=4096), AfterValidator(header_value)]
Origin = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(origin)]
PlainPath = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(plain_path)]
