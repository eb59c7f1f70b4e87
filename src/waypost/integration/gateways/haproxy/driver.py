"""The HAProxy driver: what the agent talks to."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from waypost.contracts.drivers import (
    ApplyResult,
    Discovery,
    DriverInfo,
    DriverOptions,
    DriverPlan,
    EngineStatus,
    Probe,
    ProcessSpec,
    TemporaryError,
)
from waypost.contracts.ir import GatewayIR, GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.driver import changes
from waypost.integration.gateways.haproxy import access_log, bootstrap
from waypost.integration.gateways.haproxy.capabilities import CAPABILITIES
from waypost.integration.gateways.haproxy.config import probe_segment
from waypost.integration.gateways.haproxy.deployment import Deployment
from waypost.integration.gateways.haproxy.live import LiveState
from waypost.integration.gateways.haproxy.names import HASH_HEADER, REVISION_HEADER
from waypost.integration.gateways.haproxy.runtime import Processes

log = structlog.get_logger("gateways.haproxy")

INFO = DriverInfo(
    engine=Engine.HAPROXY,
    title="HAProxy",
    tested_versions=("2.8.25",),
    capabilities=CAPABILITIES,
    config_schema={
        "type": "object",
        "properties": {"concurrency": {"type": "integer", "minimum": 0, "title": "Worker threads (0 = one per core)"}},
        "additionalProperties": False,
    },
)
_FOLLOW_SECONDS = 0.1


class HaproxyDriver:
    """One HAProxy: a master and its workers, configured by files and over the master's socket."""

    info = INFO

    def __init__(self, options: DriverOptions) -> None:
        self.options = options
        self.port = options.listen_port or bootstrap.free_port(options.listen_host)
        self._paths = bootstrap.files(options)
        self._live = LiveState(options, self._paths, self.port)
        self._applying = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Write an empty configuration. Idempotent."""
        if self._following is not None:
            return
        await self._live.write_empty()
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """End what ``start`` began."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
            self._following = None

    def process(self) -> ProcessSpec:
        """How to run HAProxy."""
        return bootstrap.process(self._paths)

    async def ready(self) -> bool:
        """True when a worker serves that knows all grants."""
        processes = await self._live.runtime.processes()
        return processes is not None and processes.worker == self._live.workers.synced

    async def plan(self, ir: GatewayIR) -> DriverPlan:
        """Compare with what was loaded."""
        settings_changed = content_hash(ir.settings) != self._live.settings_hash
        return DriverPlan(ir=ir, changes=changes(ir, self._live.apis), settings_changed=settings_changed)

    async def apply(self, plan: DriverPlan) -> ApplyResult:
        """Bring the plan into force; see ``contracts.drivers``."""
        async with self._applying:
            await self._require_engine()
            deployment = Deployment(self._live, plan, allow_private=self.options.allow_private_upstreams)
            return ApplyResult(outcomes=await deployment.run())

    async def apply_grants(self, delta: GrantDelta) -> None:
        """Bring grants into force, also while an ``apply`` runs."""
        await self._live.grant(delta)

    async def observe(self) -> EngineStatus:
        """What the engine runs; nothing while it does not."""
        processes = await self._live.runtime.processes()
        if processes is None:
            return EngineStatus(running=False)
        return EngineStatus(
            running=True,
            version=processes.version,
            applied={api_id: held.content_hash for api_id, held in self._live.apis.items()},
            grants_revision=self._live.revision,
        )

    async def discover(self) -> Discovery:
        """Everything on this engine is the driver's own, so what it loaded is the whole."""
        if await self._live.runtime.processes() is None:
            return Discovery(status="failed", reason="the engine does not run")
        return Discovery(status="complete", api_ids=tuple(sorted(self._live.apis)))

    def probe(self, api_id: str) -> Probe | None:
        """A request that tells the content hash and the grants' revision that the data path holds."""
        held = self._live.apis.get(api_id)
        if held is None:
            return None
        expected = {HASH_HEADER: held.content_hash, REVISION_HEADER: self._live.revision_of(api_id)}
        # A connection from before a reload is still served as before it.
        path = f"/{probe_segment(self.options.probe_token)}{held.api.base_path}/"
        return Probe(path=path, headers={"connection": "close"}, expect_headers=expected)

    def access_log(self) -> str:
        """Path of the access log."""
        return self._paths.access_log

    def parse_record(self, line: bytes) -> AccessRecord | None:
        """One line of the access log; ValueError for a line that is none."""
        return access_log.parse(line, self._live.api_of_segment)

    async def reopen_log(self) -> None:
        """Nothing to do: see ``ProcessSpec.stdout``."""

    async def _require_engine(self) -> Processes:
        processes = await self._live.runtime.processes()
        if processes is None:
            raise TemporaryError("the engine does not run", delay=0.2)
        return processes

    async def _follow(self) -> None:
        """Notice workers that began by themselves (a crash, a first start) and tell them what their files lack."""
        while True:
            try:
                await self._live.catch_up()
                await self._live.compact()
            except TemporaryError as error:
                log.debug("engine.not_now", reason=str(error)[:200])
            except Exception:
                log.exception("engine.follow_failed")
            await asyncio.sleep(_FOLLOW_SECONDS)
