"""Characters that are legal in JSON or YAML but that no database column or header takes."""

from __future__ import annotations

from typing import Any

from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.walk import Trail, trail_pointer


def refuse_nul(data: Any, notes: ProblemLog) -> None:
    """Notes an error for the first NUL character in a text or key; PostgreSQL cannot store it."""
    trail = _first_nul(data)
    if trail is not None:
        notes.error(
            "nul_character",
            "A text or key holds the NUL character (U+0000).",
            "Remove it.",
            trail_pointer(trail[0]),
        )


def _first_nul(data: Any) -> tuple[Trail] | None:
    stack: list[tuple[Any, Trail]] = [(data, None)]
    seen: set[int] = set()
    while stack:
        value, trail = stack.pop()
        if type(value) is str:
            if "\0" in value:
                return (trail,)
        elif type(value) is dict and id(value) not in seen:
            seen.add(id(value))
            stack.extend((key, (trail, key)) for key in value if "\0" in key)
            stack.extend((item, (trail, key)) for key, item in value.items() if type(item) in _HOLDING)
        elif type(value) is list and id(value) not in seen:
            seen.add(id(value))
            stack.extend((item, (trail, index)) for index, item in enumerate(value) if type(item) in _HOLDING)
    return None


_HOLDING = (str, dict, list)
