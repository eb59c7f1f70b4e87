"""Hub and gateway as separate processes, so that each can be killed alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.e2e.product import command, ok, until
from waypost.runtime.bootstrap import administrator
from waypost.runtime.container import open_parts
from waypost.runtime.settings import Settings


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Plant:
    """A hub and one gateway. ``start_*`` and ``kill_*`` act on one of them."""

    folder: Path
    hub_port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)
    token: str = ""
    enrolment: str = ""
    gateway_id: str = ""
    hub: subprocess.Popen[bytes] | None = None
    agent: subprocess.Popen[bytes] | None = None

    @property
    def hub_url(self) -> str:
        return f"http://127.0.0.1:{self.hub_port}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway_port}"

    def api(self) -> httpx.Client:
        """REST as the administrator."""
        return httpx.Client(
            base_url=f"{self.hub_url}/api/v1", headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )

    def start_hub(self) -> None:
        """Start the hub and wait until it is ready."""
        self.hub = self._start("serve", "--data", str(self.folder / "hub"), "--port", str(self.hub_port))
        until(lambda: _answers(f"{self.hub_url}/readyz"), seconds=60, what="the hub")

    def start_agent(self) -> None:
        """Start the gateway's agent; it starts the engine."""
        arguments = ["gateway", "run", "--hub", self.hub_url, "--data", str(self.folder / "gateway")]
        arguments += ["--port", str(self.gateway_port), "--public-url", self.gateway_url]
        self.agent = self._start(*arguments, WAYPOST_ENROLMENT_TOKEN=self.enrolment)
        until(lambda: _listens(self.gateway_port), seconds=60, what="the gateway")

    def _start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{arguments[0]}.log").open("ab")
        return subprocess.Popen(command(*arguments), stdout=log, stderr=log, env={**os.environ, **environment})

    def kill_hub(self) -> None:
        """SIGKILL, as a crash or the kernel would."""
        assert self.hub
        self.hub.kill()
        self.hub.wait(10)

    def kill_agent(self) -> None:
        """SIGKILL the agent alone; the engine is not its problem here."""
        assert self.agent
        self.agent.kill()
        self.agent.wait(10)

    def engine(self) -> psutil.Process:
        """The engine's process."""
        assert self.agent
        children = psutil.Process(self.agent.pid).children(recursive=True)
        return next(process for process in children if "envoy" in process.name())

    def stop(self) -> None:
        """End both gracefully, then whatever is left of them."""
        started = [process for process in (self.agent, self.hub) if process and process.poll() is None]
        families = [p for process in started for p in psutil.Process(process.pid).children(recursive=True)]
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        for process in families:
            if process.is_running():
                process.kill()


@contextmanager
def planted(folder: Path) -> Iterator[Plant]:
    """A running hub with an enrolled, running gateway."""
    plant = Plant(folder)
    try:
        plant.token = asyncio.run(_token(folder / "hub"))
        plant.start_hub()
        with plant.api() as admin:
            body = {"name": "Edge", "engine": "envoy", "mode": "remote", "public_url": plant.gateway_url}
            plant.gateway_id = ok(admin.post("/gateways", json=body), 201)["id"]
            plant.enrolment = ok(admin.post(f"/gateways/{plant.gateway_id}/enrolment-token"), 201)["token"]
        plant.start_agent()
        yield plant
    finally:
        plant.stop()


async def _token(data: Path) -> str:
    async with open_parts(Settings.load(data_dir=data), public_url="http://127.0.0.1") as parts:
        return (await administrator(parts, email="admin@example.org")).token.reveal()


def publish_orders(plant: Plant, definition: str, *, name: str = "Orders") -> dict[str, Any]:
    """A live API with a generous plan, an app, a subscription and a key."""
    with plant.api() as admin:
        team = ok(admin.post("/teams", json={"name": f"{name} team"}), 201)
        made = ok(admin.post("/apis/import", json={"content": definition, "owner_id": team["id"], "name": name}), 201)
        limits = {"rate_limits": [{"requests": 100_000, "seconds": 1}]}
        plan = ok(admin.post(f"/apis/{made['api']['id']}/plans", json={"name": "Open", "version": limits}), 201)
        asked = {"gateway_id": plant.gateway_id}
        deployment = ok(admin.post(f"/versions/{made['version']['id']}/deployments", json=asked), 201)
        receipt = ok(admin.get(f"/deployments/{deployment['id']}", params={"wait_seconds": 20}))
        assert receipt["state"] == "live", receipt
        app = ok(admin.post("/apps", json={"name": "Caller", "owner_id": team["id"]}), 201)
        asked = {"app_id": app["id"], "api_id": made["api"]["id"], "plan_id": plan["id"]}
        ok(admin.post("/subscriptions", json=asked), 201)
        key = ok(admin.post(f"/apps/{app['id']}/credentials", json={"name": "k"}), 201)
    url = f"{receipt['url']}/orders"
    until(lambda: httpx.get(url, headers={"x-api-key": key["key"]}).status_code == 200, what="the first call")
    return {**made, "app": app, "credential": key, "key": key["key"], "url": url, "team": team, "plan": plan}


def counted(plant: Plant, api_id: str) -> int:
    """Calls that the hub knows of."""
    with plant.api() as admin:
        return int(ok(admin.get("/analytics/summary", params={"api_id": api_id}))["calls"])


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
