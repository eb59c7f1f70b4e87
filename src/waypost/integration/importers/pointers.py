"""JSON pointers (RFC 6901) as text."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

MISSING: Any = object()


def escape(token: object) -> str:
    """One reference token, escaped."""
    return str(token).replace("~", "~0").replace("/", "~1")


def join(pointer: str, *tokens: object) -> str:
    """``pointer`` followed by ``tokens``."""
    return pointer + "".join(f"/{escape(token)}" for token in tokens)


def split(pointer: str) -> list[str]:
    """The unescaped tokens of ``pointer``; none for the whole document."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def fragment_tokens(fragment: str) -> list[str]:
    """The tokens of a URI fragment that is a JSON pointer (RFC 6901, section 6), percent-decoded."""
    return split(unquote(fragment))


def step(value: Any, token: str) -> Any:
    """The member ``token`` of ``value``, or ``MISSING``."""
    if isinstance(value, dict):
        return value.get(token, MISSING)
    if isinstance(value, list) and token.isascii() and token.isdigit() and len(token) < 10:
        index = int(token)
        return value[index] if index < len(value) else MISSING
    return MISSING


def look_up(document: Any, tokens: list[str]) -> Any:
    """What stands at ``tokens`` in ``document``, or ``MISSING``."""
    value = document
    for token in tokens:
        value = step(value, token)
        if value is MISSING:
            return MISSING
    return value


def nearest(document: Any, pointer: str) -> str:
    """The longest prefix of ``pointer`` that exists in ``document``."""
    value, found = document, ""
    for token in split(pointer):
        value = step(value, token)
        if value is MISSING:
            return found
        found = join(found, token)
    return found
