"""Runs cases against one engine process: published together, played at the same time.

Cases of the same gateway settings share one publication. Where a case needs what the engine does not declare, this has
to be said by name, before publishing (:func:`waypost.contracts.ir.needs.missing`) or by the driver's degradation.
"""

from __future__ import annotations

import asyncio
import random
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waypost.contracts.drivers import Capability, DriverFactory, DriverOptions, GatewayDriver
from waypost.contracts.ir import ApiIR, GatewayIR, GatewaySettings, Grant, GrantDelta
from waypost.contracts.ir.dump import from_plain
from waypost.contracts.ir.needs import missing
from waypost.contracts.ir.validate import validate_api
from waypost.contracts.telemetry import AccessRecord
from waypost.testing.conformance import certificates, geoip, keyring
from waypost.testing.conformance.form import Step
from waypost.testing.conformance.given import Given
from waypost.testing.conformance.loading import Loaded
from waypost.testing.conformance.playing import Gateway, Play
from waypost.testing.conformance.report import REFUSED, Report, Result
from waypost.testing.conformance.variables import filled
from waypost.testing.conformance.wire import Address
from waypost.testing.engine import RunningEngine

HOST = "127.0.0.1"
_AT_ONCE = 12
_VENDOR = "waypost"
_OF_SETTINGS = {Capability.TRUSTED_PROXIES.value}
"""What the platform refuses when a gateway's settings are saved, so that no driver is asked for it."""
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody listens on, below those that systems give to outgoing connections."""
    for port in random.sample(_PORTS, len(_PORTS)):
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise RuntimeError("every port is taken")


async def run(cases: Sequence[Loaded], factory: DriverFactory) -> Report:
    """Start the engine, play ``cases``, end it."""
    began = time.monotonic()
    async with session_of(factory) as session:
        results = await session.play(cases)
        version = (await session.driver.observe()).version
    return Report(
        engine=session.driver.info.engine,
        version=version,
        results=sorted(results, key=lambda result: result.id),
        seconds=time.monotonic() - began,
    )


@asynccontextmanager
async def session_of(factory: DriverFactory) -> AsyncIterator[Session]:
    """A fresh engine with nothing on it."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory, tempfile.NamedTemporaryFile() as countries:
        countries.write(geoip.database())
        countries.flush()
        options = DriverOptions(
            gateway_id="gw_conformance",
            directory=directory,
            listen_host=HOST,
            listen_port=free_port(),
            concurrency=2,
            probe_token="prb_conformance",  # noqa: S106  (a name, and nobody else's gateway)
            geoip_database=countries.name,
        )
        async with RunningEngine(factory(options), f"http://{HOST}:{options.listen_port}") as engine:
            yield Session(engine=engine, port=options.listen_port)


