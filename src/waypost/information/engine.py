"""The relational engine: SQLite (WAL) or PostgreSQL by one URL.

SQLite runs with ``BEGIN IMMEDIATE`` for transactions that write, so that nobody meets SQLITE_BUSY half-way through.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from waypost.information import sqlite

WRITE_OPTION = "waypost_write"


def create_engine(url: str, *, echo: bool = False, foreign_keys: bool = True) -> AsyncEngine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``; the async driver is chosen here.

    ``foreign_keys=False`` is for migrations on SQLite only: a table that is rebuilt must not cascade.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = parsed.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False)
        return _sqlite(path, echo, foreign_keys)
    dsn = parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    return create_async_engine(dsn, echo=echo, hide_parameters=True, pool_size=10, max_overflow=20, pool_pre_ping=True)


def _sqlite(url: str, echo: bool, foreign_keys: bool) -> AsyncEngine:
    how = {"timeout": 30, "async_creator_fn": sqlite.connect}
    engine = create_async_engine(url, echo=echo, hide_parameters=True, connect_args=how)
    event.listen(engine.sync_engine, "connect", _on_connect)
    if not foreign_keys:
        event.listen(engine.sync_engine, "connect", _without_foreign_keys)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we emit BEGIN ourselves
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        "busy_timeout=30000",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(value: Any) -> Any:
    """SQLite's own knows the letters of ASCII only: nobody would find `École` by `école`."""
    return value.lower() if isinstance(value, str) else value


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _on_begin(connection: Any) -> None:
    write = connection.get_execution_options().get(WRITE_OPTION, False)
    connection.connection.driver_connection.begin = "BEGIN IMMEDIATE" if write else "BEGIN"
