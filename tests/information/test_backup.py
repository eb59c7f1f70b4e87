"""Backup while everything is being written, and restore into an empty place."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.information.analytics import kept_appending
from tests.support.postgres import PostgresServer
from waypost.information.analytics import AnalyticsFilter, Scope, open_analytics
from waypost.information.backup import (
    BackupExists,
    BackupFailed,
    BackupUnreadable,
    Layout,
    NotEmpty,
    NothingToBackUp,
    read_backup,
    write_backup,
)
from waypost.information.engine import create_engine
from waypost.information.models import HubRow
from waypost.information.pgdump import PostgresToolsMissing
from waypost.information.repos.events import EventRepo
from waypost.information.secrets import KeyRing
from waypost.information.store import open_store
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock

ROOT = Path(__file__).parents[2]


@pytest.fixture
def layout(store_url: str, tmp_path: Path) -> Layout:
    return Layout(store_url, tmp_path / "analytics.duckdb", tmp_path / "keyring.json")


@pytest.fixture
def elsewhere(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Layout:
    """An empty place to restore into."""
    folder = tmp_path / "elsewhere"
    if database == "sqlite":
        return Layout(f"sqlite:///{folder / 'hub.db'}", folder / "analytics.duckdb", folder / "keyring.json")
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    request.addfinalizer(lambda: server.drop(name))
    return Layout(server.url(name), folder / "analytics.duckdb", folder / "keyring.json")


@pytest.fixture(autouse=True)
def postgres_tools(database: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tools of the server's own version."""
    if database == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        monkeypatch.setenv("PATH", f"{server.bin}{os.pathsep}{os.environ['PATH']}")


async def record(layout: Layout, count: int) -> None:
    engine = create_engine(layout.database_url)
    for _ in range(count):
        async with unit_of_work(engine, FakeClock()) as uow:
            await uow.record("api.created", object_kind="api", object_id="api_1")
            hub = await uow.session.get_one(HubRow, "hub")
            hub.revision += 1
            await uow.commit()
    await engine.dispose()


async def test_a_backup_taken_while_everything_is_written_is_whole(
    layout: Layout, elsewhere: Layout, tmp_path: Path, clock: FakeClock
) -> None:
    sealed = KeyRing.load(layout.keyring).seal("still readable")
    writing = asyncio.create_task(record(layout, 150))
    program = [sys.executable, "-m", "tests.information.analytics.kept_appending", str(layout.analytics), "1"]
    appending = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert appending.stdout is not None
    try:
        for _ in range(30):
            await asyncio.to_thread(appending.stdout.readline)
        drain = threading.Thread(target=appending.stdout.read)
        drain.start()
        for number in range(3):
            manifest = await write_backup(layout, tmp_path / f"{number}.tar.gz", clock=clock)
        assert appending.poll() is None
        assert (tmp_path / "2.tar.gz").stat().st_mode & 0o077 == 0
    finally:
        appending.kill()
        appending.wait(10)
        drain.join(10)
        appending.stdout.close()
    await writing
    assert await read_backup(elsewhere, tmp_path / "2.tar.gz") == manifest
    assert KeyRing.load(elsewhere.keyring).open(sealed).reveal() == "still readable"
    engine = await open_store(elsewhere.database_url)
    async with unit_of_work(engine, clock, write=False) as uow:
        check = await EventRepo(uow.session).verify()
        revision = await uow.session.scalar(select(HubRow.revision))
    await engine.dispose()
    assert check.ok
    assert revision == check.checked + 1 > 1, "rows and events are of the same instant"
    await check_calls(elsewhere.analytics)


async def check_calls(path: Path) -> None:
    """The copy holds whole batches 1..n, each once."""
    store = await open_analytics(path, clock=FakeClock(kept_appending.NOW))
    last = 1
    while not await store.append("gw", kept_appending.batch(last)):
        last += 1
    where = AnalyticsFilter(start=kept_appending.NOW.replace(day=1), end=kept_appending.NOW.replace(day=30))
    total = await store.summary(Scope.all(), where)
    await store.close()
    assert last > 20
    assert total.calls == sum(len(kept_appending.batch(n).records) for n in range(1, last + 1))


