"""A child is kept running and ended; an orphan is found, and nothing else is touched."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from waypost.kit.supervise import Backoff, ChildSpec, Supervisor, end_orphan, write_record

QUICK = Backoff(first=0.01, most=0.1)
SLEEPER = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal,time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
)


async def until(check: Callable[[], object], seconds: float = 10) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not check():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def test_killed_child_is_started_again_and_stopped_for_good() -> None:
    lines: list[str] = []
    child = Supervisor(ChildSpec(argv=SLEEPER, env=os.environ), backoff=QUICK, on_line=lines.append)
    await child.start()
    await until(lambda: lines == ["up"])
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: child.restarts == 1 and child.pid not in (None, first) and len(lines) == 2)
    second = child.pid
    await child.stop()
    assert not child.running and second is not None and not psutil.pid_exists(second)


async def test_child_that_ignores_the_polite_signal_is_killed() -> None:
    lines: list[str] = []
    child = Supervisor(ChildSpec(argv=STUBBORN, env=os.environ, stop_seconds=0.1), on_line=lines.append)
    await child.start()
    await until(lambda: lines)
    pid = child.pid
    await child.stop()
    assert pid is not None and not psutil.pid_exists(pid)


async def test_child_that_dies_at_once_is_not_started_in_a_busy_loop() -> None:
    backoff = Backoff(first=0.05, most=10, healthy=60)
    ends: list[int] = []
    child = Supervisor(
        ChildSpec(argv=(sys.executable, "-c", "raise SystemExit(7)"), env=os.environ),
        backoff=backoff,
        on_exit=lambda code, _: ends.append(code),
    )
    await child.start()
    await asyncio.sleep(1.0)
    await child.stop()
    assert 1 <= len(ends) <= 6 and ends[0] == 7


async def test_missing_program_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await Supervisor(ChildSpec(argv=("/nowhere/engine",))).start()


async def test_recorded_orphan_is_ended(tmp_path: Path) -> None:
    orphan = await asyncio.create_subprocess_exec(*SLEEPER, stdout=asyncio.subprocess.DEVNULL)
    write_record(tmp_path / "pid", orphan.pid)
    assert await end_orphan(tmp_path / "pid", ("other", "command"), stop_seconds=2)
    assert not psutil.pid_exists(orphan.pid)


async def test_number_that_was_given_to_another_process_is_left_alone(tmp_path: Path) -> None:
    other = await asyncio.create_subprocess_exec(*SLEEPER, stdout=asyncio.subprocess.DEVNULL)
    record = tmp_path / "pid"
    write_record(record, other.pid)
    noted = json.loads(record.read_text())
    for wrong in ({"create_time": noted["create_time"] - 100}, {"exe": "/usr/bin/other"}):
        record.write_text(json.dumps({**noted, **wrong}))
        assert not await end_orphan(record, ("other", "command"), stop_seconds=2)
    assert other.returncode is None
    other.kill()
    await other.wait()
