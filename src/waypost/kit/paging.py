"""Cursor paging: an opaque cursor holds the sort key and the id of the last row seen."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from waypost.kit.errors import Malformed

T = TypeVar("T")
MAX_LIMIT = 200


class BadCursor(Malformed):
    """A cursor that was not made here."""

    code = "bad_cursor"
    title = "This page cursor cannot be read"
    hint = "Start again without `cursor`, or use `next_cursor` of the page before."


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a caller asks for: at most ``limit`` rows after ``cursor``; ``sort`` is a field, ``-field`` descends."""

    limit: int = 50
    cursor: str | None = None
    sort: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of items; ``next_cursor`` is None on the last one."""

    items: list[T] = field(default_factory=list)
    next_cursor: str | None = None


def encode_cursor(*values: Any) -> str:
    """An opaque cursor of JSON-able values."""
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, size: int) -> list[Any]:
    """The values of a cursor made by :func:`encode_cursor`; :class:`BadCursor` for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    if not isinstance(values, list) or len(values) != size:
        raise BadCursor
    return values
