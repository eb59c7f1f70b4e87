"""SQLite's driver with one visit to its thread per statement, where it makes five.

``aiosqlite`` runs every call in a thread of the connection: making a cursor, executing, fetching, closing. A visit
costs more than most statements do, so a cursor here does all of it in one. It reads a result whole, as SQLAlchemy does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import aiosqlite

_CHUNK = 64


class _Result(NamedTuple):
    """What a statement left behind; ``description`` is None where it returns no rows."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()


class Cursor:
    """As much of ``aiosqlite.Cursor`` as SQLAlchemy uses (PEP 249, awaitable)."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._result = _Result()

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """Execute, and read what comes."""
        self._result = await self._connection.visit(_executed, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Cursor:
        """Execute once for each."""
        self._result = await self._connection.visit(_executed_many, sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """All rows of the statement."""
        return self._result.rows

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def description(self) -> Any:
        """Names of the columns."""
        return self._result.description

    @property
    def rowcount(self) -> int:
        """Rows that were changed; -1 where that means nothing."""
        return self._result.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The row id of the last insertion."""
        return self._result.lastrowid


class Connection(aiosqlite.Connection):
    """A connection whose cursors are :class:`Cursor`."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor; nothing is done for it yet."""
        return Cursor(self)

    async def visit(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        """Do ``work`` in the connection's thread, all at once."""
        result: _Result = await self._execute(partial(work, self._conn, *arguments))  # type: ignore[no-untyped-call]
        return result


async def connect(path: str, *, timeout: float) -> Connection:
    """Open a database; ``timeout`` in seconds is how long a statement waits for a lock."""
    connection = Connection(partial(sqlite3.connect, path, timeout=timeout), _CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closed ends with the process
    await connection
    return connection


def _executed(connection: sqlite3.Connection, sql: str, parameters: Any) -> _Result:
    return _read(connection.execute(sql, parameters))


def _executed_many(connection: sqlite3.Connection, sql: str, parameters: Iterable[Any]) -> _Result:
    return _read(connection.executemany(sql, parameters))


def _read(cursor: sqlite3.Cursor) -> _Result:
    rows = cursor.fetchall() if cursor.description else ()
    result = _Result(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return result