@dataclass
class Session:
    """One engine and what was published on it last. ``born`` hears of every case before it is published."""

    engine: RunningEngine
    port: int
    revision: int = 0
    numbers: int = 0
    tls_port: int = field(default_factory=free_port)
    settled_seconds: float = 120.0
    born: Callable[[Given], None] = field(default=lambda given: None)
    _granting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _records: dict[str, AccessRecord] = field(default_factory=dict)
    _read: int = 0

    @property
    def shared(self) -> dict[str, Any]:
        """Variables that are the same for all cases."""
        return {"tls": certificates.listener(self.tls_port), "hs.secret": keyring.HS_SECRET}

    @property
    def driver(self) -> GatewayDriver:
        """The driver under test."""
        return self.engine.driver

    async def play(self, cases: Iterable[Loaded]) -> list[Result]:
        """Play cases; those of the same gateway settings are published together."""
        groups: dict[GatewaySettings, list[Loaded]] = {}
        for loaded in cases:
            groups.setdefault(self.settings(loaded), []).append(loaded)
        return [result for settings, group in groups.items() for result in await self._play(settings, group)]

    def settings(self, loaded: Loaded) -> GatewaySettings:
        """The gateway's settings of a case."""
        return loaded.changed(from_plain(GatewaySettings, filled(loaded.case.settings, self.shared)))

    async def given(self, loaded: Loaded) -> Given:
        """A case under names of its own, with its servers running. ValueError where it is wrong."""
        self.numbers += 1
        own = {"gateway.host": f"{HOST}:{self.port}", "closed": f"http://{HOST}:{free_port()}"}
        given = await Given.make(loaded, self.numbers, {**own, **self.shared})
        self.born(given)
        return given

    def lacking(self, given: Given) -> list[str]:
        """Capabilities that a case needs and the engine does not declare."""
        return sorted(feature.value for feature in given.needs - self.driver.info.capabilities)

    async def _play(self, settings: GatewaySettings, cases: Sequence[Loaded]) -> list[Result]:
        results: list[Result] = []
        async with AsyncExitStack() as stack:
            givens = []
            for loaded in cases:
                try:
                    givens.append(await self.given(loaded))
                except ValueError as error:
                    results.append(Result.failed(loaded, [f"the case is wrong: {error}"]))
                else:
                    stack.push_async_callback(givens[-1].stop)
            refusals = await self._publish(settings, givens)
            gate = asyncio.Semaphore(_AT_ONCE)
            results += await asyncio.gather(*(self._one(given, refusals, gate) for given in givens))
        return results

    async def _publish(self, settings: GatewaySettings, givens: Sequence[Given]) -> Refusals:
        """Everything in one go; what the driver said against it, by API id."""
        apis = [api for given in givens for api in given.apis.values()]
        refusals = Refusals()
        refusals.quarantined = {api.id: "; ".join(wrong) for api in apis if (wrong := self._guarded(api))}
        ir = GatewayIR(
            gateway_id="gw_conformance",
            settings=settings,
            apis=tuple(api for api in apis if api.id not in refusals.quarantined),
        )
        live_ids = {api.id for api in ir.apis}
        grants = [grant for given in givens for grant in given.grants.values() if grant.api_id in live_ids]
        try:
            await self._apply(ir, grants, refusals)
        except Exception as error:  # a driver that breaks down is an outcome, not the end of the suite
            refusals.everything = f"{type(error).__name__}: {error}"
            return refusals
        live = [api.id for api in ir.apis if api.id not in refusals.quarantined]
        await asyncio.gather(*(self._settled(api_id, refusals) for api_id in live))
        return refusals

    async def _apply(self, ir: GatewayIR, grants: Sequence[Grant], refusals: Refusals) -> None:
        plan = await self.driver.plan(ir)
        for item in plan.degradations:
            refusals.degraded.setdefault(item.api_id, set()).add(item.feature)
        result = await self.driver.apply(plan)
        refusals.quarantined |= {item.api_id: item.reason for item in result.outcomes if item.state == "quarantined"}
        await self._grant(grants, [], full=True)

    def _guarded(self, api: ApiIR) -> list[str]:
        """What the platform refuses before any engine is asked, as its agent does."""
        return [str(item) for item in validate_api(api)] or missing(api, self.driver.info.capabilities)

    async def _settled(self, api_id: str, refusals: Refusals) -> None:
        try:
            await self.engine.proved(api_id, seconds=self.settled_seconds)
        except AssertionError as error:
            refusals.quarantined[api_id] = f"never proved live: {error}"

    async def _grant(self, upsert: Sequence[Grant], remove: Sequence[str], *, full: bool = False) -> None:
        async with self._granting:
            before, self.revision = self.revision, self.revision + 1
            delta = GrantDelta(
                revision=self.revision, since=before, full=full, upsert=tuple(upsert), remove=tuple(remove)
            )
            await self.driver.apply_grants(delta)

    async def _one(self, given: Given, refusals: Refusals, gate: asyncio.Semaphore) -> Result:
        lacking = self.lacking(given)
        named = refusals.of(given)
        if lacking:
            features = refusals.features(given) | _OF_SETTINGS
            told = [feature for feature in lacking if feature in features or f"`{feature}`" in named]
            return Result.declared(given.loaded, told) if told else Result.silent(given.loaded, lacking)
        if named:
            return Result.failed(given.loaded, [named])
        async with gate:
            failures = await Play(given, self._gateway(given)).run()
        return Result.failed(given.loaded, failures) if failures else Result.passed(given.loaded)

    def _gateway(self, given: Given) -> Gateway:
        async def grant(upsert: Sequence[Grant], remove: Sequence[str]) -> None:
            await self._grant(upsert, remove)
            for api in given.apis.values():
                await self.engine.proved(api.id, seconds=self.settled_seconds)

        vendors = (_VENDOR, self.driver.info.engine)
        return Gateway(address=self._address, grant=grant, record=self._record, vendors=vendors)

    def _address(self, step: Step) -> Address:
        if not step.tls:
            return Address(host=HOST, port=self.port, source=step.source)
        context = certificates.client_context(step.tls)
        return Address(host=HOST, port=self.tls_port, tls=context, source=step.source)

    async def _record(self, decision: str) -> AccessRecord | None:
        for _ in range(300):
            self._read_log()
            if decision in self._records:
                return self._records[decision]
            await asyncio.sleep(0.05)
        return None

    def _read_log(self) -> None:
        path = self.driver.access_log()
        if path is None or not Path(path).exists():
            return
        with Path(path).open("rb") as log:
            log.seek(self._read)
            while (line := log.readline()).endswith(b"\n"):
                self._read = log.tell()
                with suppress(ValueError):
                    record = self.driver.parse_record(line)
                    self._records |= {record.decision_id: record} if record else {}


@dataclass
class Refusals:
    """What a driver said against a publication."""

    everything: str = ""
    degraded: dict[str, set[str]] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)

    def of(self, given: Given) -> str:
        """Why this case is not live, or nothing."""
        if self.everything:
            return f"nothing was published: {self.everything}"
        reasons = [self.quarantined[api.id] for api in given.apis.values() if api.id in self.quarantined]
        return f"{REFUSED}{'; '.join(reasons)}" if reasons else ""

    def features(self, given: Given) -> set[str]:
        """What was named as degraded on this case's APIs."""
        return set().union(*(self.degraded.get(api.id, set()) for api in given.apis.values()))
