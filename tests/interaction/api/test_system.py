"""Health, readiness, metrics, headers, the committed description."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.support.people import Person
from waypost.application.parts import Parts
from waypost.information.analytics import open_analytics
from waypost.interaction.api.app import build_openapi, create_app
from waypost.interaction.api.system import ApiOptions
from waypost.kit.crypto import Secret

SNAPSHOT = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
GUARDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def test_the_committed_description_is_current() -> None:
    assert json.loads(SNAPSHOT.read_text()) == json.loads(json.dumps(build_openapi())), "run `make docs`"


def test_the_description_is_openapi_31() -> None:
    assert build_openapi()["openapi"].startswith("3.1")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_served_description_stays_the_same(client: httpx.AsyncClient) -> None:
    first = (await client.get("/api/v1/openapi.json")).json()
    assert first == (await client.get("/api/v1/openapi.json")).json() == json.loads(SNAPSHOT.read_text())


async def test_health_and_readiness(client: httpx.AsyncClient, parts: Parts) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": True, "schema": True, "analytics": True}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_hub_without_its_database_is_alive_but_not_ready(
    client: httpx.AsyncClient, parts: Parts, tmp_path: Path
) -> None:
    await parts.engine.dispose()
    (tmp_path / "hub.db").write_bytes(b"this is not a database" * 100)
    assert (await client.get("/healthz")).status_code == 200
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_hub_without_analytics_is_not_ready(client: httpx.AsyncClient, parts: Parts, tmp_path: Path) -> None:
    parts.analytics = await open_analytics(tmp_path / "closed.duckdb", clock=parts.clock)
    await parts.analytics.close()
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["analytics"]) == (503, False)


async def test_metrics_count_requests_by_route(client: httpx.AsyncClient, admin: Person) -> None:
    await client.get("/api/v1/users/usr_nobody", headers=admin.headers)
    text = (await client.get("/metrics")).text
    assert 'hub_requests_total{method="GET",route="/api/v1/users/{user_id}",status="404"} 1.0' in text
    assert "hub_events_seq" in text
    assert "hub_gateways_online 0.0" in text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_metrics_are_for_loopback_or_who_has_the_token(parts: Parts) -> None:
    async def scrape(address: str, token: str = "", **headers: str) -> int:
        app = create_app(parts, options=ApiOptions(metrics_token=Secret(token)))
        transport = httpx.ASGITransport(app=app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    assert await scrape("127.0.0.1") == 200
    assert await scrape("::1") == 200
    assert await scrape("192.0.2.7") == 401
    assert await scrape("127.0.0.1", **{"X-Forwarded-For": "192.0.2.7"}) == 401
    assert await scrape("127.0.0.1", "s3cret") == 401
    assert await scrape("192.0.2.7", "s3cret", Authorization="Bearer s3cret") == 200


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_every_answer_carries_the_guards(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/hub", "/api/v1/nothing", "/healthz"):
        answer = await client.get(path)
        assert {name: answer.headers[name] for name in GUARDS} == GUARDS
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "strict-transport-security" not in answer.headers
    https = await client.get("https://hub.test/api/v1/hub")
    assert https.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_log_names_the_caller_but_no_secret(
    client: httpx.AsyncClient, admin: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {"email": "a@example.test", "password": "my own secret sentence"}
    await client.post("/api/v1/session", json=body)
    await client.get("/api/v1/users?q=private-search", headers=admin.headers)
    seen = capsys.readouterr().out
    assert admin.id in seen
    assert "/api/v1/users" in seen
    for secret in (admin.token, "my own secret sentence", "private-search"):
        assert secret not in seen
