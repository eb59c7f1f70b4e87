"""Cutting a range into pieces that the rollups hold whole, with single calls or minutes only at its edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Piece:
    """Calls with ``start <= began < end`` (UTC without a zone) are to be read from ``level``."""

    level: str  # call | minute | hour | day
    start: datetime
    end: datetime


def floor(at: datetime, level: str) -> datetime:
    """The beginning of the period that ``at`` lies in."""
    if level == "call":
        return at
    cut = at.replace(second=0, microsecond=0)
    if level == "minute":
        return cut
    return cut.replace(minute=0) if level == "hour" else cut.replace(hour=0, minute=0)


def ceiling(at: datetime, level: str) -> datetime:
    """The end of the period that ``at`` lies in; ``at`` itself on a boundary."""
    cut = floor(at, level)
    return cut if cut == at else cut + STEPS[level]


def pieces(start: datetime, end: datetime, *, coarsest: str, kept_since: dict[str, datetime]) -> list[Piece]:
    """Disjoint pieces that cover ``start..end``, the coarsest level wherever it fits.

    ``kept_since`` says from when on a level is complete. An edge that its fine level no longer holds is widened to the
    next coarser period.
    """
    levels = ["call", "minute", "hour", "day"]
    usable = levels[: levels.index(coarsest) + 1]
    begin, stop = naive(start), naive(end)
    finest = next((level for level in usable if kept_since[level] <= begin), usable[-1])
    usable = usable[usable.index(finest) :]
    return list(_cut(floor(begin, finest), ceiling(stop, finest) if finest != "call" else stop, usable))


def naive(at: datetime) -> datetime:
    """UTC without a zone, as stored."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _cut(start: datetime, end: datetime, levels: list[str]) -> Iterator[Piece]:
    if start >= end:
        return
    level, finer = levels[-1], levels[:-1]
    if not finer:
        yield Piece(level, start, end)
        return
    inner_start, inner_end = ceiling(start, level), floor(end, level)
    if inner_start >= inner_end:
        yield from _cut(start, end, finer)
        return
    yield from _cut(start, inner_start, finer)
    yield Piece(level, inner_start, inner_end)
    yield from _cut(inner_end, end, finer)
