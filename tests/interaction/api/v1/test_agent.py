"""What agents call, over real sockets: enrol, follow, report, ship; and what is refused."""

from __future__ import annotations

import asyncio
import gzip
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from tests.application.world import CREDENTIAL, World, make_world
from tests.support.people import People, Person

from waypost.application.parts import Parts
from waypost.contracts.drivers import Capability
from waypost.interaction.api.app import create_app
from waypost.kit.clock import SystemClock

BEARER = {"Authorization": f"Bearer {CREDENTIAL}"}


@pytest.fixture
def clock() -> SystemClock:
    """Streams live in real time."""
    return SystemClock()


@asynccontextmanager
async def serving(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The hub on a free port."""
    config = uvicorn.Config(create_app(parts), port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=20) as client:
        yield client
    server.should_exit = True
    await task


@pytest.fixture
async def hub(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """The hub's address."""
    async with serving(parts) as client:
        yield client


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    """A provider's draft API, a gateway, a consumer."""
    return await make_world(parts, people)


class Follower:
    """Reads a stream's lines and waits for those that matter."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self, kind: str) -> dict[str, Any]:
        async for line in self._lines:
            message: dict[str, Any] = orjson.loads(line)
            if message["kind"] == kind:
                return message
        raise AssertionError(f"the stream ended before a message of kind {kind}")

    async def end(self) -> None:
        async for _ in self._lines:
            pass


@asynccontextmanager
async def following(hub: httpx.AsyncClient, **held: Any) -> AsyncIterator[Follower]:
    async with hub.stream("POST", "/agent/stream", json=held, headers=BEARER) as answer:
        assert answer.status_code == 200
        yield Follower(answer)


async def test_enrolment_spends_its_token_and_ends_the_agent_before(
    hub: httpx.AsyncClient, world: World, admin: Person
) -> None:
    made = await hub.post(f"/gateways/{world.gateway_id}/enrolment-token", headers=admin.headers)
    token = made.json()["token"]
    assert token in made.json()["command"]
    wrong = await hub.post("/agent/enrol", json={"token": token, "engine": "nginx"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "engine_mismatch")
    enrolled = await hub.post("/agent/enrol", json={"token": token, "engine": "envoy", "agent_version": "1"})
    assert enrolled.status_code == 201
    again = await hub.post("/agent/enrol", json={"token": token, "engine": "envoy"})
    assert (again.status_code, again.json()["code"]) == (401, "bad_enrolment")
    assert (await hub.post("/agent/receipts", json={}, headers=BEARER)).status_code == 401
    fresh = {"Authorization": f"Bearer {enrolled.json()['credential']}"}
    assert (await hub.post("/agent/receipts", json={}, headers=fresh)).status_code == 204
    read = (await hub.get(f"/gateways/{world.gateway_id}", headers=admin.headers)).json()
    assert read["state"] == "online"


async def test_the_stream_ends_when_the_credential_does(
    hub: httpx.AsyncClient, world: World, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waypost.application.gateways.stream.PING_SECONDS", 0.1)
    async with following(hub) as agent:
        await agent.next("ping")
        token = (await hub.post(f"/gateways/{world.gateway_id}/enrolment-token", headers=admin.headers)).json()["token"]
        await hub.post("/agent/enrol", json={"token": token, "engine": "envoy"})
        await asyncio.wait_for(agent.end(), 5)


async def test_what_an_engine_can_do_is_kept_when_its_stream_opens(
    hub: httpx.AsyncClient, world: World, admin: Person
) -> None:
    path = f"/gateways/{world.gateway_id}"
    assert (await hub.get(path, headers=admin.headers)).json()["capabilities"] is None
    able = sorted(item.value for item in Capability if item is not Capability.COUNTRIES)
    async with following(hub, capabilities=able) as agent:
        await agent.next("apis")
        assert (await hub.get(path, headers=admin.headers)).json()["capabilities"] == able
    body = {"config": {"deny": ["KP"]}}
    who = world.provider.headers
    await world.publish()
    refused = await hub.put(f"/apis/{world.api_id}/policies/countries", json=body, headers=who)
    assert (refused.status_code, refused.json()["code"]) == (422, "capability_missing")
    assert "cannot do `countries`" in refused.json()["errors"][0]["message"]


async def test_changes_arrive_without_the_pulse(hub: httpx.AsyncClient, world: World, parts: Parts) -> None:
    """Another replica committed: the event log tells it within the poll."""
    async with following(hub) as agent:
        await agent.next("grants")
        parts.changed.pulse = lambda: None  # type: ignore[method-assign]
        await world.publish()
        message = await asyncio.wait_for(agent.next("apis"), 5)
        assert [api["slug"] for api in message["upsert"]] == ["weather"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_key_is_on_the_stream_in_no_time(hub: httpx.AsyncClient, world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    delays = []
    async with following(hub) as agent:
        await agent.next("grants")
        for _ in range(10):
            waiting = asyncio.create_task(_arrival(agent))
            await world.key(app.id)
            committed = time.perf_counter()
            delays.append(await asyncio.wait_for(waiting, 5) - committed)
    assert statistics.median(delays) < 0.1, delays


async def _arrival(agent: Follower) -> float:
    await agent.next("grants")
    return time.perf_counter()


async def test_the_journey_of_a_deployment_by_rest(hub: httpx.AsyncClient, world: World) -> None:
    async with following(hub) as agent:
        await agent.next("grants")
        asked = {"gateway_id": "edge"}
        path = f"/versions/{world.version_id}/deployments"
        made = await hub.post(path, json=asked, headers=world.provider.headers)
        assert made.status_code == 201, made.text
        waiting = asyncio.create_task(
            hub.get(f"/deployments/{made.json()['id']}", params={"wait_seconds": 10}, headers=world.provider.headers)
        )
        await agent.next("apis")
        receipt = {"api_id": world.api_id, "content_hash": made.json()["desired_hash"], "state": "live"}
        health = {"engine_running": True, "engine_version": "1.40.0", "applied_apis": 1, "from_a_newer_agent": 1}
        report = {"apis": [receipt], "grants_revision": 3, "health": health}
        assert (await hub.post("/agent/receipts", json=report, headers=BEARER)).status_code == 204
        began = time.monotonic()
        settled = (await waiting).json()
        assert (settled["state"], settled["verified"]) == ("live", True)
        assert time.monotonic() - began < 2, "the wait ends with the receipt"


async def test_usage_is_taken_packed_and_acknowledged(
    hub: httpx.AsyncClient, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"at": "2026-07-15T12:00:00+00:00", "decision_id": "d1", "method": "GET", "path": "/weather/now"}
    body = {"spool": "s1", "number": 1, "records": [{**record, "status": 200, "duration_us": 7}], "dropped": 0}
    packed = gzip.compress(orjson.dumps(body))
    headers = {**BEARER, "Content-Encoding": "gzip"}
    for _ in range(2):
        answer = await hub.post("/agent/usage", content=packed, headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"spool": "s1", "number": 1})
    assert world.gateway_id in capsys.readouterr().out, "the log says whose agent it was"


async def test_nonsense_is_refused_with_a_reason(hub: httpx.AsyncClient, world: World) -> None:
    bomb = gzip.compress(b" " * (70 * 1024 * 1024))
    packed = {**BEARER, "Content-Encoding": "gzip"}
    cases: list[tuple[str, bytes, dict[str, str], int, str]] = [
        ("/agent/usage", bomb, packed, 413, "too_large"),
        ("/agent/usage", b"no gzip", packed, 400, "malformed"),
        ("/agent/usage", b'{"spool":"s","number":0}', BEARER, 400, "malformed"),
        ("/agent/usage", b"[]", BEARER, 400, "malformed"),
        ("/agent/receipts", b'{"apis":7}', BEARER, 400, "malformed"),
        ("/agent/stream", b"", BEARER, 400, "malformed"),
        ("/agent/stream", b"{}", {}, 401, "unauthenticated"),
        ("/agent/stream", b"{}", {"Authorization": "Bearer nonsense"}, 401, "unauthenticated"),
        ("/agent/usage", b"{}", {"Authorization": "Basic x"}, 401, "unauthenticated"),
    ]
    for path, content, headers, status, code in cases:
        answer = await hub.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, content[:40])


async def test_a_persons_token_opens_nothing_here(hub: httpx.AsyncClient, world: World, admin: Person) -> None:
    for path in ("/agent/stream", "/agent/receipts", "/agent/usage"):
        assert (await hub.post(path, json={}, headers=admin.headers)).status_code == 401
    assert (await hub.get("/gateways", headers=BEARER)).status_code == 401, "nor a gateway's anything there"
