"""Path templates of operations, as the hub and every engine read them: their segments, and which of two comes first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote

_PARAMETER = re.compile(r"\{[^{}]*\}")
# RFC 3986: pchar without percent-encoding; "%" stays, a definition may hold encoded characters already.
_SAFE = "!$&'()*+,;=:@-._~%"

# Encoded letters, digits and dots; two slashes, a backslash, climbing.
_ENCODED = r"%(?:2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])"
DISGUISED = rf".*(?:{_ENCODED}|//|\\|(?:/|%2f|%5c)\.\.?(?:/|%2f|%5c|$)).*"
"""A regular expression, without case: a path spelled so that an upstream may read it as another one.

What no operation takes is not passed on under such a name: the operation that it means may have rules of its own.
"""

Literals = tuple[str, ...]
"""One segment: what stands around its parameters, encoded as on the wire. A segment without one is a single text."""


@lru_cache(maxsize=65536)
def segments(template: str) -> tuple[Literals, ...]:
    """The segments of a template such as ``/users/{id}``; a slash at the end is an empty one."""
    return tuple(_segments(template))


def _segments(template: str) -> Iterator[Literals]:
    bare = template.strip("/")
    for segment in bare.split("/") if bare else ():
        yield tuple(quote(part, safe=_SAFE) for part in _PARAMETER.split(segment))
    if bare and template.endswith("/"):
        yield ("",)


def order(parts: tuple[Literals, ...]) -> tuple[tuple[int, int], ...]:
    """Sorts the more specific first, segment by segment."""
    return tuple(map(_rank, parts))


def _rank(literals: Literals) -> tuple[int, int]:
    """Concrete, then templates with literal letters (more letters first), then bare templates."""
    if len(literals) == 1:
        return 0, 0
    letters = sum(map(len, literals))
    return (1, -letters) if letters else (2, 0)
