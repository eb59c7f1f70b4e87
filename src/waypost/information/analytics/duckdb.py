"""Analytics in one DuckDB file: one writer thread, readers beside it.

Exactly once: a batch's records, its rollups and its number in the ledger commit in one transaction, so that a process
killed at any instant has either all of a batch or none, and the number tells which.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.analytics import ingest, queries, rollups
from waypost.information.analytics.copying import writing
from waypost.information.analytics.histogram import value_of
from waypost.information.analytics.ranges import STEPS, Piece, ceiling, floor, naive, pieces
from waypost.information.analytics.schema import CALL_COLUMNS, statements
from waypost.information.analytics.store import (
    MAX_POINTS,
    AnalyticsFilter,
    Breakdown,
    Callers,
    CallPage,
    CallRecord,
    Dimension,
    Interval,
    Point,
    RangeTooLong,
    Retention,
    Scope,
    Summary,
)
from waypost.kit.clock import Clock
from waypost.kit.errors import Conflict, Unavailable
from waypost.kit.paging import encode_cursor

T = TypeVar("T")
READERS = 4
QUERY_SECONDS = 20.0
MEMORY = "1GB"
WHOLE = "''"
ROLL_UP_RECORDS = 100_000
ROLL_UP_SECONDS = 60.0


class AnalyticsUnavailable(Unavailable):
    """The analytics file cannot be written or read just now: a full disk, for one."""

    code = "analytics_unavailable"
    title = "Usage figures are not available right now"
    hint = "Nothing is lost: gateways keep what is not taken. See whether the hub's disk is full."


class DataFolderInUse(Conflict):
    """Another process holds the analytics file, so another hub runs there."""

    code = "data_folder_in_use"
    title = "Another hub runs on this data folder"
    hint = "End that one first, or name another folder with `--data`."


async def open_analytics(path: Path, *, clock: Clock, retention: Retention | None = None) -> DuckDbAnalytics:
    """The store in the file ``path`` (made where missing). Close it when done.

    Raises DataFolderInUse: only one process may hold it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store = DuckDbAnalytics(path, clock, retention or Retention())
    await store.start()
    return store


