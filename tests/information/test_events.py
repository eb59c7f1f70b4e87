"""The event log: gapless, in commit order, tamper-evident."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from waypost.information.models import EventRow
from waypost.information.repos.events import ChainCheck, EventRepo
from waypost.information.uow import Actor, unit_of_work
from waypost.kit.clock import FakeClock, SystemClock


async def record(
    engine: AsyncEngine, *kinds: str, commit: bool = True, data: dict[str, Any] | None = None
) -> list[int]:
    async with unit_of_work(engine, SystemClock(), actor=Actor("user", "usr_1", "req_1")) as uow:
        seqs = [await uow.record(k, object_kind="api", object_id="api_1", owner_id="team_1", data=data) for k in kinds]
        if commit:
            await uow.commit()
    return seqs


async def verify(engine: AsyncEngine) -> ChainCheck:
    async with unit_of_work(engine, FakeClock(), write=False) as uow:
        return await EventRepo(uow.session).verify()


async def tamper(engine: AsyncEngine, statement: str) -> None:
    async with unit_of_work(engine, FakeClock()) as uow:
        await uow.session.execute(text(statement))
        await uow.commit()


async def test_an_untouched_chain_is_whole(engine: AsyncEngine) -> None:
    assert await verify(engine) == ChainCheck(ok=True, checked=0)
    nested = {"name": 'Ünï "x" \\ 😀', "n": [1, 2.5, None, True, {"z": 1, "a": -0.1}], "big": 2**53}
    nested |= {"whole": 5.0, "huge": 1e16, "units": 1.5e300, "nothing": -0.0, "tiny": 1e-9}
    await record(engine, "api.created", "api.updated", data=nested)
    await record(engine, *["api.updated"] * 1100)
    assert await verify(engine) == ChainCheck(ok=True, checked=1102)


async def test_what_rolls_back_leaves_no_gap(engine: AsyncEngine) -> None:
    assert await record(engine, "a.b") == [1]
    assert await record(engine, "a.lost", "a.lost", commit=False) == [2, 3]
    assert await record(engine, "a.c", "a.d") == [2, 3]
    assert await verify(engine) == ChainCheck(ok=True, checked=3)


async def test_writers_at_once_are_put_in_commit_order(engine: AsyncEngine) -> None:
    seqs = await asyncio.gather(*(record(engine, "a.b", "a.c") for _ in range(12)))
    assert sorted(seq for pair in seqs for seq in pair) == list(range(1, 25))
    assert all(second == first + 1 for first, second in seqs)
    assert await verify(engine) == ChainCheck(ok=True, checked=24)


async def test_since_reads_on_where_it_stopped(engine: AsyncEngine) -> None:
    await record(engine, "api.created", "plan.created", "api.deleted")
    async with unit_of_work(engine, FakeClock(), write=False) as uow:
        repo = EventRepo(uow.session)
        assert [e.kind for e in await repo.since(1)] == ["plan.created", "api.deleted"]
        assert [e.kind for e in await repo.since(0, limit=1)] == ["api.created"]
        assert [e.seq for e in await repo.since(0, kinds=["api.created", "api.deleted"])] == [1, 3]
        assert await repo.newest_seq() == 3


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE events SET actor_id = 'usr_2' WHERE seq = 2", 2),
        ("UPDATE events SET data = '{\"a\": 1}' WHERE seq = 2", 2),
        ("UPDATE events SET at = '2020-01-01 00:00:00' WHERE seq = 3", 3),
        ("UPDATE events SET owner_id = '' WHERE seq = 1", 1),
        ("DELETE FROM events WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 4", 4),
        ("DELETE FROM events", 1),
        ("UPDATE event_head SET seq = 3 WHERE id = 1", 4),
        ("UPDATE events SET hash = prev_hash WHERE seq = 4", 4),
        ("UPDATE events SET request_id = 'x' WHERE seq = 4", 4),
    ],
)
async def test_every_change_is_noticed_at_its_place(engine: AsyncEngine, statement: str, broken_at: int) -> None:
    await record(engine, *["a.b"] * 4)
    await tamper(engine, statement)
    check = await verify(engine)
    assert not check.ok
    assert check.broken_at == broken_at


@pytest.mark.timeout(60)
async def test_what_is_written_while_the_chain_is_walked_does_not_break_it(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(engine, *["a.b"] * 3)
    since = EventRepo.since

    async def and_more(repo: EventRepo, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> list[EventRow]:
        await record(engine, "a.b")
        return await since(repo, seq, limit=limit, kinds=kinds)

    monkeypatch.setattr(EventRepo, "since", and_more)
    assert await verify(engine) == ChainCheck(ok=True, checked=3)
