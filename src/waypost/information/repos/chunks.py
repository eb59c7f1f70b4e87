"""Ids in parts that one statement can name: databases bound the number of its parameters."""

from __future__ import annotations

from collections.abc import Iterable

_MOST = 500


def chunks(ids: Iterable[str]) -> list[list[str]]:
    """Each id once, in order, in parts; an empty one is none."""
    ordered = sorted(set(ids) - {""})
    return [ordered[start : start + _MOST] for start in range(0, len(ordered), _MOST)]
