"""Names as long as the hub takes them, without a place to break: no page gets wider than the phone it is read on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]

NAME = "Supercalifragilisticexpialidocious" * 3
HOST = f"https://{'h' * 60}.example"
DEFINITION = {
    "openapi": "3.1.0",
    "info": {"title": NAME, "version": "2026.11.28-prerelease-of-a-long-line"},
    "servers": [{"url": HOST + "/segment" * 12}],
    "paths": {"/" + "segment-that-is-long/" * 8 + "a": {"get": {"responses": {"200": {"description": "x"}}}}},
}
CLAIM = "https://claims.example/a/long/name/that/goes/on/and/on/until/it/ends"
TERMS = {
    "rate_limits": [{"requests": 1_000_000_000, "seconds": 86_399, "by": "claim", "claim": CLAIM}],
    "quotas": [{"amount": 123_456_789_012_345, "window": "month", "unit": "header", "header": "x-" + "tokens-" * 10}],
    "features": [NAME],
}


@pytest.fixture
def addresses(place: Place) -> Iterator[list[str]]:
    """The pages of a team, an API with a plan and a gateway that are called so; all are taken away again."""
    admin = place.admin
    team = ok(admin.post("/teams", json={"name": NAME[:80], "description": NAME}), 201)
    api = ok(admin.post("/apis", json={"name": NAME[:80], "summary": NAME, "owner_id": team["id"]}), 201)
    ok(admin.post(f"/apis/{api['id']}/versions", json={"content": json.dumps(DEFINITION)}), 201)
    wanted = {"name": NAME[:80], "description": NAME, "version": TERMS}
    plan = ok(admin.post(f"/apis/{api['id']}/plans", json=wanted), 201)
    gateway = ok(admin.post("/gateways", json={"name": NAME[:80], "public_url": HOST}), 201)
    studio = f"/studio/apis/{api['slug']}"
    yield [
        *["/studio", studio, f"{studio}/versions", f"{studio}/plans", f"{studio}/plans/{plan['id']}"],
        *[f"{studio}/publish", f"/apis/{api['slug']}", f"/apis/{api['slug']}/plans"],
        *["/admin/teams", f"/admin/teams/{team['id']}", "/admin/gateways", f"/admin/gateways/{gateway['id']}"],
    ]
    for path in (f"/apis/{api['id']}", f"/gateways/{gateway['id']}", f"/teams/{team['id']}"):
        remove(admin, path)


def remove(admin: httpx.Client, path: str) -> None:
    admin.delete(path, headers={"If-Match": f'"{ok(admin.get(path))["revision"]}"'}).raise_for_status()


def test_nothing_is_wider_than_a_phone(browser: Browser, place: Place, addresses: list[str]) -> None:
    page = opened(browser, place, place.admin)
    found = []
    for number, address in enumerate(addresses):
        go(page, address)
        found += [f"{address} {fault}" for fault in faults_in_every_look(page, "administrator", f"long-{number}")]
    page.context.close()
    assert found == []
