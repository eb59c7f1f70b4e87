"""The agent put together: enrol, load the last known good state, start the engine, follow the hub, end in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog

from waypost import __version__
from waypost.contracts.agent import GatewayHealth, StreamRequest
from waypost.contracts.drivers import DriverOptions, EngineStatus
from waypost.contracts.ir import GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.integration.agent.codec import ApisNews
from waypost.integration.agent.deploy import Deployer
from waypost.integration.agent.enrol import identify
from waypost.integration.agent.grantlog import GrantLog
from waypost.integration.agent.grants import GrantsWorker
from waypost.integration.agent.health import HealthPage
from waypost.integration.agent.hub import HubClient
from waypost.integration.agent.meter import Meter
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.options import AgentSettings
from waypost.integration.agent.parent import watch_parent
from waypost.integration.agent.probe import Prober
from waypost.integration.agent.reports import Reports
from waypost.integration.agent.shipper import Shipper
from waypost.integration.agent.spool import Spool
from waypost.integration.agent.state import DataDirectory, Identity, StateStore
from waypost.integration.agent.stream import Stream
from waypost.integration.agent.supervise import EngineProcess
from waypost.kit.clock import SystemClock
from waypost.kit.crypto import Secret
from waypost.kit.watch import unless

log = structlog.get_logger("agent")
HOUSEKEEPING = 1.0
CONNECT_POLL = 0.01


async def run_agent(settings: AgentSettings, *, stop: asyncio.Event | None = None) -> None:
    """Run until SIGTERM, SIGINT, ``stop`` or the end of ``parent_pid``. Raises an AgentFailure it cannot go on from."""
    stopping = stop or asyncio.Event()
    _on_signals(stopping)
    watching = [asyncio.create_task(watch_parent(settings.parent_pid, stopping))] if settings.parent_pid else []
    directory = DataDirectory(settings.data_dir)
    hub = HubClient(settings)
    try:
        await directory.lock(wait=settings.timing.lock_wait)
        store = StateStore(directory, directory.sealer())
        identity = await unless(identify(settings, hub, store), stopping.wait())
        if identity is not None:
            agent = Agent(settings, identity, hub, directory, store)
            await agent.run(stopping)
    finally:
        for task in watching:
            task.cancel()
        await hub.close()
        directory.unlock()


class Agent:
    """All parts of one agent. ``run`` starts them, waits, and ends them in order."""

    def __init__(
        self,
        settings: AgentSettings,
        identity: Identity,
        hub: HubClient,
        directory: DataDirectory,
        store: StateStore,
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._timing = settings.timing
        hub.credential = Secret(identity.credential)
        self.metrics = AgentMetrics()
        self.driver = settings.driver_factory(_driver_options(settings, identity, directory))
        self.engine = EngineProcess(self.driver, record=directory.root / "engine.pid", timing=self._timing)
        self.reports = Reports(hub, health=self.health, timing=self._timing)
        self._kept = GrantLog(directory.root / "grants.log", directory.sealer())
        self.grants = GrantsWorker(self.driver, self._kept, self.reports, metrics=self.metrics, clock=SystemClock())
        self._prober = Prober(settings.listen_host, identity.listen_port, deadline=self._timing.verify_deadline)
        self.deployer = Deployer(
            self.driver,
            self.engine,
            self._prober,
            store,
            self.reports,
            gateway_id=identity.gateway_id,
            metrics=self.metrics,
            timing=self._timing,
        )
        self.spool = Spool(directory.root / "spool", max_bytes=settings.spool_max_bytes)
        self._hub = hub
        self.stream = Stream(hub, self, timing=self._timing, on_connect=self.reports.repeat)
        self._meter: Meter | None = None
        self._shipper: Shipper | None = None
        self._page: HealthPage | None = None
        self._status = EngineStatus(running=False)
        self._connected = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until told to stop."""
        await self._open_page()
        try:
            self._load()
            await self.driver.start()
            await self.engine.start(host=self._settings.listen_host, port=self._identity.listen_port)
            await self._work(stopping)
        finally:
            await self._end()

    def holds(self) -> StreamRequest:
        """What the hub need not send again."""
        return StreamRequest(
            apis=self.deployer.holds(),
            settings_hash=content_hash(self.deployer.overview.settings),
            grants_revision=self.grants.revision,
            grants_mark=self.grants.mark,
            capabilities=tuple(sorted(self.driver.info.capabilities)),
        )

    def take_apis(self, news: ApisNews) -> None:
        """News for the routes."""
        self.deployer.take(news)

    def take_grants(self, delta: GrantDelta) -> None:
        """News for the grants."""
        self.grants.take(delta)

    async def health(self) -> GatewayHealth:
        """How the gateway is."""
        self._show_gauges()
        return GatewayHealth(
            engine_running=self.engine.running,
            engine_version=self._status.version,
            agent_version=__version__,
            engine_restarts=self.engine.restarts,
            spool_batches=len(self.spool.waiting),
            spool_bytes=self.spool.size,
            records_dropped=self.spool.total_dropped,
            address=self._address(),
            applied_apis=self.deployer.serving,
            up_to_date=self.engine.running and self.deployer.up_to_date,
        )

    async def report(self) -> dict[str, Any]:
        """What ``/healthz`` shows."""
        ready = self.engine.running and self.deployer.settled.is_set() and await self.driver.ready()
        return {
            "ready": ready,
            "gateway_id": self._identity.gateway_id,
            "address": self._address(),
            "engine_running": self.engine.running,
            "engine_pid": self.engine.pid,
            "engine_version": self._status.version,
            "engine_restarts": self.engine.restarts,
            "stream_connected": self.stream.connected,
            "stream_error": "" if self.stream.connected else self.stream.last_error,
            "apis_serving": self.deployer.serving,
            "apis_quarantined": sorted(self.deployer.desired.quarantined()),
            "apis_held": sorted(self.deployer.desired.held),
            "grants_revision": self.grants.in_force,
            "spool_batches": len(self.spool.waiting),
            "spool_bytes": self.spool.size,
            "records_dropped": self.spool.total_dropped,
        }

    def _load(self) -> None:
        self._kept.load()
        self.deployer.load()
        self.grants.load()
        self.spool.load()
        log.info("agent.loaded", apis=len(self.deployer.desired.apis), grants=len(self._kept.grants))

    async def _work(self, stopping: asyncio.Event) -> None:
        jobs: list[Coroutine[Any, Any, None]] = [
            self._connect(),
            self._once_connected(self.grants.run()),
            self._once_connected(self.deployer.run()),
            self.stream.run(),
            self.reports.run(),
            self._housekeep(),
            self._observe(),
            *self._metering(),
        ]
        tasks = [asyncio.create_task(job) for job in jobs]
        stopped = asyncio.create_task(stopping.wait())
        try:
            # None of them ends by itself: one that does has failed, and the agent must not go on without it.
            done, _ = await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()
        finally:
            for task in (stopped, *tasks):
                task.cancel()
            await asyncio.gather(stopped, *tasks, return_exceptions=True)

    async def _connect(self) -> None:
        """Notice the moment that a starting engine takes configuration; then only wait."""
        while not (await self.driver.observe()).running:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(CONNECT_POLL)
        self._connected.set()
        await asyncio.Event().wait()

    async def _once_connected(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await self._connected.wait()
        except asyncio.CancelledError:
            work.close()
            raise
        await work

    def _metering(self) -> list[Coroutine[Any, Any, None]]:
        path = self.driver.access_log()
        if path is None:
            return []
        self._meter = Meter(
            self.driver,
            Path(path),
            self.spool,
            metrics=self.metrics,
            timing=self._timing,
            rotate_bytes=self._settings.log_rotate_bytes,
            backlog_bytes=self._settings.spool_max_bytes,
        )
        self._shipper = Shipper(self._hub, self.spool, self._meter, metrics=self.metrics, timing=self._timing)
        return [self._meter.run(), self._shipper.run()]

    async def _end(self) -> None:
        """The engine first, so that its last calls are in the log; then what is left goes to the hub, within bounds."""
        log.info("agent.ending")
        for step in (self.engine.stop, self._ship_rest, self._kept.flush, self.driver.stop, self._close):
            try:
                await step()
            except Exception:
                log.exception("agent.ending_failed", step=step.__name__)

    async def _ship_rest(self) -> None:
        if self._meter is None or self._shipper is None:
            return
        await self._meter.drain()
        try:
            await asyncio.wait_for(self._shipper.rest(), self._timing.final_ship)
        except TimeoutError:
            log.warning("agent.left_in_spool", batches=len(self.spool.waiting))

    async def _close(self) -> None:
        await self._prober.close()
        if self._page is not None:
            await self._page.stop()

    async def _open_page(self) -> None:
        if self._settings.health_port is not None:
            host, port = self._settings.health_host, self._settings.health_port
            self._page = HealthPage(self.report, self.metrics, host=host, port=port)
            log.info("agent.health_page", port=await self._page.start())

    async def _housekeep(self) -> None:
        told = False
        while True:
            await asyncio.sleep(HOUSEKEEPING)
            if self.deployer.settled.is_set() and not told:
                told = True
                self._settings.on_settled()
            await self._kept.settle()
            self._show_gauges()

    async def _observe(self) -> None:
        """Ask the engine what it runs; bring back what it lost."""
        if await self.engine.wait_ready(self._timing.engine_ready):
            self._status = await self.driver.observe()
        while True:
            await asyncio.sleep(self._timing.observe_every)
            try:
                before = self.deployer.live_hashes()
                self._status = await self.driver.observe()
                if self._status.running:
                    self._compare(before)
            except Exception:
                log.exception("agent.observe_failed")

    def _compare(self, before: dict[str, str]) -> None:
        """Only what nobody changed while the engine was being asked."""
        now = self.deployer.live_hashes()
        stable = {key for key, value in before.items() if now.get(key) == value}
        differing = {key for key in stable if self._status.applied.get(key) != before[key]}
        if differing:
            log.warning("agent.drift", apis=sorted(differing)[:20], count=len(differing))
            self.deployer.check_again(differing)

    def _show_gauges(self) -> None:
        self.metrics.engine_running.set(self.engine.running)
        self.metrics.engine_restarts.set(self.engine.restarts)
        self.metrics.stream_connected.set(self.stream.connected)

    def _address(self) -> str:
        if self._settings.public_url:
            return self._settings.public_url
        host = self._settings.listen_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._identity.listen_port}"


def _driver_options(settings: AgentSettings, identity: Identity, directory: DataDirectory) -> DriverOptions:
    return DriverOptions(
        gateway_id=identity.gateway_id,
        directory=str(directory.root / "engine"),
        listen_host=settings.listen_host,
        listen_port=identity.listen_port,
        concurrency=settings.concurrency,
        probe_token=identity.probe_token,
        allow_private_upstreams=settings.allow_private_upstreams,
        geoip_database=settings.geoip_database,
    )


def _on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
