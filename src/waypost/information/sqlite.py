"""SQLite's driver with one visit to its thread per statement, where it makes five.

``aiosqlite`` runs every call in a thread of the connection: making a cursor, executing, fetching, closing. A visit
costs more than most statements do, so a cursor here does all of it in one. It reads a result whole, as SQLAlchemy does.
A transaction begins in the visit of its first statement, and ends in a visit only where it began.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite

_CHUNK = 64
_Done = tuple[Any, int, int | None, Sequence[Any]]
"""What a statement left behind: description (None where it returns no rows), row count, last row id, rows."""


class Cursor:
    """As much of ``aiosqlite.Cursor`` as SQLAlchemy uses (PEP 249, awaitable)."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """Execute, and read what comes."""
        return await self._do(sqlite3.Connection.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Cursor:
        """Execute once for each."""
        return await self._do(sqlite3.Connection.executemany, sql, parameters)

    async def fetchall(self) -> Sequence[Any]:
        """All rows of the statement."""
        return self._rows

    async def close(self) -> None:
        """Nothing is open."""

    async def _do(self, how: Callable[..., sqlite3.Cursor], *arguments: Any) -> Cursor:
        done = await self._connection.visit(how, *arguments)
        self.description, self.rowcount, self.lastrowid, self._rows = done
        return self


class Connection(aiosqlite.Connection):
    """A connection whose cursors are :class:`Cursor`; ``begin`` is what the next statement has to begin with."""

    begin = ""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor; nothing is done for it yet."""
        return Cursor(self)

    async def visit(self, how: Callable[..., sqlite3.Cursor], *arguments: Any) -> _Done:
        """Do a statement in the connection's thread, all at once."""
        done: _Done = await self._execute(partial(self._do, how, *arguments))  # type: ignore[no-untyped-call]
        return done

    async def commit(self) -> None:
        """Commit what was begun."""
        await self._end(super().commit)

    async def rollback(self) -> None:
        """Roll back what was begun."""
        await self._end(super().rollback)

    async def _end(self, how: Callable[[], Awaitable[None]]) -> None:
        self.begin = ""
        if self.in_transaction:
            await how()

    def _do(self, how: Callable[..., sqlite3.Cursor], *arguments: Any) -> _Done:
        if self.begin:
            self._conn.execute(self.begin)
            self.begin = ""
        return _done(how, self._conn, *arguments)


async def connect(*arguments: Any, **options: Any) -> Connection:
    """Open a database; arguments as of ``sqlite3.connect``."""
    connection = Connection(partial(sqlite3.connect, *arguments, **options), _CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy has it: a connection that nobody closed ends with the process
    await connection
    return connection


def _done(how: Callable[..., sqlite3.Cursor], *arguments: Any) -> _Done:
    cursor = how(*arguments)
    rows = cursor.fetchall() if cursor.description else ()
    done = (cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return done
