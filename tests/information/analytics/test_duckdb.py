"""The analytics store against plain Python counting the same calls."""

from __future__ import annotations

import asyncio
import itertools
import math
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.information.analytics.calls import batch, call, many
from waypost.contracts.telemetry import AccessRecord
from waypost.information.analytics import (
    AnalyticsFilter,
    Callers,
    Dimension,
    DuckDbAnalytics,
    Interval,
    RangeTooLong,
    Retention,
    Scope,
    Summary,
    duckdb,
    open_analytics,
)
from waypost.information.analytics.duckdb import DataFolderInUse
from waypost.information.analytics.histogram import RELATIVE_ERROR
from waypost.kit.clock import FakeClock
from waypost.kit.paging import BadCursor

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)  # the fixture clock's
START = NOON - timedelta(hours=50, minutes=7, seconds=13.25)
SIZE = 600  # records of a batch


def during(
    start: datetime = NOON - timedelta(days=30), end: datetime = NOON + timedelta(days=1), **more: object
) -> AnalyticsFilter:
    return AnalyticsFilter(start=start, end=end, **more)  # type: ignore[arg-type]


def nearest_rank(values: list[int], share: float) -> int:
    return sorted(values)[math.ceil(share * len(values)) - 1]


def close(measured: int, exact: int) -> bool:
    return abs(measured - exact) <= RELATIVE_ERROR * exact + 1


@pytest.fixture
async def filled(analytics: DuckDbAnalytics) -> list[AccessRecord]:
    """6,000 calls over 39 hours in batches of two gateways, some in rollups and some not yet; all of them."""
    records = many(START, 6000, step=timedelta(seconds=23))
    for number in range(10):
        part = records[number * SIZE : (number + 1) * SIZE]
        assert await analytics.append(f"gw_{number % 2}", batch(number + 1, *part))
        if number in {3, 6}:
            await analytics.roll_up()
    return records


async def test_a_batch_counts_once_however_often_it_is_sent(analytics: DuckDbAnalytics) -> None:
    first = batch(1, call(NOON))
    assert [await analytics.append("gw_1", first) for _ in range(3)] == [True, False, False]
    assert await analytics.append("gw_2", first), "the same number of another gateway is another batch"
    assert await analytics.append("gw_1", batch(1, call(NOON), spool="s2")), "and so is one of another spool"
    assert await analytics.append("gw_1", batch(5, call(NOON)))
    assert not await analytics.append("gw_1", batch(4, call(NOON)))
    assert (await analytics.summary(Scope.all(), during())).calls == 4


async def test_batches_sent_twice_at_once_count_once(analytics: DuckDbAnalytics) -> None:
    taken = await asyncio.gather(*(analytics.append("gw_1", batch(1, call(NOON))) for _ in range(8)))
    assert sorted(taken) == [False] * 7 + [True]
    assert (await analytics.summary(Scope.all(), during())).calls == 1


async def test_it_is_all_there_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    for number in (1, 2):
        store = await open_analytics(tmp_path / "again.duckdb", clock=clock)
        assert await store.append("gw_1", batch(number, call(NOON, status=500)))
        assert not await store.append("gw_1", batch(1, call(NOON)))
        assert (await store.summary(Scope.all(), during())).errors_5xx == number
        await store.close()