class DuckDbAnalytics:
    """:class:`AnalyticsStore` on DuckDB. Use :func:`open_analytics`."""

    def __init__(self, path: Path, clock: Clock, retention: Retention) -> None:
        self.path = path
        self._clock = clock
        self._retention = retention
        self._scratch = path.with_name(f".{path.name}.d")
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._serial = self._fresh = 0
        self._rolled_at = time.monotonic()
        self._writer = ThreadPoolExecutor(1, "analytics-writer")
        self._readers = ThreadPoolExecutor(READERS, "analytics-reader")
        self._turns = asyncio.Semaphore(READERS)

    async def start(self) -> None:
        """Open the file."""
        await self._write(lambda _: None)

    async def append(self, gateway_id: str, batch: UsageBatch) -> bool:
        was_taken = await self._write(lambda connection: self._append(connection, gateway_id, batch))
        if was_taken and self._is_due():
            self._writer.submit(self._guarded, self._roll_up)  # after the answer: nobody waits for it
        return was_taken

    async def summary(self, scope: Scope, where: AnalyticsFilter) -> Summary:
        rows = await self._grouped(WHOLE, scope, where, coarsest="day", limit=1, busiest=False)
        if not rows:
            return Summary()
        _, calls, _, client, server, refused, bytes_in, bytes_out, apps, *ranks = rows[0]
        return Summary(
            calls=calls,
            errors_4xx=client,
            errors_5xx=server,
            refused=refused,
            bytes_in=bytes_in,
            bytes_out=bytes_out,
            apps=apps,
            **_percentiles(ranks),
        )

    async def series(self, scope: Scope, where: AnalyticsFilter, *, interval: Interval) -> list[Point]:
        step = STEPS[interval.value]
        first, end = floor(naive(where.start), interval.value), naive(where.end)  # empty points are shown too
        if (end - first) / step > MAX_POINTS:
            raise RangeTooLong(f"At most {MAX_POINTS} points; one each {interval.value} is too many for this range.")
        key = queries.time_key(interval)
        rows = await self._grouped(key, scope, where, coarsest=interval.value, limit=MAX_POINTS + 2, busiest=False)
        known = {row[0]: row for row in rows}
        count = max(0, -((first - end) // step))
        return [_point(first + n * step, known.get(first + n * step)) for n in range(count)]

    async def breakdown(
        self, scope: Scope, where: AnalyticsFilter, *, by: Dimension, limit: int = 20
    ) -> list[Breakdown]:
        bounded = max(1, min(limit, 500))
        rows = await self._grouped(queries.COLUMNS[by], scope, where, coarsest="day", limit=bounded, busiest=True)
        return [
            Breakdown(key=row[0], calls=row[1], error_rate=(row[3] + row[4]) / row[1], **_percentiles(row[9:]))
            for row in rows
        ]

    async def callers(self, scope: Scope, where: AnalyticsFilter, *, limit: int = 50) -> Callers:
        days = Piece("day", floor(naive(where.start), "day"), ceiling(naive(where.end), "day"))
        whole, *rows = await self._read(*queries.callers(days, scope, where, limit=max(1, min(limit, 500))))
        return Callers(calls=whole[1] or 0, apps=whole[2], subscriptions={row[0]: row[1] for row in rows})

    async def calls(
        self, scope: Scope, where: AnalyticsFilter, *, limit: int = 50, cursor: str | None = None
    ) -> CallPage:
        bounded = max(1, min(limit, 200))
        sql, arguments = queries.newest_calls(scope, where, limit=bounded, cursor=cursor)
        rows = await self._read(sql, arguments | {"start": naive(where.start), "end": naive(where.end)})
        items = [_call(row) for row in rows[:bounded]]
        if len(rows) <= bounded:
            return CallPage(items)
        last = rows[bounded - 1]
        return CallPage(items, encode_cursor(last[0].isoformat(), last[CALL_COLUMNS.index("decision_id")]))

    async def call(self, scope: Scope, decision_id: str) -> CallRecord | None:
        rows = await self._read(*queries.one_call(scope, decision_id))
        return _call(rows[0]) if rows else None

    async def sweep(self, now: datetime, retention: Retention) -> int:
        self._retention = retention
        await self._write(self._roll_up)
        return await self._write(lambda connection: rollups.sweep(connection, now, retention))

    async def forget(self, api_ids: frozenset[str]) -> None:
        await self._write(lambda connection: rollups.forget(connection, sorted(api_ids)))

    async def roll_up(self) -> None:
        """Bring the rollups up to date; done by itself from time to time."""
        await self._write(self._roll_up)

    async def ping(self) -> None:
        await self._read("SELECT 1", {})

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, self._shut)
        self._writer.shutdown()
        self._readers.shutdown()

    async def _grouped(
        self,
        key: str,
        scope: Scope,
        where: AnalyticsFilter,
        *,
        coarsest: str,
        limit: int,
        busiest: bool,
    ) -> list[tuple[Any, ...]]:
        parts = pieces(where.start, where.end, coarsest=coarsest, kept_since=self._kept_since())
        if not parts:
            return []
        return await self._read(*queries.grouped(key, parts, scope, where, limit=limit, busiest=busiest))

    def _kept_since(self) -> dict[str, datetime]:
        now = naive(self._clock.now())
        kept = {"call": self._retention.calls} | {level: getattr(self._retention, level) for level in STEPS}
        return {level: now - span for level, span in kept.items()}

    # ---- threads

    async def _write(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Shielded: a caller that goes away must not leave its batch half noticed."""
        future = asyncio.get_running_loop().run_in_executor(self._writer, self._guarded, work)
        return await asyncio.shield(future)

    def _guarded(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        try:
            with writing(self.path):
                return work(self._opened())
        except (duckdb.Error, OSError) as error:
            if _is_fatal(error):
                self._shut()  # opened again, from what is safe on the disk, by whoever comes next
            if "could not set lock" in str(error).lower():
                raise DataFolderInUse(str(self.path.parent)) from error
            raise _unavailable(error) from error

    async def _read(self, sql: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Rows. A question that takes too long is interrupted."""
        if self._connection is None:
            await self._write(lambda _: None)
        cursor, loop = self._cursor(), asyncio.get_running_loop()
        await self._turns.acquire()  # no more at work than there are threads: the time counts from the start
        timer = loop.call_later(QUERY_SECONDS, cursor.interrupt)
        rows = loop.run_in_executor(self._readers, _select, cursor, sql, arguments)

        def done(_: object) -> None:
            timer.cancel()
            self._turns.release()

        rows.add_done_callback(done)
        return await asyncio.shield(rows)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise AnalyticsUnavailable
        with _explained():
            return self._connection.cursor()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _open(self) -> duckdb.DuckDBPyConnection:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(mode=0o700)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": min(4, os.cpu_count() or 1),
            "temp_directory": str(self._scratch / "spill"),
            "autoinstall_known_extensions": False,
            "checkpoint_threshold": "64MB",
        }
        connection = duckdb.connect(str(self.path), config=settings)
        self.path.chmod(0o600)
        for statement in statements():
            connection.execute(statement)
        self._serial = ingest.last_serial(connection)
        self._fresh = 1  # whatever was not rolled up when the file was closed
        scratch = str(self._scratch).replace("'", "''")
        connection.execute(f"SET allowed_directories = ['{scratch}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _append(self, connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch) -> bool:
        scratch = self._scratch / "batch.json"
        if ingest.taken(connection, gateway_id, batch):
            return False
        serial, now = self._serial + 1, self._clock.now()
        try:
            with rollups.transaction(connection):
                ingest.insert(connection, gateway_id, batch, serial=serial, scratch=scratch, now=now)
        finally:
            scratch.unlink(missing_ok=True)
        self._serial = serial
        self._fresh += len(batch.records)
        return True

    def _is_due(self) -> bool:
        return self._fresh >= ROLL_UP_RECORDS or time.monotonic() - self._rolled_at > ROLL_UP_SECONDS

    def _roll_up(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._rolled_at = time.monotonic()
        if self._fresh:
            rollups.roll_up(connection, self._serial)
            self._fresh = 0

    def _shut(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with writing(self.path), contextlib.suppress(duckdb.Error):
                connection.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _select(cursor: duckdb.DuckDBPyConnection, sql: str, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    with _explained():
        try:
            return cursor.execute(sql, arguments).fetchall()
        finally:
            cursor.close()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> AnalyticsUnavailable:
    return AnalyticsUnavailable(f"{type(error).__name__}: {str(error).splitlines()[0][:300]}")


def _is_fatal(error: Exception) -> bool:
    return isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.ConnectionException)


def _percentiles(ranks: Any) -> dict[str, int]:
    return dict(zip(("p50_us", "p95_us", "p99_us"), map(value_of, ranks), strict=True))


def _point(at: datetime, row: tuple[Any, ...] | None) -> Point:
    aware = at.replace(tzinfo=UTC)
    if row is None:
        return Point(at=aware)
    return Point(
        at=aware,
        calls=row[1],
        ok=row[2],
        client_errors=row[3],
        server_errors=row[4],
        bytes_out=row[7],
        **_percentiles(row[9:]),
    )


def _call(row: tuple[Any, ...]) -> CallRecord:
    values = dict(zip(CALL_COLUMNS, row, strict=True))
    began, gateway_id = values.pop("began"), values.pop("gateway_id")
    return CallRecord(gateway_id, AccessRecord(at=began.replace(tzinfo=UTC), **values))
