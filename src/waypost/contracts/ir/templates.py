"""Templates in edits: literal text with variables in braces, such as ``tenant-{claim.org}-{plan.name}``.

Variables: ``claim.NAME`` (of the token), ``app.id``, ``subscription.id``, ``credential.id``, ``plan.id``,
``plan.name``, ``request.id``, ``request.method``, ``request.path``, ``request.host``, ``request.ip``,
``request.header.NAME``, ``request.query.NAME``. A variable that is not there is empty. ``{{`` and ``}}`` are literal
braces. What a variable holds is data: engines must not let it end a header or a path segment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIXED = frozenset(
    ["app.id", "subscription.id", "credential.id", "plan.id", "plan.name"]
    + [f"request.{name}" for name in ("id", "method", "path", "host", "ip")]
)
_NAMED = re.compile(r"(claim|request\.header|request\.query)\.([A-Za-z0-9_.:/-]+)")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: ``source`` such as ``claim`` or ``plan.name``; ``name`` where the source has several."""

    source: str
    name: str = ""


def parse(text: str) -> tuple[str | Variable, ...]:
    """The pieces of a template, literals joined; ValueError names the first variable that does not exist."""
    pieces: list[str | Variable] = []
    literal, at = "", 0
    for found in _PIECE.finditer(text):
        literal += text[at : found.start()]
        at = found.end()
        if found[0] in ("{{", "}}"):
            literal += found[0][0]
            continue
        if literal:
            pieces.append(literal)
        literal = ""
        pieces.append(_variable(found[0], found[1]))
    literal += text[at:]
    return (*pieces, literal) if literal else tuple(pieces)


def is_plain(text: str) -> bool:
    """True where the template has no variables."""
    return all(isinstance(piece, str) for piece in parse(text))


def _variable(whole: str, inner: str | None) -> Variable:
    if inner in _FIXED:
        return Variable(inner)
    named = _NAMED.fullmatch(inner or "")
    if named is None:
        known = ", ".join(sorted(_FIXED))
        raise ValueError(
            f"`{whole}` is no variable; there are claim.NAME, request.header.NAME, request.query.NAME, {known}"
        )
    return Variable(named[1], named[2])
