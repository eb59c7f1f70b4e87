"""Rows made ready for the database before a transaction begins, so that none is held while they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Insert, Table, Update, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 1000
_ROW = "row_id"


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """An INSERT or UPDATE as one database wants it, and its values as its driver takes them."""

    statement: str
    values: list[tuple[Any, ...]]

    async def write(self, session: AsyncSession) -> None:
        """Write them, in this transaction."""
        connection = await session.connection()
        for start in range(0, len(self.values), _CHUNK):
            await connection.exec_driver_sql(self.statement, self.values[start : start + _CHUNK])


def ready_rows(table: Table, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> ReadyRows:
    """Rows that all have the same columns. Takes its time where there are many: meant for a thread."""
    if not rows:
        return ReadyRows("", [])
    return _ready(insert(table), rows, dialect)


def ready_changes(table: Table, rows: Mapping[str, Mapping[str, Any]], dialect: Dialect) -> list[ReadyRows]:
    """New values by id, for a thread as well. Together go those with the same columns."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row_id, values in rows.items():
        alike.setdefault(tuple(values), []).append({_ROW: row_id, **values})
    here = table.c.id == bindparam(_ROW, type_=table.c.id.type)
    return [_ready(update(table).where(here), found, dialect, but=_ROW) for found in alike.values()]


def _ready(
    statement: Insert | Update, rows: Sequence[Mapping[str, Any]], dialect: Dialect, *, but: str = ""
) -> ReadyRows:
    """``but`` is no column to write."""
    compiled = statement.compile(dialect=dialect, column_keys=[name for name in rows[0] if name != but])
    order: Sequence[str] = getattr(compiled, "positiontup", None) or list(compiled.binds)
    processors = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    return ReadyRows(
        str(compiled),
        [
            tuple(
                row[name] if process is None else process(row[name])
                for name, process in zip(order, processors, strict=True)
            )
            for row in rows
        ],
    )
