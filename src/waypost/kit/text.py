"""Small text things: slugs, shortening, and what a pattern asks for in words."""

from __future__ import annotations

import re
import unicodedata

SHAPES: dict[str, str] = {}
"""Pattern of a field -> what it asks for, in the words of the sentence "This must be …"."""


def shape(pattern: str, words: str) -> str:
    """``pattern``, with the words that tell people what it asks for: nobody is shown a regular expression."""
    SHAPES[pattern] = words
    return pattern


_STEERS = r"\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff"
ONE_LINE = shape(f"^[^{_STEERS}]*$", "one line without control characters or invisible ones")
"""Text that breaks no line, steers no terminal, turns nothing around that stands beside it, and can be seen."""
_CONTROL = re.compile(f"[{_STEERS}]+")
ANY_TEXT = shape(r"^[^\x00]*$", "text without the character U+0000")
PRINTABLE = shape(r"^[\x21-\x7e]*$", "letters, digits and signs of ASCII without spaces")
SLUG_PATTERN = shape(
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$",
    "at most 63 lower-case letters, digits and dashes, with no dash at either end, such as `weather-eu`",
)


def slugify(value: str, *, fallback: str = "item") -> str:
    """Lower-case ASCII letters, digits and single dashes, at most 63 characters (a DNS label, RFC 1035)."""
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:63].strip("-")
    return slug or fallback


def shorten(value: str, limit: int) -> str:
    """``value`` cut to ``limit`` characters, the last an ellipsis where something was cut."""
    return value if len(value) <= limit else value[: max(0, limit - 1)] + "…"


def sentence(words: str) -> str:
    """``words`` as a sentence of its own: a capital in front (but of no address or name), a full stop behind."""
    begun = words[:1].upper() + words[1:] if words.split(" ", 1)[0].rstrip(",:;").isalpha() else words
    return begun + ("" if words.endswith((".", "!", "?", "…")) else ".")


def one_line(value: str) -> str:
    """``value`` on one line: a space in place of control characters."""
    return _CONTROL.sub(" ", value)
