# ruff: noqa: E501 - tables of cases
"""Killed while committing, a full disk, a database that goes away: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.information.analytics.calls import batch, many
from tests.support.postgres import PostgresServer
from waypost.information.analytics import AnalyticsFilter, Scope, open_analytics
from waypost.information.analytics.duckdb import AnalyticsUnavailable
from waypost.information.blobs import BlobStore
from waypost.information.engine import create_engine
from waypost.information.faults import NotStorable, StoreBusy, StoreUnavailable
from waypost.information.models import ApiRow, BlobRow, EntityRow, EventRow, HubRow, SearchDocumentRow
from waypost.information.repos.events import EventRepo
from waypost.information.search import SearchQuery, SearchScope, open_search
from waypost.information.secrets import KeyRing
from waypost.information.store import open_store
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock
from waypost.kit.errors import Problem

ROOT = Path(__file__).parents[2]
KILLS = 5
only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
only_postgres = pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


async def add_owner(engine: AsyncEngine, clock: FakeClock) -> None:
    async with unit_of_work(engine, clock) as uow:
        uow.session.add(EntityRow(id="team_1", kind="team", slug="red", name="Red", created_at=clock.now()))
        await uow.commit()


async def test_killed_while_committing_again_and_again(engine: AsyncEngine, store_url: str, clock: FakeClock) -> None:
    await add_owner(engine, clock)
    chance, acknowledged = random.Random(3), 0
    for killed in range(12 * KILLS):  # on a busy machine a program may not get far before it is killed
        if killed >= KILLS and acknowledged > KILLS:
            break
        acknowledged = max(acknowledged, run_and_kill(store_url, seconds=chance.uniform(0.02, 0.5)))
    assert acknowledged > KILLS, "the program hardly ran: this test would prove nothing"
    fresh = await open_store(store_url)
    async with unit_of_work(fresh, clock, write=False) as uow:
        check = await EventRepo(uow.session).verify()
        counts = [
            await uow.session.scalar(select(func.count()).select_from(row))
            for row in (ApiRow, SearchDocumentRow, BlobRow)
        ]
        found = await open_search(fresh).query(uow.session, SearchQuery(text="payments", scope=SearchScope()))
    await fresh.dispose()
    assert check.ok
    assert check.checked >= acknowledged
    assert counts == [check.checked // 3] * 3, "a change is there with all its parts or not at all"
    assert check.checked % 3 == 0
    assert found.total == counts[0]


def run_and_kill(url: str, *, seconds: float) -> int:
    """The last event that the program said was committed."""
    program = [sys.executable, "-m", "tests.information.kept_committing", url]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)  # the instant of the kill: any will do
    finally:
        process.kill()
    whole = [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait(10)
    return whole[-1] if whole else 0


async def test_a_full_disk_refuses_changes_and_keeps_what_was(full_disk: Path, clock: FakeClock) -> None:
    subprocess.run(["mount", "-o", "remount,size=4m", str(full_disk)], check=True)
    engine = await open_store(f"sqlite:///{full_disk / 'hub.db'}")
    kept, noise = [], random.Random(1)
    with pytest.raises(StoreUnavailable) as refused:
        for _ in range(200):
            async with unit_of_work(engine, clock) as uow:
                kept_id = await BlobStore(uow.session, clock).put(noise.randbytes(60_000))
                await uow.record("blob.put", object_kind="blob", object_id=kept_id)
                await uow.commit()
            kept.append(kept_id)
    assert refused.value.status == 503
    assert "disk" in refused.value.way_out
    assert 5 < len(kept) < 199
    subprocess.run(["mount", "-o", "remount,size=16m", str(full_disk)], check=True)
    async with unit_of_work(engine, clock) as uow:
        await uow.record("hub.updated", object_kind="hub", object_id="hub")
        await uow.commit()
        assert (await EventRepo(uow.session).verify()).checked == len(kept) + 1
        assert len(await BlobStore(uow.session, clock).get(kept[-1])) == 60_000
    await engine.dispose()


async def test_a_full_disk_refuses_batches_which_count_once_when_there_is_room(
    full_disk: Path, clock: FakeClock
) -> None:
    subprocess.run(["mount", "-o", "remount,size=3m", str(full_disk)], check=True)
    store = await open_analytics(full_disk / "analytics.duckdb", clock=clock)
    batches = [batch(n, *many(clock.now(), 2000, seed=n)) for n in range(1, 60)]
    taken = 0
    with pytest.raises(AnalyticsUnavailable) as refused:
        for one in batches:
            await store.append("gw", one)
            taken += 1
    assert refused.value.status == 503
    assert 0 < taken < 59
    subprocess.run(["mount", "-o", "remount,size=200m", str(full_disk)], check=True)
    again = [await store.append("gw", one) for one in batches]
    where = AnalyticsFilter(start=clock.now().replace(day=1), end=clock.now().replace(month=9))
    assert (await store.summary(Scope.all(), where)).calls == 59 * 2000
    assert again[:taken] == [False] * taken
    await store.close()


async def test_a_full_disk_keeps_the_key_ring(full_disk: Path) -> None:
    ring = KeyRing.load(full_disk / "keyring.json")
    sealed = ring.seal("x")
    with pytest.raises(OSError, match="space"):
        for number in range(40):
            (full_disk / f"filler{number}").write_bytes(b"x" * 4096)
    with pytest.raises(OSError, match="space"):
        ring.rotate()
    assert KeyRing.load(ring.path).open(sealed).reveal() == "x"
    assert [p.name for p in full_disk.iterdir() if p.name.startswith(".keyring.json.") and "lock" not in p.name] == []


@only_postgres
async def test_a_database_that_goes_away_and_comes_back(
    engine: AsyncEngine, clock: FakeClock, postgres: PostgresServer, store_url: str
) -> None:
    async with unit_of_work(engine, clock) as uow:
        await uow.record("hub.updated", object_kind="hub", object_id="hub")
        name = store_url.rpartition("/")[2]
        postgres.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(Exception, match=r"clos|terminat"):
            await uow.commit()
    async with unit_of_work(engine, clock) as uow:
        assert await uow.record("hub.updated", object_kind="hub", object_id="hub") == 1
        await uow.commit()
    nowhere = create_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable):
        async with unit_of_work(nowhere, clock) as uow:
            await uow.session.execute(text("SELECT 1"))
    await nowhere.dispose()


@only_sqlite
async def test_a_database_locked_for_too_long_is_busy(engine: AsyncEngine, store_url: str, clock: FakeClock) -> None:
    hasty = create_engine(store_url)
    event.listen(hasty.sync_engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 50"))
    async with unit_of_work(engine, clock) as uow:
        await uow.record("hub.updated", object_kind="hub", object_id="hub")
        with pytest.raises(StoreBusy):
            async with unit_of_work(hasty, clock) as other:
                await other.record("hub.updated", object_kind="hub", object_id="hub")
        await uow.commit()
    await hasty.dispose()


@pytest.mark.parametrize("value", ["half a pair \ud800", 2**70, -(2**70)])
async def test_what_cannot_be_stored_is_the_callers_to_mend(
    engine: AsyncEngine, clock: FakeClock, value: object
) -> None:
    with pytest.raises(NotStorable) as refused:
        async with unit_of_work(engine, clock) as uow:
            hub = await uow.session.get_one(HubRow, "hub")
            if isinstance(value, int):
                hub.revision = value
            else:
                hub.name = str(value)
            await uow.commit()
    assert refused.value.status == 422


@only_postgres
async def test_a_nul_character_is_the_callers_to_mend(engine: AsyncEngine, clock: FakeClock) -> None:
    for change in ({"name": "a\x00b"}, {"demo": {"a": "\x00"}}):
        with pytest.raises(NotStorable):
            async with unit_of_work(engine, clock) as uow:
                hub = await uow.session.get_one(HubRow, "hub")
                for name, value in change.items():
                    setattr(hub, name, value)
                await uow.commit()


async def test_a_mistake_of_ours_is_no_problem_of_the_callers(engine: AsyncEngine, clock: FakeClock) -> None:
    with pytest.raises(Exception, match="no_such_table") as raised:
        async with unit_of_work(engine, clock, write=False) as uow:
            await uow.session.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(raised.value, Problem)


async def test_what_is_rolled_back_runs_nothing_afterwards(engine: AsyncEngine, clock: FakeClock) -> None:
    ran: list[str] = []
    with pytest.raises(RuntimeError):
        async with unit_of_work(engine, clock) as uow:
            uow.after_commit(lambda: ran.append("lost"))
            await uow.record("a.b", object_kind="a", object_id="1")
            raise RuntimeError
    async with unit_of_work(engine, clock) as uow:
        uow.after_commit(lambda: ran.append("kept"))
        await uow.commit()
        await uow.commit()
        assert await uow.session.scalar(select(func.count()).select_from(EventRow)) == 0
    assert ran == ["kept"]


async def test_what_was_to_be_written_stands_in_no_error(engine: AsyncEngine) -> None:
    with pytest.raises(SQLAlchemyError) as raised:
        async with unit_of_work(engine, FakeClock()) as uow:
            await uow.session.execute(text("INSERT INTO no_such_table VALUES (:value)"), {"value": "s1.k0.sealed"})
    assert "s1.k0.sealed" not in str(raised.value)
