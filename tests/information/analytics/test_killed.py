"""``kill -9`` at any instant: what was acknowledged is there, and nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.information.analytics import kept_appending
from waypost.information.analytics import AnalyticsFilter, Interval, Scope, open_analytics
from waypost.kit.clock import FakeClock

KILLS = 12


async def test_killed_again_and_again_counts_every_batch_once(tmp_path: Path) -> None:
    path, chance = tmp_path / "killed.duckdb", random.Random(7)
    acknowledged = 0
    for _ in range(KILLS):
        acknowledged = max(acknowledged, run_and_kill(path, acknowledged, seconds=chance.uniform(0.02, 0.5)))
    assert acknowledged > KILLS * 3, "the program hardly ran: this test would prove nothing"
    store = await open_analytics(path, clock=FakeClock(kept_appending.NOW))
    last = acknowledged
    while not await store.append("gw", kept_appending.batch(last)):
        last += 1  # at most one was on its way when the kill came
    assert last <= acknowledged + 2
    batches = [kept_appending.batch(number) for number in range(1, last + 1)]
    where = AnalyticsFilter(start=kept_appending.NOW.replace(day=1), end=kept_appending.NOW.replace(day=30))
    for _ in range(2):
        total = await store.summary(Scope.all(), where)
        assert total.calls == sum(len(b.records) for b in batches)
        assert total.bytes_out == sum(r.bytes_out for b in batches for r in b.records)
        points = await store.series(Scope.all(), where, interval=Interval.HOUR)
        assert sum(p.calls for p in points) == total.calls
        await store.roll_up()
    await store.close()


def run_and_kill(path: Path, acknowledged: int, *, seconds: float) -> int:
    """Let it go on from the first batch that it has not acknowledged; the last one that it did."""
    program = [sys.executable, "-m", "tests.information.analytics.kept_appending", str(path), str(max(1, acknowledged))]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)  # the instant of the kill: any will do
    finally:
        process.kill()
    lines = process.stdout.read().splitlines(keepends=True)
    process.wait(10)
    whole = [int(line) for line in lines if line.endswith("\n")]
    return whole[-1] if whole else acknowledged