async def test_a_question_that_takes_too_long_is_ended_and_others_are_answered(
    analytics: DuckDbAnalytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = ("SELECT COUNT(*) FROM range(10_000_000) a, range(10_000_000) b WHERE a.range * b.range = 1", {})
    monkeypatch.setattr(duckdb, "QUERY_SECONDS", 0.2)
    monkeypatch.setattr(duckdb.queries, "one_call", lambda *_: endless)
    for asked in [asyncio.create_task(analytics.call(Scope.all(), "dec_1")) for _ in range(duckdb.READERS + 2)]:
        with pytest.raises(duckdb.AnalyticsUnavailable):
            await asked
    gone = [asyncio.create_task(analytics.call(Scope.all(), "dec_1")) for _ in range(duckdb.READERS)]
    await asyncio.sleep(0.05)
    for asked in gone:
        asked.cancel()
    async with asyncio.timeout(10):
        assert await analytics.callers(Scope.all(), during()) == Callers()


@pytest.mark.parametrize("rolled", [False, True])
async def test_callers_of_whole_days(analytics: DuckDbAnalytics, rolled: bool) -> None:
    calls = [call(NOON, subscription_id=f"sub_{n % 3}", app_id=f"app_{n % 2}") for n in range(7)]
    night = NOON.replace(hour=0) + timedelta(seconds=1)
    calls += [call(night, subscription_id="", app_id=""), call(night - timedelta(seconds=2), subscription_id="sub_9")]
    await analytics.append("gw_1", batch(1, *calls))
    if rolled:
        await analytics.roll_up()
    noon = during(NOON, NOON + timedelta(seconds=1))
    found = await analytics.callers(Scope.all(), noon)
    assert found == Callers(calls=8, apps=2, subscriptions={"sub_0": 3, "sub_1": 2, "sub_2": 2, "": 1})
    busiest = await analytics.callers(Scope.all(), noon, limit=2)
    assert (busiest.calls, list(busiest.subscriptions)) == (8, ["sub_0", "sub_1"])
    assert await analytics.callers(Scope(), noon) == Callers(), "nobody's"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START - timedelta(days=3), NOON),
        (START + timedelta(seconds=3.5), START + timedelta(seconds=100.125)),
        (START + timedelta(hours=1, seconds=1), START + timedelta(hours=30, minutes=3, seconds=59.5)),
        (datetime(2026, 7, 14, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)),
        (START + timedelta(minutes=59), START + timedelta(minutes=61)),
        (NOON, START),
    ],
)
async def test_totals_of_any_range_are_exact(
    analytics: DuckDbAnalytics, filled: list[AccessRecord], start: datetime, end: datetime
) -> None:
    inside = [record for record in filled if start <= record.at < end]
    found = await analytics.summary(Scope.all(), during(start, end))
    assert found.calls == len(inside)
    if not inside:
        assert found == Summary()
        return
    assert found.errors_4xx == sum(400 <= r.status < 500 for r in inside)
    assert found.errors_5xx == sum(r.status >= 500 for r in inside)
    assert found.refused == sum(r.code != "" for r in inside)
    assert (found.bytes_in, found.bytes_out) == (sum(r.bytes_in for r in inside), sum(r.bytes_out for r in inside))
    assert found.apps == len({r.app_id for r in inside} - {""})
    durations = [r.duration_us for r in inside]
    for measured, share in ((found.p50_us, 0.5), (found.p95_us, 0.95), (found.p99_us, 0.99)):
        assert close(measured, nearest_rank(durations, share))


@pytest.mark.parametrize("interval", list(Interval))
async def test_series_have_every_step_and_add_up(
    analytics: DuckDbAnalytics, filled: list[AccessRecord], interval: Interval
) -> None:
    start, end = START + timedelta(minutes=31), START + timedelta(hours=20, seconds=5)
    points = await analytics.series(Scope.all(), during(start, end, api_id="api_1"), interval=interval)
    inside = [r for r in filled if start <= r.at < end and r.api_id == "api_1"]
    width = {Interval.MINUTE: timedelta(minutes=1), Interval.HOUR: timedelta(hours=1), Interval.DAY: timedelta(days=1)}[
        interval
    ]
    assert points[0].at <= start < points[0].at + width
    assert points[-1].at < end <= points[-1].at + width
    assert all(after.at - before.at == width for before, after in itertools.pairwise(points))
    for point in points:
        here = [r for r in inside if point.at <= r.at < point.at + width]
        assert (point.calls, point.ok) == (len(here), sum(r.status < 400 for r in here))
        assert point.calls == point.ok + point.client_errors + point.server_errors
        if here:
            assert close(point.p95_us, nearest_rank([r.duration_us for r in here], 0.95))
    assert sum(p.calls for p in points) == len(inside) > 0


async def test_a_series_is_bounded(analytics: DuckDbAnalytics) -> None:
    with pytest.raises(RangeTooLong):
        await analytics.series(Scope.all(), during(), interval=Interval.MINUTE)


