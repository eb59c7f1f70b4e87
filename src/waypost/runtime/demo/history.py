"""A week of plausible calls: busier by day than by night and on weekdays than at weekends, now and then an error."""

from __future__ import annotations

import math
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.contracts.vocab import Refusal
from waypost.runtime.demo.content import Sample

DAYS = 7
BATCH = 5_000
SPOOL = "demo"
CALLS_AN_HOUR = 14


@dataclass(frozen=True, slots=True)
class Caller:
    """One subscription and what it calls: ``operations`` maps ``METHOD /path`` to the operation's id."""

    sample: Sample
    api_id: str
    version_id: str
    operations: dict[str, str]
    app_id: str
    subscription_id: str
    plan_id: str


def batches(callers: list[Caller], *, until: datetime) -> Iterator[UsageBatch]:
    """The week before ``until`` in numbered batches; the same for the same callers."""
    records = iter(sorted(_records(callers, until), key=lambda record: record.at))
    number = 0
    while chunk := tuple(islice(records, BATCH)):
        number += 1
        yield UsageBatch(spool=SPOOL, number=number, records=chunk)


def _records(callers: list[Caller], until: datetime) -> Iterator[AccessRecord]:
    for place, caller in enumerate(callers):
        chance = random.Random(place)  # noqa: S311 - plausible, not secret
        weight = 0.4 + chance.random() * 1.6
        for hour in range(DAYS * 24):
            start = until - timedelta(hours=DAYS * 24 - hour)
            for _ in range(_calls(start, weight, chance)):
                yield _record(caller, start + timedelta(seconds=chance.random() * 3600), chance)


def _calls(start: datetime, weight: float, chance: random.Random) -> int:
    day = 0.35 if start.weekday() >= 5 else 1.0
    wave = 0.25 + 0.75 * max(0.0, math.sin((start.hour - 5) / 16 * math.pi)) if 5 <= start.hour <= 21 else 0.2
    return round(CALLS_AN_HOUR * weight * day * wave * (0.7 + 0.6 * chance.random()))


def _record(caller: Caller, at: datetime, chance: random.Random) -> AccessRecord:
    calls = caller.sample.calls
    method, template, path, _ = chance.choices(calls, weights=[call[3] for call in calls])[0]
    status, code = chance.choices([(200, ""), (404, ""), (429, Refusal.RATE_LIMITED), (502, Refusal.UPSTREAM_ERROR)],
                                  weights=[960, 22, 12, 6])[0]  # fmt: skip
    if status == 200 and method == "POST":
        status = 201
    upstream = 0 if code == Refusal.RATE_LIMITED or caller.sample.mock else int(1000 * chance.lognormvariate(2.6, 0.55))
    return AccessRecord(
        at=at,
        decision_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        method=method,
        path=f"/{caller.sample.slug}{path}",
        status=status,
        duration_us=upstream + int(1000 * chance.lognormvariate(-0.3, 0.4)),
        upstream_us=upstream,
        bytes_in=chance.randint(0, 400) if method == "POST" else 0,
        bytes_out=chance.randint(180, 4_000),
        api_id=caller.api_id,
        version_id=caller.version_id,
        operation_id=caller.operations.get(f"{method} {template}", ""),
        app_id=caller.app_id,
        subscription_id=caller.subscription_id,
        plan_id=caller.plan_id,
        code=code,
        client_ip=f"192.0.2.{chance.randint(1, 254)}",
        user_agent="demo/1.0",
    )
