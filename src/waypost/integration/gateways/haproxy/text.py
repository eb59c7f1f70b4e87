"""How arbitrary text gets into a configuration without becoming configuration.

A word in single quotes is taken to the letter (HAProxy 2.8, configuration manual, 2.2); only a single quote itself has
to stand outside of them. In a log-format string (8.2.4) a percent sign is doubled.
"""

from __future__ import annotations

import re

# What may stand bare inside the arguments of a converter, such as ``str(api_1)``.
_BARE = re.compile(r"[A-Za-z0-9_.:~-]+")


def word(text: str) -> str:
    """``text`` as one word of a line. ValueError for what no line can hold."""
    if any(char in text for char in "\n\r\0"):
        raise ValueError("a configuration cannot hold line breaks")
    return "'" + text.replace("'", "'\"'\"'") + "'"


def literal(text: str) -> str:
    """``text`` inside a log-format string (not quoted yet)."""
    return text.replace("%", "%%")


def bare(text: str) -> str:
    """``text`` itself where it needs no quoting at all, else ValueError: ids are checked, not escaped."""
    if not _BARE.fullmatch(text):
        raise ValueError(f"{text!r} cannot stand in this engine's configuration")
    return text
