"""Explaining and simulating over REST; what a described request carries is kept nowhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs
from tests.interaction.api.matrix.world import V1, World, build
from tests.support.people import People

from waypost.application.parts import Parts

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SECRET = "k_this_is_a_secret_value"


@pytest.fixture
async def world(client: httpx.AsyncClient, parts: Parts, people: People, tmp_path: Path) -> World:
    """A hub with one call in it."""
    return await build(client, parts, people, tmp_path / "hub.db")


async def test_a_call_is_explained(world: World) -> None:
    found = await world.call("GET", f"/decisions/{world.ids['decision_id']}")
    assert (found["result"], found["status"], found["seen_as"]) == ("allowed", 200, "administrator")
    assert found["operation"]["id"] == world.ids["operation_id"]
    missing = await world.client.get(f"{V1}/decisions/unknown", headers=world.admin.headers)
    assert (missing.status_code, missing.json()["code"]) == (404, "decision_not_found")


@pytest.mark.parametrize("address", ["here", "10.0.0.0/8", "203.0.113.7:443"])
async def test_a_described_address_is_one(world: World, address: str) -> None:
    body = {"path": "/orders/orders", "address": address}
    answer = await world.client.post(f"{V1}/decisions/simulate", json=body, headers=world.admin.headers)
    assert answer.status_code == 422, "no list would hold it, so the call would be said to pass"
    assert answer.json()["errors"][0]["pointer"] == "/address"
    body["address"] = "2001:db8::7"
    answer = await world.client.post(f"{V1}/decisions/simulate", json=body, headers=world.admin.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("sound", [True, False])
async def test_secrets_of_a_described_request_are_kept_nowhere(world: World, tmp_path: Path, sound: bool) -> None:
    body = {
        "path": f"/orders/orders?apikey={SECRET}",
        "headers": {"x-api-key": SECRET, "authorization": f"Bearer {SECRET}"},
        "method": "GET" if sound else "get it",
        **({} if sound else {"unknown": SECRET}),
    }
    headers = {**world.admin.headers, "Idempotency-Key": "once"}
    with capture_logs() as logs:
        answer = await world.client.post(f"{V1}/decisions/simulate", json=body, headers=headers)
    assert answer.status_code == (200 if sound else 422), answer.text
    assert SECRET not in answer.text
    assert SECRET not in repr(logs)
    await world.parts.engine.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in kept
