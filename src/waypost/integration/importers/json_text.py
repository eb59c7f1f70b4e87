"""JSON to plain data, with the faults that a parser alone would pass over in silence."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import orjson

from waypost.integration.importers.limits import Limits
from waypost.integration.importers.pointers import split
from waypost.integration.importers.positions import duplicate_json_keys, first_deeper
from waypost.integration.importers.problems import Position, ProblemLog

# Each needs its own count of lines, so a text made of nothing else must not be gone through to the end.
_MOST_REPEATED = 100


class _Repeated(Exception):
    """Some object has a key twice."""


def read_json(text: str, limits: Limits, notes: ProblemLog) -> Any:
    """Plain data. Raises Unreadable after noting why; keys written twice are noted and the last one counts."""
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # The parser gives up at a depth of its own, with words that change from version to version.
        deep = first_deeper(text[: error.pos], limits.depth)
        if deep is not None:
            raise _too_deep(limits, notes, deep) from None
        raise notes.stop(
            "not_json",
            f"This is not valid JSON: {error.msg}.",
            "Check commas, quotes and brackets at this line.",
            (error.lineno, error.colno),
        ) from None
    _measure(data, text, limits, notes)
    if _has_repeated_keys(text):
        _name_repeated_keys(text, notes)
    return data


def _measure(data: Any, text: str, limits: Limits, notes: ProblemLog) -> None:
    level, depth, nodes = [data], 0, 1
    while level := [item for item in level if type(item) is dict or type(item) is list]:
        depth += 1
        if depth > limits.depth:
            raise _too_deep(limits, notes, first_deeper(text, limits.depth) or (1, 1))
        level = [
            value for item in level for value in (item.values() if type(item) is dict else item) if value is not None
        ]
        nodes += len(level)
        if nodes > limits.nodes:
            raise notes.stop(
                "too_many_nodes",
                f"The definition has more than {limits.nodes:,} values.",
                "Split the definition.",
            )


def _too_deep(limits: Limits, notes: ProblemLog, position: Position) -> Exception:
    return notes.stop(
        "too_deep",
        f"Maps and lists are nested more than {limits.depth} levels deep.",
        "Move inner parts to components and use $ref.",
        position,
    )


def _has_repeated_keys(text: str) -> bool:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            raise _Repeated
        return built

    try:
        # parse_int keeps Python's limit on the digits of an integer out of play.
        json.loads(text, object_pairs_hook=build, parse_int=float)
    except _Repeated:
        return True
    return False


def _name_repeated_keys(text: str, notes: ProblemLog) -> None:
    for pointer, position in islice(duplicate_json_keys(text), _MOST_REPEATED):
        key = split(pointer)[-1]
        notes.warn(
            "duplicate_key",
            f"The key {key!r} is written more than once in one object; the last one counts.",
            "Keep one of them.",
            pointer=pointer,
            position=position,
        )
