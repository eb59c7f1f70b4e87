"""Floods of what nobody knows, on each engine: its memory stays bounded, and another API is served all the while."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.live.envoy.tokens import Issuer
from tests.live.floods import Request, bounded, get
from waypost.contracts.drivers import DriverOptions
from waypost.contracts.ir import (
    ApiIR,
    BasicAuth,
    GatewayIR,
    GatewaySettings,
    JwtAuth,
    KeyAuth,
    RateLimit,
    Route,
    RoutePolicies,
    Upstream,
    VersionIR,
)
from waypost.contracts.vocab import Engine, LimitBy
from waypost.integration.agent.supervise import pick_free_port
from waypost.integration.gateways.registry import make_driver
from waypost.testing.engine import NO_TLS, EchoUpstream, RunningEngine

pytestmark = pytest.mark.live
ISSUER = Issuer("login", "ES256")
BY_ADDRESS = RateLimit(requests=1_000_000, seconds=1, by=LimitBy.IP)
JWT = JwtAuth(issuers=(ISSUER.ir(),))


@pytest.fixture(params=[Engine.ENVOY, Engine.HAPROXY], ids=str)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningEngine]:
    """An engine that serves four APIs: ``open``, ``keys``, ``people`` (tokens and passwords) and ``limited``."""
    port = pick_free_port("127.0.0.1")
    options = DriverOptions(
        gateway_id="gw", directory=str(tmp_path), concurrency=1, probe_token="prb_SeCret-1", listen_port=port
    )
    driver = make_driver(request.param, options)
    async with EchoUpstream() as upstream, RunningEngine(driver, f"http://127.0.0.1:{port}") as running:
        apis = (
            _api("open", upstream),
            _api("keys", upstream, key_auth=KeyAuth()),
            _api("people", upstream, jwt=JWT, basic=BasicAuth()),
            _api("limited", upstream, rate_limits=(BY_ADDRESS,)),
        )
        settings = GatewaySettings(trusted_proxies=("127.0.0.1/32",))
        await driver.apply(await driver.plan(GatewayIR(gateway_id="gw", settings=settings, apis=apis)))
        for api in apis:
            await running.proved(api.id)
        yield running


def _api(
    name: str,
    upstream: EchoUpstream,
    *,
    key_auth: KeyAuth | None = None,
    jwt: JwtAuth | None = None,
    basic: BasicAuth | None = None,
    rate_limits: tuple[RateLimit, ...] = (),
) -> ApiIR:
    route = Route(id=f"op_{name}", method="GET", path="/a", policies=RoutePolicies(rate_limits=rate_limits))
    version = VersionIR(id=f"ver_{name}", name="1", routes=(route,), upstream=Upstream(url=upstream.url))
    return ApiIR(
        id=f"api_{name}",
        slug=name,
        name=name,
        base_path=f"/{name}",
        versions=(version,),
        key_auth=key_auth,
        jwt=jwt,
        basic=basic,
    )


@asynccontextmanager
async def another_api_called(engine: RunningEngine) -> AsyncIterator[None]:
    """Meanwhile somebody calls ``open``; each call must succeed."""
    statuses: list[int] = []

    async def call() -> None:
        async with httpx.AsyncClient(base_url=engine.base_url, trust_env=False, verify=NO_TLS) as client:
            while True:
                statuses.append((await client.get("/open/a")).status_code)
                await asyncio.sleep(0.01)

    calling = asyncio.create_task(call())
    yield
    calling.cancel()
    done, _ = await asyncio.wait({calling})
    assert all(task.cancelled() for task in done), "a call failed"
    assert len(statuses) > 10
    assert set(statuses) == {200}


def _password(number: int) -> str:
    return get("/people/a", f"authorization: Basic {base64.b64encode(b'ann:%d' % number).decode()}")


def _token() -> Request:
    head, body, signature = ISSUER.token().split(".")
    return lambda number: get("/people/a", f"authorization: Bearer {head}.{body}.{number:06d}{signature[6:]}")


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        pytest.param(lambda n: get("/keys/a", f"x-api-key: k_{n:032d}"), 401, id="keys"),
        pytest.param(lambda n: get(f"/none{n}/{n}"), 404, id="paths"),
        pytest.param(lambda n: get(f"/open/{n}"), 404, id="operations"),
        pytest.param(_password, 401, id="passwords"),
        pytest.param(_token(), 401, id="tokens"),
        pytest.param(lambda n: get("/limited/a", f"x-forwarded-for: 10.{n % 250}.{n // 250}.1"), 200, id="addresses"),
    ],
)
async def test_a_flood_grows_nothing_and_stops_nobody(engine: RunningEngine, request_of: Request, status: int) -> None:
    async with another_api_called(engine):
        await bounded(engine, request_of, status)
