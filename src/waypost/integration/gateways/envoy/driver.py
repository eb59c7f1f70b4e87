"""The Envoy driver: what the agent talks to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx

from waypost.contracts.drivers import (
    ApplyResult,
    Capability,
    Discovery,
    DriverInfo,
    DriverOptions,
    DriverPlan,
    EngineStatus,
    PermanentError,
    Probe,
    ProcessSpec,
    TemporaryError,
)
from waypost.contracts.ir import GatewayIR, GatewaySettings, GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import Engine
from waypost.integration.gateways.driver import changes
from waypost.integration.gateways.envoy import access_log, bootstrap, listeners, resources
from waypost.integration.gateways.envoy.admin import Admin
from waypost.integration.gateways.envoy.deployment import Deployment
from waypost.integration.gateways.envoy.filters import limiters
from waypost.integration.gateways.envoy.live import LiveState
from waypost.integration.gateways.envoy.names import EXTENSION, LISTENER
from waypost.integration.gateways.envoy.xds import AdsServer, Item

CAPABILITIES = frozenset(
    [
        *(Capability.KEY_AUTH_HEADER, Capability.KEY_AUTH_QUERY, Capability.KEY_AUTH_COOKIE, Capability.KEY_HIDE),
        *(
            Capability.QUOTA_BYTES,
            Capability.QUOTA_HEADER,
            Capability.RATE_LIMIT,
            Capability.QUOTA,
            Capability.CORS,
            Capability.HEADERS,
            Capability.PATH_REWRITE,
        ),
        *(Capability.JWT, Capability.JWT_EDDSA, Capability.JWT_HS256, Capability.JWT_CLAIMS, Capability.BASIC),
        *(Capability.JWT_CLAIM_NAMES, Capability.MOCK_LARGE),
        *(Capability.ANY_OF, Capability.ANONYMOUS, Capability.SCOPES, Capability.ROLES),
        *(Capability.IP, Capability.TRUSTED_PROXIES, Capability.MAINTENANCE, Capability.HOURS),
        *(
            Capability.UNMATCHED,
            Capability.HOST,
            Capability.SIZES_REQUEST,
            Capability.COST,
            Capability.RATE_LIMIT_BURST,
            Capability.RATE_LIMIT_BY_APP,
            Capability.RATE_LIMIT_BY_PLAN,
            Capability.RATE_LIMIT_BY_API,
            Capability.RATE_LIMIT_BY_OPERATION,
            Capability.RATE_LIMIT_BY_IP,
            Capability.RATE_LIMIT_BY_CLAIM,
            Capability.CONCURRENCY,
            Capability.MTLS,
            Capability.SIZES_RESPONSE,
            Capability.INTROSPECTION,
            Capability.TEMPLATES,
            Capability.QUERY,
        ),
        *(Capability.TIMEOUT, Capability.MOCK, Capability.PROBLEM_JSON, Capability.LIVE_GRANTS),
    ]
)

INFO = DriverInfo(
    engine=Engine.ENVOY,
    title="Envoy",
    tested_versions=("1.40.0",),
    capabilities=CAPABILITIES,
    config_schema={
        "type": "object",
        "properties": {"concurrency": {"type": "integer", "minimum": 0, "title": "Worker threads (0 = one per core)"}},
        "additionalProperties": False,
    },
)


class EnvoyDriver:
    """One Envoy process, configured over delta xDS."""

    info = INFO

    def __init__(self, options: DriverOptions) -> None:
        self.options = options
        if options.geoip_database:
            self.info = replace(INFO, capabilities=CAPABILITIES | {Capability.COUNTRIES})
        self.port = options.listen_port or bootstrap.free_port(options.listen_host)
        self._paths = bootstrap.files(options)
        self._ads = AdsServer(self._paths.xds_socket)
        self._admin = Admin(self._paths.admin_socket)
        self._live = LiveState(self._ads, probe_token=options.probe_token)
        self._settings_hash = ""
        self._grants_revision = 0
        self._applying = asyncio.Lock()
        self._granting = asyncio.Lock()
        self._shards_dirty: set[str] = set()
        self._started = False

    async def start(self) -> None:
        """Open the xDS socket and write the bootstrap file. Idempotent."""
        if self._started:
            return
        bootstrap.write(self.options, self._paths)
        empty = limiters.extensions(frozenset(), {})
        self._ads.preset(EXTENSION, {name: Item("0", config) for name, config in empty.items()})
        await self._ads.start()
        self._started = True

    async def stop(self) -> None:
        """Close the xDS socket."""
        await self._ads.stop()
        await self._admin.close()
        self._started = False

    def process(self) -> ProcessSpec:
        """How to run Envoy."""
        return bootstrap.process(self.options, self._paths)

    async def ready(self) -> bool:
        """True when Envoy is live and follows this driver."""
        return self._ads.connected and await self._admin.ready()

    async def plan(self, ir: GatewayIR) -> DriverPlan:
        """Compare with what Envoy acknowledged."""
        settings_changed = content_hash(ir.settings) != self._settings_hash
        return DriverPlan(ir=ir, changes=changes(ir, self._live.apis), settings_changed=settings_changed)

    async def apply(self, plan: DriverPlan) -> ApplyResult:
        """Bring the plan into force; see ``contracts.drivers``."""
        async with self._applying:
            self._require_engine()
            await self._apply_settings(plan.ir.settings)
            allow_private = self.options.allow_private_upstreams
            deployment = Deployment(self._live, plan, capabilities=self.info.capabilities, allow_private=allow_private)
            outcomes = await deployment.run()
            await self._refresh()
            return ApplyResult(outcomes=outcomes)

    async def apply_grants(self, delta: GrantDelta) -> None:
        """Bring grants into force, also while an ``apply`` runs. Whatever fails stays due until a later call."""
        async with self._granting:
            touched = self._live.book.apply(delta)
            for api_id in touched.apis:
                self._live.dirty[api_id] = delta.revision
            self._shards_dirty |= touched.shards
            self._require_engine()
            await self._adapt_shards()
            await self._refresh(frozenset(self._shards_dirty))
            self._grants_revision = delta.revision

    async def observe(self) -> EngineStatus:
        """What Envoy acknowledged; nothing while it is not connected."""
        if not self._ads.connected:
            return EngineStatus(running=False)
        return EngineStatus(
            running=True,
            version=await self._admin.version(),
            applied={api_id: held.content_hash for api_id, held in self._live.apis.items()},
            grants_revision=self._grants_revision,
        )

    async def discover(self) -> Discovery:
        """Everything on this Envoy is the driver's own, so its acknowledged state is the whole."""
        if not self._ads.connected:
            return Discovery(status="failed", reason="the engine is not connected")
        return Discovery(status="complete", api_ids=tuple(sorted(self._live.apis)))

    def probe(self, api_id: str) -> Probe | None:
        """A request that tells the content hash and the grants' revision that the data path holds."""
        held = self._live.apis.get(api_id)
        if held is None:
            return None
        token = self.options.probe_token
        return resources.probe(held.api, token=token, content_hash=held.content_hash, revision=held.revision)

    def access_log(self) -> str:
        """Path of the access log."""
        return self._paths.access_log

    def parse_record(self, line: bytes) -> AccessRecord | None:
        """One line of the access log; ValueError for a line that is none."""
        return access_log.parse(line, self._api_of_segment, self._live.unit_of)

    async def reopen_log(self) -> None:
        """Have Envoy open its log anew; TemporaryError when it does not answer."""
        try:
            await self._admin.reopen_logs()
        except httpx.HTTPError as error:
            raise TemporaryError(f"the engine did not reopen its log: {error}") from error

    def _require_engine(self) -> None:
        if not self._ads.connected:
            raise TemporaryError("the engine is not connected")

    async def _apply_settings(self, settings: GatewaySettings) -> None:
        wanted = content_hash(settings)
        if wanted == self._settings_hash:
            return
        served = listeners.of_settings(
            settings, host=self.options.listen_host, port=self.port, log_path=self._paths.access_log
        )
        gone = self._ads.names(LISTENER) - served.keys()
        error = await self._ads.put(LISTENER, {name: Item(wanted, item) for name, item in served.items()}, gone)
        if error:
            raise PermanentError(f"the engine refused the gateway's settings: {error}")
        self._settings_hash = wanted
        self._live.change_settings(settings)

    async def _refresh(self, shards: frozenset[str] = frozenset()) -> None:
        """Send what is due. Side by side, the APIs first: a revoked key is unknown one answer of the engine sooner."""
        due = [api_id for api_id in self._live.dirty if api_id in self._live.apis]
        apis = (self._live.refresh(api_id) for api_id in due)
        errors = await asyncio.gather(*apis, self._live.replace_shards(shards))
        refused = [f"{name}: {error}" for name, error in zip((*due, "known keys"), errors, strict=True) if error]
        if refused:
            raise PermanentError(f"the engine refused grants: {'; '.join(refused)[:2000]}")
        self._shards_dirty -= shards

    async def _adapt_shards(self) -> None:
        """Split shards that grew too large; rare, and the one time when all APIs are sent again."""
        shards = self._live.book.shards
        width = shards.better_width()
        if width is None:
            return
        self._shards_dirty |= set(shards)
        shards.resize(width)
        self._shards_dirty |= set(shards)
        self._live.recompile()

    def _api_of_segment(self, segment: str) -> str:
        return self._live.segments.get(segment, "")