@pytest.mark.parametrize(
    ("by", "key"),
    [
        (Dimension.API, lambda r: r.api_id),
        (Dimension.APP, lambda r: r.app_id),
        (Dimension.STATUS, lambda r: str(r.status)),
        (Dimension.CODE, lambda r: r.code),
        (Dimension.VERSION, lambda r: r.version_id),
    ],
)
async def test_breakdowns(analytics: DuckDbAnalytics, filled: list[AccessRecord], by: Dimension, key: object) -> None:
    found = await analytics.breakdown(Scope.all(), during(), by=by, limit=100)
    assert {item.key: item.calls for item in found} == Counter(key(r) for r in filled)  # type: ignore[operator]
    assert [item.calls for item in found] == sorted((item.calls for item in found), reverse=True)
    for item in found:
        bad = sum(r.status >= 400 for r in filled if key(r) == item.key)  # type: ignore[operator]
        assert item.error_rate == pytest.approx(bad / item.calls)
    assert len(await analytics.breakdown(Scope.all(), during(), by=by, limit=1)) == 1


async def test_scope_bounds_every_question(analytics: DuckDbAnalytics, filled: list[AccessRecord]) -> None:
    scopes = {
        Scope(): lambda _: False,
        Scope(api_ids=frozenset({""}), app_ids=frozenset({""})): lambda _: False,
        Scope(api_ids=frozenset({"api_1"})): lambda r: r.api_id == "api_1",
        Scope(app_ids=frozenset({"app_2", "app_x"})): lambda r: r.app_id == "app_2",
        Scope(api_ids=frozenset({"api_0"}), app_ids=frozenset({"app_1"})): lambda r: (
            r.api_id == "api_0" or r.app_id == "app_1"
        ),
        Scope(api_ids=frozenset({"' OR 1=1 --"})): lambda _: False,
    }
    for scope, mine in scopes.items():
        inside = [r for r in filled if mine(r)]
        assert (await analytics.summary(scope, during())).calls == len(inside)
        assert sum(p.calls for p in await analytics.series(scope, during(), interval=Interval.DAY)) == len(inside)
        assert sum(b.calls for b in await analytics.breakdown(scope, during(), by=Dimension.STATUS)) == len(inside)
        assert all(mine(c.record) for c in (await analytics.calls(scope, during(), limit=200)).items)
        other = next(r for r in filled if not mine(r))
        assert await analytics.call(scope, other.decision_id) is None
        if inside:
            found = await analytics.call(scope, inside[0].decision_id)
            assert found is not None
            assert found.record == inside[0]


async def test_single_calls_page_through_all_newest_first(
    analytics: DuckDbAnalytics, filled: list[AccessRecord]
) -> None:
    where = during(status_class=5, gateway_id="gw_1", app_id="app_1")
    seen, cursor = [], None
    while True:
        page = await analytics.calls(Scope.all(), where, limit=100, cursor=cursor)
        seen += page.items
        if not (cursor := page.next_cursor):
            break
    assert all(c.gateway_id == "gw_1" for c in seen)
    odd = [r for n in range(1, 10, 2) for r in filled[n * SIZE : (n + 1) * SIZE]]
    expected = [r for r in odd if r.status >= 500 and r.app_id == "app_1"]
    assert [c.record for c in seen] == sorted(expected, key=lambda r: (r.at, r.decision_id), reverse=True)
    for bad in ("x", "WzFd", "WyJ4IiwiZCJd"):
        with pytest.raises(BadCursor):
            await analytics.calls(Scope.all(), where, cursor=bad)


async def test_odd_records_are_taken_as_well_as_can_be(analytics: DuckDbAnalytics) -> None:
    odd = [
        call(NOON, "d_text", path="/\"\\\x00'😀\ud800{}[],", user_agent="'); DROP TABLE calls; --"),
        call(NOON, "d_big", duration_us=2**62, bytes_in=-5, status=70_000),
        call(NOON + timedelta(days=400), "d_future"),
    ]
    assert await analytics.append("gw_1", batch(1, *odd))
    text = await analytics.call(Scope.all(), "d_text")
    assert text is not None
    assert text.record.path == "/\"\\\x00'😀?{}[],"
    assert text.record.user_agent == "'); DROP TABLE calls; --"
    big = await analytics.call(Scope.all(), "d_big")
    assert big is not None
    assert (big.record.status, big.record.bytes_in) == (999, 0)
    assert (await analytics.summary(Scope.all(), during())).calls == 3, "a clock that runs ahead hides no call"