async def test_nothing_is_overwritten(layout: Layout, elsewhere: Layout, tmp_path: Path, clock: FakeClock) -> None:
    KeyRing.load(layout.keyring)
    target = tmp_path / "out" / "hub.tar.gz"
    await write_backup(layout, target, clock=clock)
    with pytest.raises(BackupExists):
        await write_backup(layout, target, clock=clock)
    with pytest.raises(NotEmpty):
        await read_backup(layout, target)
    await read_backup(elsewhere, target)
    with pytest.raises(NotEmpty):
        await read_backup(elsewhere, target)
    assert sorted(p.name for p in target.parent.iterdir()) == ["hub.tar.gz"], "nothing is left lying about"


async def test_a_database_with_tables_is_not_restored_into(
    layout: Layout, elsewhere: Layout, tmp_path: Path, clock: FakeClock
) -> None:
    KeyRing.load(layout.keyring)
    await write_backup(layout, tmp_path / "hub.tar.gz", clock=clock)
    await (await open_store(elsewhere.database_url)).dispose()
    with pytest.raises(NotEmpty):
        await read_backup(elsewhere, tmp_path / "hub.tar.gz")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_folder_without_a_hub_is_named(tmp_path: Path, clock: FakeClock, database: str) -> None:
    empty = tmp_path / "none"
    layout = Layout(f"sqlite:///{empty / 'hub.db'}", empty / "a.duckdb", empty / "keyring.json")
    with pytest.raises(NothingToBackUp):
        await write_backup(layout, tmp_path / "x.tar.gz", clock=clock)
    assert not empty.exists()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_missing_postgres_tools_are_named(
    layout: Layout, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeyRing.load(layout.keyring)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PostgresToolsMissing, match="pg_dump"):
        await write_backup(layout, tmp_path / "x.tar.gz", clock=clock)
    assert not (tmp_path / "x.tar.gz").exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_full_disk_is_said_and_leaves_nothing(
    layout: Layout, clock: FakeClock, full_disk: Path, database: str
) -> None:
    KeyRing.load(layout.keyring)
    with pytest.raises(BackupFailed, match=r"full|space"):
        await write_backup(layout, full_disk / "x.tar.gz", clock=clock)
    assert list(full_disk.iterdir()) == []


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def changed(name: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        return repacked(data, {name: lambda body: body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]})

    return change


def renamed(data: bytes) -> bytes:
    def climb(body: bytes) -> bytes:
        manifest = json.loads(body)
        manifest["files"][0]["name"] = "../../escaped"
        return json.dumps(manifest).encode()

    return repacked(data, {"manifest.json": climb})


def newer(data: bytes) -> bytes:
    return repacked(data, {"manifest.json": lambda body: body.replace(b'"format": 1', b'"format": 2')})


def repacked(data: bytes, edits: dict[str, Callable[[bytes], bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
        for entry in old:
            file = old.extractfile(entry)
            assert file is not None
            body = edits.get(entry.name, lambda b: b)(file.read())
            entry.size = len(body)
            new.addfile(entry, io.BytesIO(body))
    return out.getvalue()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "damage",
    [
        cut,
        changed("database.sqlite"),
        changed("keyring.json"),
        renamed,
        newer,
        lambda _: b"",
        lambda _: b"PK\x03\x04",
        lambda _: gzip.compress(b"x" * 10_000),
    ],
)
async def test_a_damaged_backup_restores_nothing(
    layout: Layout, elsewhere: Layout, tmp_path: Path, clock: FakeClock, damage: Callable[[bytes], bytes], database: str
) -> None:
    KeyRing.load(layout.keyring)
    good, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    await write_backup(layout, good, clock=clock)
    bad.write_bytes(damage(good.read_bytes()))
    with pytest.raises(BackupUnreadable):
        await read_backup(elsewhere, bad)
    assert list(elsewhere.keyring.parent.iterdir()) == []
    assert not (tmp_path / "escaped").exists()
    await read_backup(elsewhere, good)
