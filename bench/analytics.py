"""How many call records a second the hub takes for good: JSON to disk, ledger, three rollups, commit with fsync."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.analytics import AnalyticsFilter, Dimension, Interval, Scope, open_analytics
from waypost.kit.clock import FakeClock

START = datetime(2026, 7, 15, tzinfo=UTC)


def records(count: int, *, begin: datetime, rate: int, apis: int = 500) -> tuple[AccessRecord, ...]:
    """Calls as a gateway with ``apis`` APIs sees them at ``rate`` a second, a few APIs much busier than the rest."""
    chance = random.Random(count)
    made = []
    for n in range(count):
        api = min(int(chance.paretovariate(0.8)), apis)
        app = chance.randrange(20)
        made.append(
            AccessRecord(
                at=begin + timedelta(seconds=n / rate),
                decision_id=f"{chance.getrandbits(128):032x}",
                method="GET",
                path=f"/orders/{chance.randrange(10**6)}",
                status=chance.choices([200, 404, 429, 500], [95, 2, 2, 1])[0],
                duration_us=int(chance.lognormvariate(9, 0.6)),
                upstream_us=5000,
                bytes_out=2048,
                api_id=f"api_01jd0000000000000000000{api:03}",
                version_id=f"ver_01jd0000000000000000000{api:03}",
                operation_id=f"op_01jd000000000000000000{api:03}{chance.randrange(8)}",
                app_id=f"app_01jd0000000000000000000{app:03}",
                subscription_id=f"sub_01jd000000000000000{app:03}{api:03}",
                plan_id="plan_01jd0000000000000000000001",
                client_ip=f"10.0.{chance.randrange(256)}.{chance.randrange(256)}",
                user_agent="python-httpx/0.28.1",
            )
        )
    return tuple(made)


async def measure(total: int, size: int, directory: Path) -> dict[str, float]:
    """Append ``total`` records in batches of ``size``, then ask what the portal asks."""
    clock = FakeClock(START + timedelta(hours=1))
    store = await open_analytics(directory / "bench.duckdb", clock=clock)
    batches = [
        UsageBatch(
            spool="s", number=n + 1, records=records(size, begin=START + n * timedelta(seconds=5), rate=size // 5)
        )
        for n in range(total // size)
    ]
    begin = time.perf_counter()
    for batch in batches:
        assert await store.append("gw_1", batch)
    seconds = time.perf_counter() - begin
    where = AnalyticsFilter(start=START - timedelta(days=1, seconds=-13), end=START + timedelta(hours=1))
    asked = {}
    for name, question in {
        "summary": store.summary(Scope.all(), where),
        "series": store.series(Scope.all(), where, interval=Interval.MINUTE),
        "breakdown": store.breakdown(Scope.all(), where, by=Dimension.API),
        "calls": store.calls(Scope.all(), where),
    }.items():
        begin = time.perf_counter()
        await question
        asked[f"{name}_ms"] = round((time.perf_counter() - begin) * 1000, 1)
    assert (await store.summary(Scope.all(), where)).calls == len(batches) * size
    await store.close()
    size_mb = (directory / "bench.duckdb").stat().st_size / 1e6
    return {
        "records": len(batches) * size,
        "per_second": round(len(batches) * size / seconds),
        "file_mb": round(size_mb, 1),
        **asked,
    }


def main() -> None:
    """``make bench NAME=analytics``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--batch", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        figures = asyncio.run(measure(arguments.records, arguments.batch, Path(directory)))
    for name, value in figures.items():
        print(f"{name:>14}  {value:,}")
    print(json.dumps({"analytics": figures}))


if __name__ == "__main__":
    main()
