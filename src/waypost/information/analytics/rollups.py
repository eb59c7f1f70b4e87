"""Rolling up, merging and dropping. All of it runs on the one writer thread, each step in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import duckdb

from waypost.information.analytics.histogram import bucket_sql
from waypost.information.analytics.ranges import floor
from waypost.information.analytics.schema import KEYS, LEVELS, SUMS, rollup
from waypost.information.analytics.store import Retention

_KEYS = ", ".join(KEYS)
_SUMS = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in SUMS)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.begin()
    try:
        yield
        connection.commit()
    except BaseException:
        with suppress(duckdb.Error):  # the first error may have ended the transaction
            connection.rollback()
        raise


def roll_up(connection: duckdb.DuckDBPyConnection, serial: int) -> None:
    """Bring the rollups up to the calls of batch ``serial``; each level from the one below, where groups are fewer."""
    keys = ", ".join(bucket_sql("duration_us") + " AS bucket" if key == "bucket" else key for key in KEYS)
    with transaction(connection):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT date_trunc('minute', began) AS began, {keys}, "  # noqa: S608
            "COUNT(*) AS calls, CAST(SUM(bytes_in) AS BIGINT) AS bytes_in, CAST(SUM(bytes_out) AS BIGINT) AS bytes_out "
            "FROM calls WHERE serial > (SELECT rolled FROM progress) GROUP BY ALL"
        )
        for level in LEVELS:
            if level != "minute":
                connection.execute(
                    f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT date_trunc('{level}', began) AS began, {_KEYS}, "  # noqa: S608
                    f"{_SUMS} FROM grouped GROUP BY ALL"
                )
            connection.execute(f"INSERT INTO {rollup(level)} BY NAME SELECT * FROM grouped")  # noqa: S608
        connection.execute("UPDATE progress SET rolled = ?", [serial])


def sweep(connection: duckdb.DuckDBPyConnection, now: datetime, retention: Retention) -> int:
    """Drop what is too old and merge the rows of periods that are over; rows dropped. Roll up first."""
    utc = now.astimezone(UTC).replace(tzinfo=None)
    kept = {"calls": retention.calls} | {rollup(level): getattr(retention, level) for level in LEVELS}
    dropped = 0
    for table, keep in kept.items():
        gone = connection.execute(f"DELETE FROM {table} WHERE began < ?", [utc - keep]).fetchone()  # noqa: S608
        dropped += int(gone[0]) if gone else 0
    for level in LEVELS:
        _compact(connection, level, utc)
    connection.execute("CHECKPOINT")
    return dropped


def _compact(connection: duckdb.DuckDBPyConnection, level: str, now: datetime) -> None:
    """One row per group of a period that is over. What comes later stays correct, only in rows of its own."""
    noted = connection.execute("SELECT until FROM compacted WHERE level = ?", [level]).fetchone()
    span = [noted[0] if noted else datetime(1970, 1, 1), floor(now, level)]  # noqa: DTZ001 - UTC without a zone
    if span[1] <= span[0]:
        return
    table = rollup(level)
    with transaction(connection):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT began, {_KEYS}, {_SUMS} FROM {table} "  # noqa: S608
            "WHERE began >= ? AND began < ? GROUP BY ALL ORDER BY began, api_id",
            span,
        )
        connection.execute(f"DELETE FROM {table} WHERE began >= ? AND began < ?", span)  # noqa: S608
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM grouped")  # noqa: S608
        connection.execute("DELETE FROM compacted WHERE level = ?", [level])
        connection.execute("INSERT INTO compacted VALUES (?, ?)", [level, span[1]])


def forget(connection: duckdb.DuckDBPyConnection, api_ids: list[str]) -> None:
    """Every trace of these APIs' calls."""
    with transaction(connection):
        for table in ("calls", *(rollup(level) for level in LEVELS)):
            connection.execute(f"DELETE FROM {table} WHERE list_contains(?::VARCHAR[], api_id)", [api_ids])  # noqa: S608
