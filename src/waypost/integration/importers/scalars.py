"""Sample strings, numbers and the like, within the bounds that a schema sets."""

from __future__ import annotations

import math
from typing import Any

from waypost.integration.importers import patterns

# Addresses and domains are those reserved for documentation (RFC 2606, RFC 5737, RFC 3849).
_FORMATS = {
    "date-time": "2025-01-15T09:30:00Z",
    "date": "2025-01-15",
    "time": "09:30:00Z",
    "duration": "PT1H",
    "email": "user@example.com",
    "idn-email": "user@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/path",
    "iri-reference": "/path",
    "uri-template": "/path/{id}",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "c3RyaW5n",
    "binary": "",
    "password": "********",
    "json-pointer": "/path",
    "relative-json-pointer": "0",
    "regex": "^.*$",
}
_LONGEST = 1000


def whole(value: Any, otherwise: int) -> int:
    """``value`` if it is a whole number from 0, else ``otherwise``."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise


def sample(kind: str, flat: dict[str, Any]) -> Any:
    """A value of the JSON Schema type ``kind``; an empty object where any type will do."""
    if kind == "string":
        return _string(flat)
    if kind == "integer":
        return _integer(flat)
    if kind == "number":
        return _number(flat)
    if kind == "boolean":
        return True
    return None if kind == "null" else {}


def _string(flat: dict[str, Any]) -> str:
    written = flat.get("format")
    text = _FORMATS.get(written, "string") if isinstance(written, str) else "string"
    shortest = min(whole(flat.get("minLength"), 0), _LONGEST)
    longest = whole(flat.get("maxLength"), _LONGEST)
    pattern = flat.get("pattern")
    if (
        isinstance(pattern, str)
        and (fitting := patterns.sample(pattern, shortest=shortest, longest=longest)) is not None
    ):
        return fitting
    return (text + "x" * (shortest - len(text)))[:longest]


def _real(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return value if usable else None


def _bounds(flat: dict[str, Any]) -> tuple[float | None, bool, float | None, bool]:
    """Lowest, whether that is excluded, highest, whether that is excluded. 3.0 excludes by a flag, 3.1 by a number."""
    low, high = _real(flat.get("minimum")), _real(flat.get("maximum"))
    below, above = flat.get("exclusiveMinimum"), flat.get("exclusiveMaximum")
    low_out, high_out = below is True, above is True
    if (bound := _real(below)) is not None and (low is None or bound >= low):
        low, low_out = bound, True
    if (bound := _real(above)) is not None and (high is None or bound <= high):
        high, high_out = bound, True
    return low, low_out, high, high_out


def _integer(flat: dict[str, Any]) -> int:
    low, low_out, high, high_out = _bounds(flat)
    value = 1
    if low is not None and value <= low:
        value = math.floor(low) + 1 if low_out else math.ceil(low)
    if high is not None and value >= high:
        value = math.ceil(high) - 1 if high_out else math.floor(high)
    step = _real(flat.get("multipleOf"))
    if step and step >= 1 and value % step:
        value = int(math.ceil(value / step) * step)
    return value


def _number(flat: dict[str, Any]) -> float:
    low, low_out, high, high_out = _bounds(flat)
    value: float = 1.5
    if low is not None and value <= low:
        value = low + 1 if low_out else low
    if high is not None and value >= high:
        value = high - 1 if high_out else high
        if low is not None and (value < low or (value == low and low_out)):
            value = (low + high) / 2
    step = _real(flat.get("multipleOf"))
    if step and step > 0 and math.isfinite(value / step):
        value = math.ceil(value / step) * step
    return value
