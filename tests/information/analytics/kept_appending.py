"""Run as a program: append batches for ever, saying which are acknowledged, until killed.

``python kept_appending.py FILE FIRST``: batch ``n`` holds ``n % 50`` records whose ``bytes_out`` is ``n``.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.analytics import Retention, duckdb, open_analytics
from waypost.kit.clock import FakeClock

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def batch(number: int) -> UsageBatch:
    """Batch ``number``, always the same one."""
    plain = {"method": "GET", "path": "/", "status": 200, "duration_us": 1000, "bytes_out": number, "api_id": "api_1"}
    at = NOW - timedelta(minutes=number % 3000)
    records = [AccessRecord(at=at, decision_id=f"d{number}_{n}", **plain) for n in range(number % 50)]
    return UsageBatch(spool="s", number=number, records=tuple(records))


async def main(path: Path, first: int) -> None:
    """Append, roll up and sweep all the time, so that a kill meets each of them."""
    duckdb.ROLL_UP_RECORDS = 200
    store = await open_analytics(path, clock=FakeClock(NOW))
    print("ready", flush=True)
    number = first
    while True:
        await store.append("gw", batch(number))
        print(number, flush=True)
        if number % 37 == 0:
            await store.sweep(NOW, Retention())
        number += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
