"""The driver of the default store: what a statement leaves behind, and one visit to the thread for each."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from waypost.information import sqlite
from waypost.information.engine import create_engine
from waypost.information.uow import unit_of_work
from waypost.kit.clock import SystemClock


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
        yield connection
    await engine.dispose()


async def test_rows_names_and_counts_come_as_from_the_driver_beneath(connection: AsyncConnection) -> None:
    made = await connection.execute(text("INSERT INTO things (name) VALUES ('a') RETURNING id, name"))
    assert (list(made.keys()), made.all()) == (["id", "name"], [(1, "a")])
    many = await connection.execute(text("INSERT INTO things (name) VALUES (:name)"), [{"name": "b"}, {"name": "c"}])
    assert many.rowcount == 2
    changed = await connection.execute(text("UPDATE things SET name = name || '!' WHERE id > 1"))
    assert (changed.rowcount, changed.returns_rows) == (2, False)
    nothing = await connection.execute(text("SELECT * FROM things WHERE id = 9"))
    assert (list(nothing.keys()), nothing.all()) == (["id", "name"], [])


async def test_what_the_store_refuses_is_said_and_leaves_the_connection_usable(connection: AsyncConnection) -> None:
    await connection.execute(text("INSERT INTO things (name) VALUES ('a')"))
    with pytest.raises(IntegrityError, match="UNIQUE"):
        await connection.execute(text("INSERT INTO things (name) VALUES ('a')"))
    assert (await connection.execute(text("SELECT count(*) FROM things"))).scalar_one() == 1


async def test_a_statement_visits_the_thread_once(connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    visits: list[Any] = []
    real = sqlite.Connection._execute

    async def counted(self: sqlite.Connection, fn: Any, *arguments: Any, **options: Any) -> Any:
        visits.append(fn)
        return await real(self, fn, *arguments, **options)

    monkeypatch.setattr(sqlite.Connection, "_execute", counted)
    assert (await connection.execute(text("SELECT 1 UNION SELECT 2"))).all() == [(1,), (2,)]
    assert len(visits) == 1


async def test_a_transaction_begins_with_its_first_statement_and_ends_only_where_it_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    visits: list[Any] = []
    real = sqlite.Connection._execute

    async def counted(self: sqlite.Connection, fn: Any, *arguments: Any, **options: Any) -> Any:
        visits.append(fn)
        return await real(self, fn, *arguments, **options)

    async with unit_of_work(engine, SystemClock(), write=False) as uow:
        await uow.session.execute(text("SELECT 1"))
    monkeypatch.setattr(sqlite.Connection, "_execute", counted)
    async with unit_of_work(engine, SystemClock(), write=True) as uow:
        await uow.session.execute(text("SELECT 1"))
        connection = await uow.session.connection()
        assert (await connection.get_raw_connection()).driver_connection.in_transaction  # type: ignore[union-attr]
    assert len(visits) == 2, "one for BEGIN and SELECT, one for ROLLBACK"
    await engine.dispose()


async def test_what_could_not_begin_begins_with_the_statement_after(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = await sqlite.connect(str(path), timeout=0, isolation_level=None)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE things (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    connection.begin = "BEGIN IMMEDIATE"
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await connection.cursor().execute("SELECT * FROM things")
    other.rollback()
    await connection.cursor().execute("INSERT INTO things VALUES (1)")
    assert connection.in_transaction
    await connection.rollback()
    assert other.execute("SELECT count(*) FROM things").fetchone() == (0,)
    other.close()
    await connection.close()
