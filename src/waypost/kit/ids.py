"""Sortable ids: ``<prefix>_<26 lower-case Crockford characters>`` (ULID, time-ordered)."""

from __future__ import annotations

from ulid import ULID


def new_id(prefix: str) -> str:
    """A fresh id such as ``api_01jd…``; ids sort by the millisecond they were made in."""
    return f"{prefix}_{str(ULID()).lower()}"


def id_prefix(value: str) -> str:
    """The part before the first underscore, or an empty string: ``api`` for ``api_01jd…``."""
    head, sep, _ = value.partition("_")
    return head if sep else ""
