"""An Envoy for each test, or one for a whole module; tests publish APIs under names of their own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from waypost.contracts.drivers import ApplyResult, DriverOptions
from waypost.contracts.ir import (
    ApiIR,
    GatewayIR,
    GatewaySettings,
    Grant,
    GrantDelta,
    Plan,
    Route,
    Upstream,
    VersionIR,
)
from waypost.integration.gateways.envoy.driver import EnvoyDriver
from waypost.kit.crypto import Secret, sha256_hex
from waypost.testing.engine import NO_TLS, EchoUpstream, RunningEngine

_numbers = itertools.count(1)
SHARED = pytest.mark.asyncio(loop_scope="module")
ALONE = pytest.mark.asyncio(loop_scope="function")
GET_A = Route(id="op_a", method="GET", path="/a")


@dataclass
class Gateway:
    """The engine under test with what was published on it, and short ways to change that."""

    engine: RunningEngine
    upstream: EchoUpstream
    client: httpx.AsyncClient
    apis: dict[str, ApiIR] = field(default_factory=dict)
    settings: GatewaySettings = field(default_factory=lambda: GatewaySettings(realm="acme"))
    revision: int = 0

    @property
    def driver(self) -> EnvoyDriver:
        assert isinstance(self.engine.driver, EnvoyDriver)
        return self.engine.driver

    def api(self, *, routes: tuple[Route, ...] = (GET_A,), base: str = "", **changes: Any) -> ApiIR:
        number = next(_numbers)
        version = VersionIR(
            id=f"ver_{number}", name="1", routes=routes, upstream=Upstream(url=self.upstream.url + base)
        )
        given = {"slug": f"api{number}", "name": f"Api {number}", "versions": (version,), **changes}
        return ApiIR(id=f"api_{number}", base_path=f"/api{number}", **given)

    async def publish(self, *apis: ApiIR) -> ApplyResult:
        self.apis |= {api.id: api for api in apis}
        ir = GatewayIR(gateway_id="gw", settings=self.settings, apis=tuple(self.apis.values()))
        result = await self.driver.apply(await self.driver.plan(ir))
        for outcome in result.outcomes:
            if outcome.state == "live":
                await self.engine.proved(outcome.api_id)
        return result

    async def withdraw(self, *apis: ApiIR) -> ApplyResult:
        for api in apis:
            self.apis.pop(api.id)
        return await self.publish()

    async def grant(self, *grants: Grant, remove: tuple[str, ...] = ()) -> None:
        self.revision += 1
        await self.driver.apply_grants(
            GrantDelta(revision=self.revision, since=self.revision - 1, upsert=grants, remove=remove)
        )
        for api_id in {grant.api_id for grant in grants} & self.apis.keys():
            await self.engine.proved(api_id)

    async def open(self, **changes: Any) -> tuple[ApiIR, str]:
        """A published API with one key on it."""
        api = self.api(**changes)
        await self.publish(api)
        given = grant_for(api)
        await self.grant(given)
        return api, given.key.reveal()

    async def get(self, path: str, key: str = "", **more: Any) -> httpx.Response:
        return await self.request("GET", path, key, **more)

    async def request(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        headers = {**({"x-api-key": key} if key else {}), **more.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **more)


def grant_for(api: ApiIR, *, plan: Plan | None = None, key: str = "", **changes: Any) -> Grant:
    number = next(_numbers)
    value = key or f"key_{number:03d}abcdefghijklmnop"
    grant = Grant(
        id=f"grn_{number}",
        api_id=api.id,
        subscription_id=f"sub_{number}",
        app_id=f"app_{number}",
        credential_id=f"crd_{number}",
        plan_id=plan.id if plan else "plv_none",
        key=Secret(value),
        key_sha256=sha256_hex(value),
    )
    return replace(grant, **changes)


def options(directory: Path, **changes: Any) -> DriverOptions:
    given = {
        "gateway_id": "gw",
        "directory": str(directory),
        "concurrency": 2,
        "probe_token": "prb_SeCret-1",
        **changes,
    }
    return DriverOptions(**given)


@asynccontextmanager
async def running(driver: EnvoyDriver) -> AsyncIterator[Gateway]:
    base_url = f"http://127.0.0.1:{driver.port}"
    client = httpx.AsyncClient(base_url=base_url, trust_env=False, verify=NO_TLS, timeout=10)
    async with EchoUpstream() as upstream, client, RunningEngine(driver, base_url) as engine:
        yield Gateway(engine=engine, upstream=upstream, client=client)


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """An engine of its own; in a module that says ``SHARED`` the module's, for all tests but those ``ALONE``, which
    change what is the whole engine's.
    """
    together = request.node.get_closest_marker("asyncio") == SHARED.mark
    made: Gateway = request.getfixturevalue("shared" if together else "own")
    yield made
    made.upstream.response_headers = []


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running(EnvoyDriver(options(tmp_path))) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with running(EnvoyDriver(options(tmp_path_factory.mktemp("gw")))) as made:
        yield made
