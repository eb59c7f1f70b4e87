"""The meter on real files: rotation, torn lines, a full disk."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.agent.fakes import QUICK, FakeDriver, until
from waypost.contracts.drivers import DriverOptions
from waypost.integration.agent import spool as spool_module
from waypost.integration.agent.meter import Meter
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.spool import Spool


class Log:
    """An engine's access log: keeps its file open and opens a new one when told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.file = path.open("a")

    def write(self, count: int) -> None:
        for _ in range(count):
            self.count += 1
            self.file.write(json.dumps({"id": str(self.count), "path": "/a"}) + "\n")
        self.file.flush()

    async def reopen(self) -> None:
        self.file.close()
        self.file = self.path.open("a")


class Metering:
    def __init__(self, root: Path, *, rotate_bytes: int = 10**9, backlog_bytes: int = 10**9) -> None:
        self.driver = FakeDriver(DriverOptions(gateway_id="g", directory=str(root)))
        self.log = Log(root / "access.log")
        self.driver.reopen_log = self.log.reopen  # type: ignore[method-assign]
        self.spool = Spool(root / "spool", max_bytes=10**9)
        self.spool.load()
        self.metrics = AgentMetrics()
        self.meter = Meter(
            self.driver,
            root / "access.log",
            self.spool,
            metrics=self.metrics,
            timing=QUICK,
            rotate_bytes=rotate_bytes,
            backlog_bytes=backlog_bytes,
        )

    def ids(self) -> list[int]:
        """Ids of all records in the spool, in order."""
        found = []
        for number in sorted(self.spool.waiting):
            payload = json.loads(self.spool.payload(self.spool.waiting[number]))
            found += [int(record["decision_id"]) for record in payload["records"]]
        return found

    def dropped(self) -> int:
        return sum(batch.dropped for batch in self.spool.waiting.values())


async def test_rotated_log_is_read_to_its_end_before_the_new_one(tmp_path: Path) -> None:
    metering = Metering(tmp_path, rotate_bytes=2000)
    task = asyncio.create_task(metering.meter.run())
    for _ in range(40):
        metering.log.write(20)
        await asyncio.sleep(0.01)
    await until(lambda: len(metering.ids()) == metering.log.count)
    await until(lambda: not list(tmp_path.glob("access.log.*")), what="what has been read is deleted")
    task.cancel()
    assert metering.ids() == list(range(1, metering.log.count + 1))


async def test_half_a_line_waits_for_its_rest(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    metering.log.write(1)
    metering.log.file.write('{"id": "2", "pa')
    metering.log.file.flush()
    await metering.meter.drain()
    assert metering.ids() == [1]
    metering.log.file.write('th": "/a"}\n')
    metering.log.file.flush()
    await metering.meter.drain()
    assert metering.ids() == [1, 2]


async def test_unreadable_lines_are_counted_and_probes_are_not(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    metering.log.file.write('no json\n{"id": "9", "path": "/health"}\n')
    metering.log.write(1)
    await metering.meter.drain()
    assert metering.ids() == [1] and metering.dropped() == 1


async def test_goes_on_where_it_was_also_when_only_probes_came_since(tmp_path: Path) -> None:
    first = Metering(tmp_path)
    first.log.write(5)
    await first.meter.drain()
    second = Metering(tmp_path)
    second.log.count = 5
    second.log.write(5)
    await second.meter.drain()
    assert second.ids() == list(range(1, 11))


async def test_truncated_log_is_read_from_its_beginning(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    metering.log.write(5)
    await metering.meter.drain()
    (tmp_path / "access.log").write_text("")
    metering.log.write(1)
    await metering.meter.drain()
    assert metering.ids() == [1, 2, 3, 4, 5, 6]


async def test_full_disk_loses_nothing_while_the_log_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metering = Metering(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(spool_module, "write_atomic", _full)
        metering.log.write(30)
        with pytest.raises(OSError, match="No space"):
            await metering.meter.step()
    await metering.meter.drain()
    assert metering.ids() == list(range(1, 31))


async def test_full_disk_for_too_long_is_counted_and_frees_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waypost.integration.agent.meter.FULL_DISK_PAUSE", 0.05)
    metering = Metering(tmp_path, rotate_bytes=2000, backlog_bytes=3000)
    with monkeypatch.context() as patched:
        patched.setattr(spool_module, "write_atomic", _full)
        task = asyncio.create_task(metering.meter.run())
        metering.log.write(200)
        await until(lambda: metering.spool.total_dropped == 200)
        await until(lambda: (tmp_path / "access.log").stat().st_size == 0, what="the log is rotated away")
        await until(lambda: not list(tmp_path.glob("access.log.*")))
    metering.log.write(10)
    await until(lambda: len(metering.ids()) == 10)
    task.cancel()
    assert metering.ids() == list(range(201, 211)) and metering.dropped() == 200


async def test_batches_are_cut_at_once_when_the_hub_keeps_up_and_held_when_it_does_not(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    task = asyncio.create_task(metering.meter.run())
    for _ in range(50):
        metering.log.write(1)
        await asyncio.sleep(0.01)
    await until(lambda: len(metering.ids()) == 50)
    task.cancel()
    assert 1 < len(metering.spool.waiting) < 12


async def test_batch_that_is_being_written_while_the_agent_ends_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metering = Metering(tmp_path)
    started, add = threading.Event(), metering.spool.add

    def slow(*arguments: Any, **options: Any) -> None:
        started.set()
        time.sleep(0.1)
        add(*arguments, **options)

    monkeypatch.setattr(metering.spool, "add", slow)
    metering.log.write(5)
    task = asyncio.create_task(metering.meter.run())
    await until(started.is_set)
    task.cancel()
    await asyncio.wait({task})
    metering.log.write(1)
    await metering.meter.drain()
    assert metering.ids() == [1, 2, 3, 4, 5, 6]


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")
