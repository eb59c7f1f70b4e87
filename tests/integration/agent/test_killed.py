"""``kill -9`` of the agent at any instant: nothing lost, nothing twice, one engine."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.agent.fakes import FakeHub, alive, api, call, grant, until
from waypost.kit.supervise import end_orphan

ROOT = Path(__file__).parents[3]
SEED = 20261122


@pytest.fixture(autouse=True)
async def no_engine_left_behind(tmp_path: Path) -> AsyncIterator[None]:
    yield
    await end_orphan(tmp_path / "gateway" / "engine.pid", ("no such command",), stop_seconds=2)


@asynccontextmanager
async def agent(root: Path, hub: FakeHub) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.agent.agent_process", str(root), hub.url, "enrol-me"),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Calls:
    """Writes the access log as an engine does: whole lines, a few at a time, never stopping for the agent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0

    async def run(self) -> None:
        while True:
            with self.path.open("a") as log:
                for _ in range(random.randint(1, 20)):
                    self.written += 1
                    log.write(json.dumps({"id": f"call-{self.written}", "path": "/a/hello"}) + "\n")
            await asyncio.sleep(0.01)


async def test_every_call_is_counted_once_while_the_agent_is_killed_again_and_again(
    hub: FakeHub, tmp_path: Path
) -> None:
    random.seed(SEED)
    (tmp_path / "gateway" / "engine").mkdir(parents=True)
    calls = Calls(tmp_path / "gateway" / "engine" / "access.log")
    writing = asyncio.create_task(calls.run())
    for life in range(7):
        streams, arrived = len(hub.streams), len(hub.arrivals)
        async with agent(tmp_path, hub):
            if life == 5:
                await asyncio.sleep(random.uniform(0.5, 1.0))
                await hub.start()
            await until(lambda s=streams, a=arrived: len(hub.streams) > s and len(hub.arrivals) > a)
            if life == 4:
                await hub.stop()
            await asyncio.sleep(random.uniform(0, 0.5))
    writing.cancel()
    async with agent(tmp_path, hub) as process:
        await until(lambda: len(hub.decisions) >= calls.written, seconds=30)
        process.terminate()
        await process.wait()
    assert len(hub.decisions) == calls.written, "a call was counted twice"
    assert {f"call-{number + 1}" for number in range(calls.written)} == set(hub.decisions)
    assert hub.dropped == 0


async def test_engine_of_a_killed_agent_serves_on_and_the_next_agent_replaces_it(hub: FakeHub, tmp_path: Path) -> None:
    async with agent(tmp_path, hub):
        hub.publish(api("a"))
        hub.give(*(grant(number) for number in range(100)))
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 100)
    orphan = _engine_pid(tmp_path)
    assert alive(orphan)
    port = int(psutil.Process(orphan).cmdline()[-1])
    assert await call(port, "/a/hello") == 200
    hub.receipts.clear()
    async with agent(tmp_path, hub) as process:
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 100)
        second = _engine_pid(tmp_path)
        assert second != orphan and not alive(orphan)
        assert await call(port, "/a/hello") == 200, "the picked port is kept"
        process.terminate()
        assert await process.wait() == 0
    assert not alive(second)


async def test_orphan_is_found_without_its_record(hub: FakeHub, tmp_path: Path) -> None:
    async with agent(tmp_path, hub):
        await until(lambda: hub.receipts)
        orphan = _engine_pid(tmp_path)
    (tmp_path / "gateway" / "engine.pid").unlink()
    async with agent(tmp_path, hub) as process:
        await until(lambda: not alive(orphan))
        process.terminate()
        await process.wait()


def _engine_pid(root: Path) -> int:
    return int(json.loads((root / "gateway" / "engine.pid").read_text())["pid"])
