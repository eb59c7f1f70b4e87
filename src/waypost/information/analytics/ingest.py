"""Taking batches. All of it runs on the one writer thread.

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
from waypost.information.analytics.schema import DOUBLES, NUMBERS, TEXTS

AHEAD = timedelta(minutes=10)  # a gateway's clock may run ahead by this much, calls further on count as now
OBJECT_BYTES = 256 * 1024 * 1024
_KINDS = {"VARCHAR": TEXTS, "BIGINT": NUMBERS, "DOUBLE": DOUBLES}
_READ = ", ".join(["'at': 'TIMESTAMP'", *(f"'{name}': '{kind}'" for kind, names in _KINDS.items() for name in names)])


def taken(connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch) -> bool:
    """Whether this batch was taken before."""
    last = connection.execute(
        "SELECT number FROM ledger WHERE gateway_id = ? AND spool = ?", [gateway_id, batch.spool]
    ).fetchone()
    return last is not None and last[0] >= batch.number


def last_serial(connection: duckdb.DuckDBPyConnection) -> int:
    """The highest serial ever given to a batch that is still of importance."""
    row = connection.execute("SELECT greatest((SELECT MAX(serial) FROM calls), rolled) FROM progress").fetchone()
    return int(row[0]) if row else 0


def insert(
    connection: duckdb.DuckDBPyConnection,
    gateway_id: str,
    batch: UsageBatch,
    *,
    serial: int,
    scratch: Path,
    now: datetime,
) -> None:
    """Records and the ledger's entry, in the transaction that the caller has begun."""
    if batch.records:
        scratch.write_bytes(_json(batch.records))
        latest = now.astimezone(UTC).replace(tzinfo=None)
        _read(connection, {"latest": latest, "gateway": gateway_id, "file": str(scratch), "serial": serial})
    _note(connection, gateway_id, batch)


def _json(records: Sequence[AccessRecord]) -> bytes:
    try:
        return orjson.dumps(records, option=orjson.OPT_UTC_Z)
    except TypeError:  # a lone surrogate, which no UTF-8 text can hold
        return orjson.dumps([_clean(record) for record in records], option=orjson.OPT_UTC_Z)


def _clean(record: AccessRecord) -> AccessRecord:
    texts = {name: getattr(record, name).encode("utf-8", "replace").decode() for name in TEXTS}
    return replace(record, **texts)


def _read(connection: duckdb.DuckDBPyConnection, arguments: dict[str, object]) -> None:
    texts = ", ".join(TEXTS)
    clamped = [f"least(greatest({n}, 0), {999 if n == 'status' else 2**53}) AS {n}" for n in NUMBERS]
    clamped += [f"CASE WHEN isfinite({n}) THEN greatest({n}, 0) ELSE 0 END AS {n}" for n in DOUBLES]
    began = f'CASE WHEN "at" > $latest + INTERVAL {int(AHEAD.total_seconds())} SECOND THEN $latest ELSE "at" END'
    connection.execute(
        f"INSERT INTO calls BY NAME SELECT $serial AS serial, {began} AS began, $gateway AS gateway_id, "  # noqa: S608
        f"{texts}, {', '.join(clamped)} "
        f"FROM read_json($file, format='array', columns={{{_READ}}}, maximum_object_size={OBJECT_BYTES})",
        arguments,
    )


def _note(connection: duckdb.DuckDBPyConnection, gateway_id: str, batch: UsageBatch) -> None:
    arguments = [batch.number, gateway_id, batch.spool]
    known = connection.execute(
        "UPDATE ledger SET number = ? WHERE gateway_id = ? AND spool = ? RETURNING number", arguments
    ).fetchone()
    if known is None:
        connection.execute("INSERT INTO ledger(number, gateway_id, spool) VALUES (?, ?, ?)", arguments)
