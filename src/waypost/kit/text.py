"""Small text things: slugs and shortening."""

from __future__ import annotations

import re
import unicodedata

SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"


def slugify(value: str, *, fallback: str = "item") -> str:
    """Lower-case ASCII letters, digits and single dashes, at most 63 characters (a DNS label, RFC 1035)."""
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:63].strip("-")
    return slug or fallback


def shorten(value: str, limit: int) -> str:
    """``value`` cut to ``limit`` characters, the last an ellipsis where something was cut."""
    return value if len(value) <= limit else value[: max(0, limit - 1)] + "…"
