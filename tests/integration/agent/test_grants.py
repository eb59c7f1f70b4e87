"""The grants worker: order, merging, faults, expiry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.agent.fakes import FakeDriver, grant, until
from waypost.contracts.drivers import DriverOptions, TemporaryError
from waypost.contracts.ir import GrantDelta
from waypost.integration.agent.grantlog import GrantLog
from waypost.integration.agent.grants import GrantsWorker, merged
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.sealing import Sealer
from waypost.integration.agent.stream import OutOfStep
from waypost.kit.clock import FakeClock


class FakeReports:
    def __init__(self) -> None:
        self.revisions: list[int] = []

    def grants(self, revision: int) -> None:
        self.revisions.append(revision)


class Parts:
    def __init__(self, root: Path) -> None:
        self.driver = FakeDriver(DriverOptions(gateway_id="g", directory=str(root)))
        self.reports = FakeReports()
        self.clock = FakeClock()
        self.metrics = AgentMetrics()
        kept = GrantLog(root / "grants.log", Sealer(bytes(32)))
        kept.load()
        self.worker = GrantsWorker(
            self.driver,
            kept,
            self.reports,  # type: ignore[arg-type]
            metrics=self.metrics,
            clock=self.clock,
        )


@asynccontextmanager
async def working(root: Path) -> AsyncIterator[Parts]:
    parts = Parts(root)
    task = asyncio.create_task(parts.worker.run())
    yield parts
    task.cancel()


async def test_burst_is_brought_into_force_in_few_steps(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        for revision in range(1, 201):
            parts.worker.take(GrantDelta(revision=revision, since=revision - 1, upsert=(grant(revision),)))
        await until(lambda: parts.reports.revisions[-1:] == [200])
        assert len(parts.driver.grants) == 200
        assert len(parts.driver.deltas) < 5


async def test_gap_is_noticed_and_repetition_ignored(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        parts.worker.take(GrantDelta(revision=3, since=0, upsert=(grant(1),)))
        parts.worker.take(GrantDelta(revision=2, since=0, remove=("grt_000001",)))
        with pytest.raises(OutOfStep):
            parts.worker.take(GrantDelta(revision=6, since=5))
        await until(lambda: parts.reports.revisions == [3])
        assert "grt_000001" in parts.driver.grants


async def test_full_set_of_a_restored_hub_counts_although_its_revision_is_lower(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        parts.worker.take(GrantDelta(revision=9, since=0, upsert=(grant(1),)))
        parts.worker.take(GrantDelta(revision=4, full=True, upsert=(grant(2),)))
        await until(lambda: parts.reports.revisions[-1:] == [4])
        assert parts.driver.grants.keys() == {"grt_000002"}


async def test_temporary_failure_is_tried_again_with_what_came_meanwhile(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        parts.driver.grant_errors = [TemporaryError("engine busy", delay=0.05)] * 2
        parts.worker.take(GrantDelta(revision=1, upsert=(grant(1), grant(2))))
        await until(lambda: len(parts.driver.grant_errors) < 2)
        parts.worker.take(GrantDelta(revision=2, since=1, remove=("grt_000001",)))
        await until(lambda: parts.reports.revisions == [2])
        assert parts.driver.grants.keys() == {"grt_000002"}


async def test_grant_that_the_engine_refuses_stops_no_other(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        poison = replace(grant(7), id="grt_poison")
        parts.worker.take(GrantDelta(revision=1, upsert=(*(grant(n) for n in range(6)), poison, grant(8))))
        await until(lambda: parts.reports.revisions == [1])
        assert len(parts.driver.grants) == 7 and "grt_poison" not in parts.driver.grants
        assert parts.metrics.grants_refused._value.get() == 1


async def test_grant_ends_on_time_without_a_message(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        soon = parts.clock.now() + timedelta(seconds=0.3)
        parts.worker.take(GrantDelta(revision=1, mark="m", upsert=(grant(1, expires_at=soon), grant(2))))
        await until(lambda: len(parts.driver.grants) == 2)
        parts.clock.advance(0.3)
        await until(lambda: parts.driver.grants.keys() == {"grt_000002"})
        assert (parts.worker.revision, parts.worker.mark) == (1, "m")


async def test_renewed_grant_does_not_end_with_its_old_date(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        soon = parts.clock.now() + timedelta(seconds=0.1)
        parts.worker.take(GrantDelta(revision=1, upsert=(grant(1, expires_at=soon),)))
        await until(lambda: parts.driver.grants)
        parts.worker.take(GrantDelta(revision=2, since=1, upsert=(grant(1),)))
        parts.clock.advance(1)
        parts.worker.take(GrantDelta(revision=3, since=2, upsert=(grant(2),)))
        await until(lambda: parts.reports.revisions[-1:] == [3])
        assert parts.driver.grants.keys() == {"grt_000001", "grt_000002"}


async def test_grant_that_has_ended_already_never_reaches_the_engine(tmp_path: Path) -> None:
    async with working(tmp_path) as parts:
        past = parts.clock.now() - timedelta(seconds=1)
        parts.worker.take(GrantDelta(revision=1, upsert=(grant(1, expires_at=past), grant(2))))
        await until(lambda: parts.reports.revisions == [1])
        assert parts.driver.grants.keys() == {"grt_000002"}


IDS = st.integers(min_value=0, max_value=5)
DELTAS = st.builds(
    lambda full, upsert, remove: (full, upsert, remove - upsert), st.booleans(), st.sets(IDS), st.sets(IDS)
)


@given(st.lists(DELTAS, min_size=1, max_size=6), st.sets(IDS))
def test_merged_deltas_have_the_effect_of_all(steps: list[tuple[bool, set[int], set[int]]], start: set[int]) -> None:
    deltas = [
        GrantDelta(
            revision=number + 1,
            since=number,
            full=full,
            upsert=tuple(grant(item) for item in upsert),
            remove=tuple(f"grt_{item:06d}" for item in remove),
        )
        for number, (full, upsert, remove) in enumerate(steps)
    ]
    one = deltas[0]
    for delta in deltas[1:]:
        one = merged(one, delta)
    begin = {f"grt_{item:06d}" for item in start}
    assert _after(begin, [one]) == _after(begin, deltas)
    assert one.revision == len(deltas)


def _after(held: set[str], deltas: list[GrantDelta]) -> set[str]:
    for delta in deltas:
        held = (set() if delta.full else held - set(delta.remove)) | {item.id for item in delta.upsert}
    return held
