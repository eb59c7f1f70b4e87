"""Writing: batches in, old rows out. All of it runs on the one writer thread.

A batch travels into DuckDB as one JSON file: orjson writes dataclasses and DuckDB reads JSON natively, which is faster
than any row-wise interface (see ``bench/analytics.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import orjson

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.analytics.histogram import bucket_sql
from waypost.information.analytics.schema import KEYS, LEVELS, NUMBERS, SUMS, TEXTS, rollup
from waypost.information.analytics.store import Retention

AHEAD = timedelta(minutes=10)  # a gateway's clock may run ahead by this much, calls further on count as now
OBJECT_BYTES = 256 * 1024 * 1024
_READ = ", ".join(["'at': 'TIMESTAMP'", *(f"'{n}': 'VARCHAR'" for n in TEXTS), *(f"'{n}': 'BIGINT'" for n in NUMBERS)])
_KEYS = ", ".join(KEYS)
_SUMS = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in SUMS)


def taken(connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch) -> bool:
    """Whether this batch was taken before."""
    last = connection.execute(
        "SELECT number FROM ledger WHERE gateway_id = ? AND spool = ?", [gateway_id, batch.spool]
    ).fetchone()
    return last is not None and last[0] >= batch.number


def insert(
    connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch, *, scratch: Path, now: datetime
) -> None:
    """Records, rollups and the ledger's entry, in the transaction that the caller has begun."""
    if batch.records:
        scratch.write_bytes(_json(batch.records))
        latest = now.astimezone(UTC).replace(tzinfo=None)
        _stage(connection, gateway_id, scratch, latest)
        connection.execute("INSERT INTO calls BY NAME SELECT * FROM staged")
        _roll_up(connection)
    _note(connection, gateway_id, batch)


def _json(records: Sequence[AccessRecord]) -> bytes:
    try:
        return orjson.dumps(records, option=orjson.OPT_UTC_Z)
    except TypeError:  # a lone surrogate, which no UTF-8 text can hold
        return orjson.dumps([_clean(record) for record in records], option=orjson.OPT_UTC_Z)


def _clean(record: AccessRecord) -> AccessRecord:
    texts = {name: getattr(record, name).encode("utf-8", "replace").decode() for name in TEXTS}
    return replace(record, **texts)


def _stage(connection: duckdb.DuckDBPyConnection, gateway_id: str, scratch: Path, latest: datetime) -> None:
    texts = ", ".join(TEXTS)
    clamped = [f"least(greatest({n}, 0), {999 if n == 'status' else 2**53}) AS {n}" for n in NUMBERS]
    began = f'CASE WHEN "at" > $latest + INTERVAL {int(AHEAD.total_seconds())} SECOND THEN $latest ELSE "at" END'
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {began} AS began, $gateway AS gateway_id, {texts}, "  # noqa: S608
        f"{', '.join(clamped)} "
        f"FROM read_json($file, format='array', columns={{{_READ}}}, maximum_object_size={OBJECT_BYTES})",
        {"latest": latest, "gateway": gateway_id, "file": str(scratch)},
    )


def _roll_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Each level from the one below it: the groups get fewer."""
    keys = ", ".join(bucket_sql("duration_us") + " AS bucket" if key == "bucket" else key for key in KEYS)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT date_trunc('minute', began) AS began, {keys}, "  # noqa: S608
        "COUNT(*) AS calls, CAST(SUM(bytes_in) AS BIGINT) AS bytes_in, CAST(SUM(bytes_out) AS BIGINT) AS bytes_out "
        "FROM staged GROUP BY ALL"
    )
    connection.execute(f"INSERT INTO {rollup('minute')} BY NAME SELECT * FROM grouped")  # noqa: S608
    for level in ("hour", "day"):
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT date_trunc('{level}', began) AS began, {_KEYS}, {_SUMS} "  # noqa: S608
            "FROM grouped GROUP BY ALL"
        )
        connection.execute(f"INSERT INTO {rollup(level)} BY NAME SELECT * FROM grouped")  # noqa: S608


def _note(connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch) -> None:
    arguments = [batch.number, gateway_id, batch.spool]
    known = connection.execute(
        "UPDATE ledger SET number = ? WHERE gateway_id = ? AND spool = ? RETURNING number", arguments
    ).fetchone()
    if known is None:
        connection.execute("INSERT INTO ledger(number, gateway_id, spool) VALUES (?, ?, ?)", arguments)


def sweep(connection: duckdb.DuckDBPyConnection, now: datetime, retention: Retention) -> int:
    """Drop what is too old and merge the rows of periods that are over; rows dropped. Own transactions."""
    dropped = 0
    utc = now.astimezone(UTC).replace(tzinfo=None)
    for table, keep in (("calls", retention.calls), *((rollup(level), getattr(retention, level)) for level in LEVELS)):
        gone = connection.execute(f"DELETE FROM {table} WHERE began < ?", [utc - keep]).fetchone()  # noqa: S608
        dropped += int(gone[0]) if gone else 0
    for level in LEVELS:
        _compact(connection, level, utc)
    connection.execute("CHECKPOINT")
    return dropped


def _compact(connection: duckdb.DuckDBPyConnection, level: str, now: datetime) -> None:
    """One row per group instead of one per batch. What comes late stays correct, only uncompacted."""
    name = f"compacted_{level}"
    noted = connection.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
    since = datetime.fromisoformat(noted[0]) if noted else datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone
    until = _floor(now, level)
    if until <= since:
        return
    table = rollup(level)
    span = [since, until]
    connection.begin()
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE grouped AS SELECT began, {_KEYS}, {_SUMS} FROM {table} "  # noqa: S608
            "WHERE began >= ? AND began < ? GROUP BY ALL ORDER BY began, api_id",
            span,
        )
        connection.execute(f"DELETE FROM {table} WHERE began >= ? AND began < ?", span)  # noqa: S608
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM grouped")  # noqa: S608
        connection.execute("DELETE FROM meta WHERE name = ?", [name])
        connection.execute("INSERT INTO meta VALUES (?, ?)", [name, until.isoformat()])
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _floor(at: datetime, level: str) -> datetime:
    cut = at.replace(second=0, microsecond=0)
    if level == "minute":
        return cut
    return cut.replace(minute=0) if level == "hour" else cut.replace(hour=0, minute=0)


def forget(connection: duckdb.DuckDBPyConnection, api_ids: list[str]) -> None:
    """Every trace of these APIs' calls."""
    connection.begin()
    try:
        for table in ("calls", *(rollup(level) for level in LEVELS)):
            connection.execute(f"DELETE FROM {table} WHERE list_contains(?::VARCHAR[], api_id)", [api_ids])  # noqa: S608
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
