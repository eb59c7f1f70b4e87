"""Made-up calls for analytics tests."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from waypost.contracts.telemetry import AccessRecord, UsageBatch


def call(at: datetime, decision_id: str = "d1", **more: Any) -> AccessRecord:
    """One call, a plain success unless said otherwise."""
    values: dict[str, Any] = {"method": "GET", "path": "/pets", "status": 200, "duration_us": 1000, "api_id": "api_1"}
    return AccessRecord(at=at, decision_id=decision_id, **(values | more))


def many(start: datetime, count: int, *, seed: int = 1, step: timedelta = timedelta(seconds=7)) -> list[AccessRecord]:
    """A plausible mix over APIs, apps, statuses and latencies."""
    chance = random.Random(seed)
    return [
        call(
            start + n * step + timedelta(microseconds=chance.randrange(1_000_000)),
            f"d{seed}_{n:07}",
            status=chance.choice([200, 200, 200, 201, 304, 404, 429, 500, 503]),
            duration_us=int(chance.lognormvariate(9, 1.2)),
            api_id=f"api_{chance.randrange(3)}",
            app_id=chance.choice(["app_1", "app_2", ""]),
            version_id=f"ver_{chance.randrange(2)}",
            code=chance.choice(["", "", "rate_limited"]),
            bytes_in=chance.randrange(100),
            bytes_out=chance.randrange(5000),
        )
        for n in range(count)
    ]


def batch(number: int, *records: AccessRecord, spool: str = "s1") -> UsageBatch:
    """A batch of a spool."""
    return UsageBatch(spool=spool, number=number, records=records)
