"""Small text things: slugs and shortening."""

from __future__ import annotations

import re
import unicodedata

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Text without control characters: it neither breaks a line nor steers a terminal that shows it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"


def slugify(value: str, *, fallback: str = "item") -> str:
    """Lower-case ASCII letters, digits and single dashes, at most 63 characters (a DNS label, RFC 1035)."""
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:63].strip("-")
    return slug or fallback


def shorten(value: str, limit: int) -> str:
    """``value`` cut to ``limit`` characters, the last an ellipsis where something was cut."""
    return value if len(value) <= limit else value[: max(0, limit - 1)] + "…"


def one_line(value: str) -> str:
    """``value`` on one line: a space in place of control characters."""
    return _CONTROL.sub(" ", value)