async def test_an_empty_batch_still_moves_the_ledger(analytics: DuckDbAnalytics) -> None:
    assert await analytics.append("gw_1", batch(3))
    assert not await analytics.append("gw_1", batch(3, call(NOON)))


async def test_retention_drops_levels_one_by_one_and_totals_stay(
    analytics: DuckDbAnalytics, clock: FakeClock, filled: list[AccessRecord]
) -> None:
    whole = during(datetime(2026, 7, 13, tzinfo=UTC), datetime(2026, 7, 16, tzinfo=UTC))
    before = await analytics.summary(Scope.all(), whole)
    series = await analytics.series(Scope.all(), whole, interval=Interval.HOUR)
    keep = Retention(calls=timedelta(hours=1), minute=timedelta(hours=20))
    assert await analytics.sweep(clock.now(), keep) > 5000
    assert await analytics.summary(Scope.all(), whole) == before
    assert await analytics.series(Scope.all(), whole, interval=Interval.HOUR) == series
    assert await analytics.call(Scope.all(), filled[0].decision_id) is None
    late = call(START, "d_late")
    assert await analytics.append("gw_1", batch(99, late)), "what comes late is still counted"
    await analytics.sweep(clock.now(), keep)
    assert (await analytics.summary(Scope.all(), whole)).calls == before.calls + 1
    edge = during(START + timedelta(hours=2, minutes=3), START + timedelta(hours=5))
    rounded = await analytics.summary(Scope.all(), edge)
    first_hour = (START + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    widened = [r for r in filled if first_hour <= r.at < first_hour + timedelta(hours=4)]
    assert rounded.calls == len(widened), "an edge finer than what is kept is widened to the hour"
    clock.advance(86400 * 2000)
    await analytics.sweep(clock.now(), keep)
    assert await analytics.summary(Scope.all(), whole) == Summary()


async def test_forgetting_an_api_leaves_the_others(analytics: DuckDbAnalytics, filled: list[AccessRecord]) -> None:
    await analytics.forget(frozenset({"api_1", "api_x"}))
    left = [r for r in filled if r.api_id != "api_1"]
    assert (await analytics.summary(Scope.all(), during())).calls == len(left)
    assert {c.record.api_id for c in (await analytics.calls(Scope.all(), during(), limit=200)).items} == {
        "api_0",
        "api_2",
    }


async def test_reads_go_on_while_batches_are_taken(analytics: DuckDbAnalytics) -> None:
    async def write() -> None:
        for number in range(1, 30):
            await analytics.append("gw_1", batch(number, *many(START, 200, seed=number)))

    writing = asyncio.create_task(write())
    seen = [0]
    while not writing.done():
        seen.append((await analytics.summary(Scope.all(), during())).calls)
        assert seen[-1] % 200 == 0, "a batch is seen whole or not at all"
    await writing
    assert seen == sorted(seen)
    assert (await analytics.summary(Scope.all(), during())).calls == 29 * 200


async def test_the_file_is_for_its_owner_only_and_reaches_nothing_else(
    analytics: DuckDbAnalytics, tmp_path: Path
) -> None:
    assert analytics.path.stat().st_mode & 0o077 == 0
    (tmp_path / "other.csv").write_text("a\n1\n")
    connection = analytics._opened()
    for sql in (
        f"SELECT * FROM '{tmp_path / 'other.csv'}'",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        "SET enable_external_access = true",
    ):
        with pytest.raises(Exception, match=r"disabled|locked"):
            connection.execute(sql)


async def test_a_file_that_another_process_holds_is_a_hub_that_runs(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "analytics.duckdb"
    holding = f"import duckdb, sys; kept = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", holding, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()
    with pytest.raises(DataFolderInUse, match=str(tmp_path)):
        await open_analytics(path, clock=clock)
    process.stdin.close()
    await process.wait()
