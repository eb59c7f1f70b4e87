"""One HAProxy for each test; tests publish APIs under names of their own."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from waypost.contracts.drivers import ApplyResult, DriverOptions
from waypost.contracts.ir import (
    ApiIR,
    GatewayIR,
    GatewaySettings,
    Grant,
    GrantDelta,
    HeaderEdit,
    Plan,
    Route,
    RoutePolicies,
    Upstream,
    VersionIR,
)
from waypost.integration.gateways.haproxy.driver import HaproxyDriver
from waypost.integration.gateways.haproxy.runtime import Processes
from waypost.kit.crypto import Secret, sha256_hex
from waypost.testing.engine import NO_TLS, EchoUpstream, RunningEngine

_numbers = itertools.count(1)
GET_A = Route(id="op_a", method="GET", path="/a")


@dataclass
class Gateway:
    """The engine under test with what was published on it. Every call has a connection of its own."""

    engine: RunningEngine
    driver: HaproxyDriver
    upstream: EchoUpstream
    base_url: str
    apis: dict[str, ApiIR] = field(default_factory=dict)
    settings: GatewaySettings = field(default_factory=GatewaySettings)
    revision: int = 0

    def api(self, *routes: Route, **changes: Any) -> ApiIR:
        number = next(_numbers)
        upstream = Upstream(url=self.upstream.url)
        version = VersionIR(id=f"ver_{number}", name="1", routes=routes or (GET_A,), upstream=upstream)
        given = ApiIR(id=f"api_{number}", slug=f"a{number}", name="A", base_path=f"/api{number}", versions=(version,))
        return replace(given, **changes)

    async def publish(self, *apis: ApiIR) -> ApplyResult:
        self.apis |= {api.id: api for api in apis}
        ir = GatewayIR(gateway_id="gw", settings=self.settings, apis=tuple(self.apis.values()))
        result = await self.driver.apply(await self.driver.plan(ir))
        for outcome in result.outcomes:
            if outcome.state == "live":
                await self.engine.proved(outcome.api_id)
        return result

    async def reload(self) -> None:
        """Publish an API with rules that no other has, which takes a new worker."""
        before = (await self.processes()).worker
        edit = HeaderEdit(request_set=((f"x-only-{next(_numbers)}", "1"),))
        await self.publish(self.api(replace(GET_A, policies=RoutePolicies(headers=edit))))
        assert (await self.processes()).worker != before

    async def grant(self, *grants: Grant, remove: tuple[str, ...] = ()) -> None:
        self.revision += 1
        delta = GrantDelta(revision=self.revision, since=self.revision - 1, upsert=grants, remove=remove)
        await self.driver.apply_grants(delta)

    async def open(self, *, plan: Plan | None = None, **changes: Any) -> tuple[ApiIR, Grant]:
        """A published API with one key on it."""
        api = self.api(plans=(plan,) if plan else (), **changes)
        await self.publish(api)
        given = grant_for(api, plan)
        await self.grant(given)
        return api, given

    async def status(self, api: ApiIR, key: str = "") -> int:
        headers = {"x-api-key": key} if key else {}
        async with httpx.AsyncClient(base_url=self.base_url, trust_env=False, verify=NO_TLS) as client:
            return (await client.get(f"{api.base_path}/a", headers=headers)).status_code

    async def processes(self) -> Processes:
        found = await self.driver._live.runtime.processes()
        assert found is not None
        return found


def grant_for(api: ApiIR, plan: Plan | None = None, **changes: Any) -> Grant:
    number = next(_numbers)
    value = f"key_{number:03d}abcdefghijklmnop"
    given = Grant(
        id=f"grn_{number}",
        api_id=api.id,
        subscription_id=f"sub_{number}",
        app_id=f"app_{number}",
        credential_id=f"crd_{number}",
        plan_id=plan.id if plan else "plv_none",
        key=Secret(value),
        key_sha256=sha256_hex(value),
    )
    return replace(given, **changes)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    options = DriverOptions(gateway_id="gw", directory=str(tmp_path), concurrency=2, probe_token="prb_SeCret-1")
    driver = HaproxyDriver(options)
    base_url = f"http://127.0.0.1:{driver.port}"
    async with EchoUpstream() as upstream, RunningEngine(driver, base_url) as engine:
        yield Gateway(engine=engine, driver=driver, upstream=upstream, base_url=base_url)
