"""Rows made ready for the database before a transaction begins, so that none is held while they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """An INSERT as one database wants it, and its values as its driver takes them."""

    statement: str
    values: list[tuple[Any, ...]]

    async def insert(self, session: AsyncSession) -> None:
        """Write them, in this transaction."""
        connection = await session.connection()
        for start in range(0, len(self.values), _CHUNK):
            await connection.exec_driver_sql(self.statement, self.values[start : start + _CHUNK])


def ready_rows(table: Table, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> ReadyRows:
    """Rows that all have the same columns. Takes its time where there are many: meant for a thread."""
    if not rows:
        return ReadyRows("", [])
    compiled = insert(table).compile(dialect=dialect, column_keys=list(rows[0]))
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
