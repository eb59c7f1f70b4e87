"""The agent with each real engine: what a consumer sees while things are killed around it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.integration.agent.fakes import FakeHub, alive, api, grant, settings, until
from waypost.contracts.ir import Upstream
from waypost.contracts.vocab import Engine
from waypost.integration.agent.app import run_agent
from waypost.integration.agent.options import Timing
from waypost.integration.agent.supervise import pick_free_port
from waypost.integration.gateways.registry import make_driver

pytestmark = pytest.mark.live


@pytest.fixture
async def hub() -> AsyncIterator[FakeHub]:
    fake = FakeHub()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(autouse=True, params=[Engine.ENVOY, Engine.HAPROXY], ids=str)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gateway, "engine", request.param)


class Gateway:
    """An agent with an engine in this loop, on a fixed port."""

    engine = Engine.ENVOY

    def __init__(self, root: Path, hub: FakeHub, **changes: Any) -> None:
        self.root = root
        self.port = pick_free_port("127.0.0.1")
        self.settings = settings(
            root,
            hub.url,
            [],
            driver_factory=partial(make_driver, self.engine),
            listen_port=self.port,
            concurrency=1,
            timing=Timing(rotated_drain=1.0, backoff_most=0.5, health_every=0.5),
            **changes,
        )
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=5)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        stop = asyncio.Event()
        task = asyncio.create_task(run_agent(self.settings, stop=stop))
        try:
            yield self
        finally:
            stop.set()
            await task

    async def status(self, path: str, key: str = "key-1") -> int:
        try:
            return (await self.http.get(path, headers={"x-api-key": key})).status_code
        except httpx.TransportError:
            return 0

    async def until_status(self, path: str, expected: int, *, key: str = "key-1", seconds: float = 15) -> float:
        """Seconds until the path answers as expected."""
        started = time.monotonic()
        while (status := await self.status(path, key)) != expected:
            assert time.monotonic() - started < seconds, f"{path} answers {status}, not {expected}"
            await asyncio.sleep(0.005)
        return time.monotonic() - started

    def engine_pid(self) -> int:
        import json

        return int(json.loads((self.root / "gateway" / "engine.pid").read_text())["pid"])


async def published(gateway: Gateway, hub: FakeHub) -> None:
    hub.give(*(grant(number) for number in range(20)))
    hub.publish(api("a"), api("b"))
    await until(lambda: hub.state("api_a") == hub.state("api_b") == "live" and hub.grants_in_force == 20, seconds=30)


async def test_key_works_when_given_and_not_when_revoked(hub: FakeHub, tmp_path: Path) -> None:
    async with Gateway(tmp_path, hub).running() as gateway:
        await published(gateway, hub)
        assert await gateway.status("/a/hello") == 200
        assert await gateway.status("/a/hello", key="unknown") == 401
        hub.give(grant(500))
        assert await gateway.until_status("/a/hello", 200, key="key-500") < 1
        hub.revoke("grt_000500")
        assert await gateway.until_status("/a/hello", 401, key="key-500") < 1


async def test_a_killed_engine_serves_again_with_all_keys(hub: FakeHub, tmp_path: Path) -> None:
    async with Gateway(tmp_path, hub).running() as gateway:
        await published(gateway, hub)
        os.kill(gateway.engine_pid(), signal.SIGKILL)
        await gateway.until_status("/a/hello", 0)
        await gateway.until_status("/a/hello", 200)
        assert await gateway.status("/b/hello", key="unknown") in (401, 403)
        await until(lambda: hub.receipts[-1]["health"]["engine_restarts"] == 1)
        hub.publish(api("c"))
        await until(lambda: hub.state("api_c") == "live")


async def test_starts_without_hub_from_last_known_good(hub: FakeHub, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, hub)
    async with gateway.running():
        await published(gateway, hub)
    assert not alive_on(gateway.port)
    await hub.stop()
    async with gateway.running():
        await gateway.until_status("/a/hello", 200)
        assert await gateway.status("/a/hello", key="unknown") == 401
    await hub.start()


async def test_every_call_is_counted_once_through_rotation_and_absence_of_the_hub(hub: FakeHub, tmp_path: Path) -> None:
    async with Gateway(tmp_path, hub, log_rotate_bytes=400_000).running() as gateway:
        await published(gateway, hub)
        seen = len(hub.decisions)
        made = await hammer(gateway, calls=1500)
        await hub.stop()
        made += await hammer(gateway, calls=1500)
        await hub.start()
        await until(lambda: len(hub.decisions) - seen >= made, seconds=30)
    assert made == 3000
    assert len(hub.decisions) == len(set(hub.decisions)), "a call was counted twice"
    assert len(hub.decisions) - seen == made
    assert hub.dropped == 0


async def test_unpublishable_version_leaves_the_last_good_one_serving(hub: FakeHub, tmp_path: Path) -> None:
    async with Gateway(tmp_path, hub).running() as gateway:
        await published(gateway, hub)
        sound = api("a")
        version = replace(sound.versions[0], upstream=Upstream(url="ftp://nowhere"))
        hub.publish(replace(sound, versions=(version,)), api("b", body="changed"))
        await until(lambda: hub.state("api_a") == "quarantined")
        await until(lambda: (hub.last("api_b")["state"]) == "live")
        assert await gateway.status("/a/hello") == 200
        assert await gateway.status("/b/hello") in (401, 403), "served, and for its own subscribers only"


async def test_no_request_fails_while_apis_and_keys_change(hub: FakeHub, tmp_path: Path) -> None:
    async with Gateway(tmp_path, hub).running() as gateway:
        await published(gateway, hub)
        load = asyncio.create_task(hammer(gateway, calls=800))
        for number in range(15):
            hub.publish(api("b", body=f"version {number}"), api(f"new{number}"))
            hub.give(grant(1000 + number))
            await asyncio.sleep(0.05)
        assert await load == 800
        await until(lambda: hub.state("api_new14") == "live")


async def hammer(gateway: Gateway, *, calls: int) -> int:
    """Make calls with a known key; how many were answered 200."""

    async def some(count: int) -> int:
        return sum([await gateway.status("/a/hello") == 200 for _ in range(count)])

    return sum(await asyncio.gather(*(some(calls // 10) for _ in range(10))))


def alive_on(port: int) -> bool:
    return any(
        alive(connection.pid)
        for connection in psutil.net_connections("tcp")
        if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN" and connection.pid
    )
