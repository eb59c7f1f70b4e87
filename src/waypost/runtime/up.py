"""``waypost up``: hub, portal and an embedded gateway as one process tree from one command.

The hub runs in this process; the agent is a child, the engine the agent's child. Ctrl-C ends the agent first, so that
it can ship its last records, then the hub.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psutil
import structlog
from rich.console import Console

from waypost.application.parts import Parts
from waypost.kit.crypto import Secret
from waypost.kit.watch import unless
from waypost.runtime import bootstrap
from waypost.runtime.container import open_parts
from waypost.runtime.hub import hub_app
from waypost.runtime.ports import listen, reserve, shown
from waypost.runtime.serve import ChildServer, server_config
from waypost.runtime.settings import TOKEN_VARIABLE, Settings

log = structlog.get_logger()
READY_SECONDS = 120.0
AGENT_STOP_SECONDS = 12.0


class StartError(Exception):
    """The product could not be brought up; the message is for people."""


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What the command line adds to the settings."""

    demo: bool = True
    as_json: bool = False
    engine: str = "envoy"


async def up(settings: Settings, options: UpOptions) -> int:
    """Run until a signal; the exit code."""
    sockets = listen(settings.host, settings.port, option="--port")
    gateway_port = _gateway_port(settings)
    address = f"http://{shown(settings.host)}:{sockets.getsockname()[1]}"
    async with open_parts(settings, public_url=address) as parts:
        app = hub_app(parts, settings)
        server = ChildServer(server_config(app, settings))
        stop = _stop_event()
        serving = asyncio.create_task(server.serve(sockets=[sockets]))
        try:
            return await _run(parts, app, settings, options, address, gateway_port, stop, serving)
        finally:
            server.should_exit = True
            await serving


async def _run(
    parts: Parts,
    app: Any,
    settings: Settings,
    options: UpOptions,
    address: str,
    gateway_port: int,
    stop: asyncio.Event,
    serving: asyncio.Task[None],
) -> int:
    gateway_url = settings.gateway_public_url or f"http://{shown(settings.gateway_host)}:{gateway_port}"
    since = parts.clock.now()
    admin = await bootstrap.administrator(parts, email=settings.admin_email)
    async with bootstrap.in_process(app, admin.token) as client, _demo(parts, client, options) as demo:
        row, token = await bootstrap.embedded_gateway(client, public_url=gateway_url, engine=options.engine)
        async with _agent(settings, options, address, gateway_port, gateway_url, token) as agent:
            await _while_running(demo.seed(row["id"]), agent, stop)
            await _until_ready(client, row["id"], agent, stop, since=since)
            if not stop.is_set():
                _announce(options, hub=parts.public_url, gateway=gateway_url, admin=admin)
            return await _until_end(stop, agent, serving)


def _gateway_port(settings: Settings) -> int:
    """The gateway's port, checked to be free, unless a killed run left its engine there: the agent ends that one."""
    left_running = (settings.data_dir / "gateway" / "engine.pid").exists()
    if settings.gateway_port and left_running:
        return settings.gateway_port
    return reserve(settings.gateway_host, settings.gateway_port, option="--gateway-port")


@asynccontextmanager
async def _demo(parts: Parts, client: Any, options: UpOptions) -> AsyncIterator[Any]:
    from waypost.runtime.demo import Demo

    async with Demo(parts, client, enabled=options.demo) as demo:
        yield demo


@asynccontextmanager
async def _agent(
    settings: Settings, options: UpOptions, hub_url: str, port: int, public_url: str, token: Secret
) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [
        *(sys.executable, "-m", "waypost", "gateway", "run", "--hub", hub_url, "--engine", options.engine),
        *("--data", str(settings.data_dir / "gateway"), "--listen-host", settings.gateway_host),
        *("--port", str(port), "--public-url", public_url, "--parent-pid", str(os.getpid())),
        *("--health-port", "0", "--insecure-hub"),  # the hub is this process, at whatever address it listens
    ]
    environment = {**os.environ, TOKEN_VARIABLE: token.reveal()}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), AGENT_STOP_SECONDS)
    except TimeoutError:
        log.warning("the agent did not end in time", pid=process.pid)
        for left in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
            with suppress(psutil.NoSuchProcess):
                left.kill()  # the engine would outlive its agent on purpose; here nothing may be left behind
        await process.wait()


async def _while_running(
    seeding: Coroutine[Any, Any, None], agent: asyncio.subprocess.Process, stop: asyncio.Event
) -> None:
    """Make the demo, unless Ctrl-C or the agent's end comes first: the next start makes good what is half done."""
    await unless(seeding, stop.wait(), agent.wait())


async def _until_ready(
    client: Any, gateway_id: str, agent: asyncio.subprocess.Process, stop: asyncio.Event, *, since: datetime
) -> None:
    """Wait until the gateway is online, takes calls with the hub's settings, and serves with all grants in force."""
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while not stop.is_set():
        if agent.returncode is not None:
            raise StartError(f"The gateway's agent ended with code {agent.returncode}; its messages are above.")
        row = await bootstrap.call(client, "GET", f"/gateways/{gateway_id}")
        if _is_ready(row, since=since):
            return
        if asyncio.get_running_loop().time() > deadline:
            raise StartError(f"The gateway did not become ready within {READY_SECONDS:.0f} s: {row['state']}.")
        await asyncio.sleep(0.1)


def _is_ready(row: dict[str, Any], *, since: datetime) -> bool:
    """What an earlier run's agent reported (before ``since``) does not count."""
    if not row["last_seen_at"] or datetime.fromisoformat(row["last_seen_at"]) < since:
        return False
    health = row["health"] or {}
    serving = health.get("applied_apis", 0) > 0 or not row["deployments_count"]
    settled = row["grants_revision"] >= (row["desired_grants_revision"] or 0)
    return bool(row["state"] == "online" and health.get("up_to_date") and serving and settled)


def _announce(options: UpOptions, *, hub: str, gateway: str, admin: bootstrap.Administrator) -> None:
    if options.as_json:
        line = {"hub": hub, "gateway": gateway, "login": admin.login_url, "token": admin.token.reveal()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return
    console = Console(highlight=False)
    console.print(f"\n  Portal    [bold]{hub}[/bold]\n  Gateway   [bold]{gateway}[/bold]")
    label = "First login" if "token=" in admin.login_url else "Login"
    console.print(f"  {label}  {admin.login_url}\n\n  Ctrl-C ends it.\n", soft_wrap=True)


async def _until_end(stop: asyncio.Event, agent: asyncio.subprocess.Process, serving: asyncio.Task[None]) -> int:
    ended = asyncio.create_task(agent.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({ended, stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        return 0
    raise StartError(
        "The gateway's agent ended by itself; its messages are above." if ended.done() else "The hub ended."
    )


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop
