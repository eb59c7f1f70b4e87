"""HAProxy: lines of an API's section, by their shape (names and numbers apart)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from waypost.integration.gateways.haproxy import backend

if TYPE_CHECKING:
    from tests.live.conformance.breaking import Breaks

INVISIBLE: Mapping[str, str] = {}
_OWN = re.compile(r"api_\d+_\w+|/\S*?/(?=[\w.~-]+\.map)|'(?:[^']|'\"'\"')*'|\d+")


@contextmanager
def breaking(breaks: Breaks) -> Iterator[None]:
    """Sections lose the lines that ``breaks`` wants left out."""
    lines = backend.lines

    def broken(context: Any) -> list[str]:
        return [line for line in lines(context) if not breaks.left_out(context.api.id, shape(line))]

    backend.lines = broken
    try:
        yield
    finally:
        backend.lines = lines


def shape(line: str) -> str:
    """A line without what differs from API to API."""
    return _OWN.sub("#", line)
