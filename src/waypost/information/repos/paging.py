"""Keyset paging: stable under inserts, as fast on page 1,000 as on page 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from waypost.information.columns import UtcDateTime
from waypost.kit.errors import FieldError, Malformed
from waypost.kit.paging import MAX_LIMIT, BadCursor, Page, PageRequest, decode_cursor, encode_cursor


class BadSort(Malformed):
    """A ``sort`` that this list does not offer."""

    code = "bad_sort"
    title = "This list cannot be sorted that way"
    hint = "Use one of the documented fields, with `-` before it for descending order."


async def paginate(
    session: AsyncSession,
    select: Select[*tuple[Any, ...]],
    *,
    page: PageRequest,
    sort_columns: Mapping[str, InstrumentedAttribute[Any]],
    id_column: InstrumentedAttribute[Any],
    default_sort: str | None = None,
) -> Page[Any]:
    """One page of ``select``, which must have no order or limit of its own.

    ``sort_columns`` is the whitelist of sort names; the first one, descending, is the default unless ``default_sort``
    (such as ``name`` or ``-created_at``) says otherwise. Sort columns must not be null. Items are entities where
    ``select`` has one column, else rows. Raises :class:`BadSort`, :class:`BadCursor`.
    """
    sort = page.sort or default_sort or f"-{next(iter(sort_columns))}"
    column = sort_columns.get(sort.removeprefix("-"))
    if column is None:
        raise BadSort(errors=[FieldError("/sort", f"unknown sort {sort!r}", f"one of {', '.join(sort_columns)}")])
    descending = sort.startswith("-")
    limit = max(1, min(page.limit, MAX_LIMIT))
    width = len(select.column_descriptions)
    statement = select.add_columns(column.label("page_sort"), id_column.label("page_id"))
    if page.cursor:
        statement = statement.where(_after(page.cursor, sort, column, id_column))
    order = (column.desc(), id_column.desc()) if descending else (column.asc(), id_column.asc())
    rows = (await session.execute(statement.order_by(*order).limit(limit + 1))).all()
    items = [row[0] if width == 1 else tuple(row)[:width] for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items)
    last = rows[limit - 1]
    return Page(items, encode_cursor(sort, _plain(last.page_sort), last.page_id))


def _after(cursor: str, sort: str, column: InstrumentedAttribute[Any], id_column: InstrumentedAttribute[Any]) -> Any:
    made_for, raw, last_id = decode_cursor(cursor, size=3)
    if made_for != sort:
        raise BadCursor("This cursor belongs to another sort order.")
    value = _typed(raw, column)
    last_id = _typed(last_id, id_column)
    if sort.startswith("-"):
        return or_(column < value, and_(column == value, id_column < last_id))
    return or_(column > value, and_(column == value, id_column > last_id))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(raw: Any, column: InstrumentedAttribute[Any]) -> Any:
    """The cursor's value as the column's type: it came back from outside and may be anything."""
    wanted = datetime if isinstance(column.type, UtcDateTime) else column.type.python_type
    try:
        value = datetime.fromisoformat(raw) if wanted is datetime else raw
    except (TypeError, ValueError) as error:
        raise BadCursor from error
    naive = isinstance(value, datetime) and value.tzinfo is None
    too_big = isinstance(value, int) and abs(value) >= 2**63
    nul = isinstance(value, str) and "\x00" in value
    if not isinstance(value, wanted) or naive or too_big or nul:
        raise BadCursor
    return value
