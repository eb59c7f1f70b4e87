"""The agent's own page, and its end together with its parent."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.integration.agent.fakes import QUICK, FakeDriver, FakeHub, api, call, grant, running, settings, until
from waypost.contracts.ir import GatewaySettings
from waypost.integration.agent.app import run_agent
from waypost.integration.agent.failures import PortTaken
from waypost.integration.agent.supervise import pick_free_port


async def test_page_shows_what_the_gateway_does(hub: FakeHub, tmp_path: Path) -> None:
    port = pick_free_port("127.0.0.1")
    drivers: list[FakeDriver] = []
    async with (
        running(settings(tmp_path, hub.url, drivers, health_port=port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as page,
    ):
        hub.publish(api("a"), api("b", mocked=False))
        hub.give(grant(1))
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 1 and hub.state("api_b"))
        shown = (await page.get("/healthz")).json()
        assert (await page.get("/readyz")).status_code == 200
        assert (shown["apis_serving"], shown["apis_quarantined"], shown["grants_revision"]) == (1, ["api_b"], 1)
        metrics = (await page.get("/metrics")).text
        for line in ("gateway_apis_applied 1.0", "gateway_apis_quarantined 1.0", "gateway_grants 1.0"):
            assert line in metrics.splitlines()
        assert (await page.get("/other")).json()["code"] == "not_found"
        assert (await page.post("/healthz")).status_code == 405
        assert "server" not in (await page.get("/healthz")).headers


async def test_an_empty_gateway_is_up_to_date_once_it_takes_calls_with_the_settings_of_the_hub(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.settings = GatewaySettings(problem_base="https://hub.example/problems/")
    drivers: list[FakeDriver] = []
    seldom = replace(QUICK, health_every=600.0)
    async with running(settings(tmp_path, hub.url, drivers, timing=seldom)):
        await until(lambda: hub.receipts and hub.receipts[-1]["health"]["up_to_date"])
        await call(drivers[0].options.listen_port, "/nothing")
        assert drivers[0].settings == hub.settings
    assert not hub.receipts[0]["health"]["up_to_date"], "nothing is in force yet when the agent begins"


async def test_taken_health_port_is_named(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=f"{hub.port} for the agent's health page"):
        await run_agent(settings(tmp_path, hub.url, [], health_port=hub.port))


async def test_agent_ends_with_its_parent(hub: FakeHub, tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(600)")
    task = asyncio.create_task(run_agent(settings(tmp_path, hub.url, [], parent_pid=parent.pid)))
    await until(lambda: hub.receipts)
    assert not task.done()
    parent.kill()
    await parent.wait()
    await asyncio.wait_for(task, 10)


async def test_agent_that_waits_for_its_hub_ends_with_its_parent_too(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(600)")
    task = asyncio.create_task(run_agent(settings(tmp_path, "http://127.0.0.1:9", [], parent_pid=parent.pid)))
    await asyncio.wait({task}, timeout=0.3)
    parent.kill()
    await parent.wait()
    await asyncio.wait_for(task, 10)
