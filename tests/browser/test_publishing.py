"""Before a version is published: which gateway can do all it needs, which lacks what, what is to be mended first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import choose, field
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


def tagged(client: httpx.Client, path: str) -> dict[str, str]:
    return {"If-Match": f'"{ok(client.get(path))["revision"]}"'}


@pytest.fixture
def small(place: Place) -> Iterator[dict[str, Any]]:
    """A second gateway, whose agent has said that its engine can do less. It has no engine and serves nothing."""
    made = ok(place.admin.post("/gateways", json={"name": "Small edge", "engine": "haproxy"}), 201)
    token = ok(place.admin.post(f"/gateways/{made['id']}/enrolment-token"))["token"]
    said = ok(place.admin.get(f"/gateways/{place.names['gatewayId']}"))["capabilities"]
    with httpx.Client(base_url=f"{place.product.hub}/api/v1/agent", timeout=10) as agent:
        enrolled = ok(agent.post("/enrol", json={"token": token, "engine": "haproxy"}), 201)
        agent.headers["Authorization"] = f"Bearer {enrolled['credential']}"
        hello = {"capabilities": [name for name in said if name not in ("headers", "quota")]}
        with agent.stream("POST", "/stream", json=hello) as answer:
            assert answer.status_code == 200
            next(answer.iter_lines())
    yield made
    path = f"/gateways/{made['id']}"
    place.admin.delete(path, headers=tagged(place.admin, path)).raise_for_status()


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    page = opened(browser, place, place.admin)
    watch = Watch({place.product.hub}).on(page)
    yield page
    page.context.close()
    assert watch.take() == []


def cells(grid: Locator, name: str) -> list[str]:
    row = grid.get_by_role("row").filter(has=grid.page.get_by_role("rowheader").get_by_text(name, exact=True))
    return [text.strip() for text in row.get_by_role("cell").all_inner_texts()]


def version(page: Page, form: Locator, name: str) -> None:
    field(form, "Version").click()
    page.get_by_role("option").filter(has_text=f"{name}, ").click()


def test_who_can_do_what_is_seen_before_it_is_published(page: Page, place: Place, small: dict[str, Any]) -> None:
    go(page, place.address("/studio/apis/$slug/publish"))
    form = page.get_by_role("region", name="Publish", exact=True)
    version(page, form, place.names["versionName"])
    grid = page.get_by_role("region", name="Needs and gateways")
    expect(grid.get_by_role("columnheader", name="Local gateway")).to_contain_text("All of it")
    expect(grid.get_by_role("columnheader", name="Small edge")).to_contain_text("Lacks 2 things")
    assert cells(grid, "headers") == cells(grid, "quota") == ["Yes", "No"]
    assert cells(grid, "rate_limit") == ["Yes", "Yes"]
    expect(form.get_by_text("Local gateway can do everything that this version needs.")).to_be_visible()
    expect(form.get_by_role("button", name="Publish")).to_be_enabled()
    choose(page, form, "Gateway", "Small edge, HAProxy · lacks 2 things")
    refusal = form.get_by_role("alert")
    expect(refusal).to_contain_text("Small edge cannot do all of it")
    expect(refusal).to_contain_text("Header edits (headers), asked for at version")
    expect(refusal).to_contain_text("use a gateway whose engine can do it")
    expect(form.get_by_role("button", name="Publish")).to_be_disabled()
    assert faults_in_every_look(page, "administrator", "publish-lacks") == []
    newest = ok(place.admin.get(f"/apis/{place.names['apiId']}/versions"))["items"][0]["id"]
    answer = place.admin.post(f"/versions/{newest}/deployments", json={"gateway_id": small["id"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "capability_missing")


def test_what_is_there_already_and_what_is_missing_is_said(page: Page, place: Place) -> None:
    go(page, place.address("/studio/apis/$slug/publish"))
    form = page.get_by_role("region", name="Publish", exact=True)
    served = ok(place.admin.get(f"/versions/{place.names['versionId']}"))["name"]
    version(page, form, served)
    expect(form.get_by_text("This version is on Local gateway already")).to_be_visible()
    expect(form.get_by_role("button", name="Publish")).to_be_disabled()


def test_that_anybody_could_call_it_is_said(page: Page, place: Place) -> None:
    policy = f"/apis/{place.names['apiId']}/policies/key_auth"
    made = ok(place.admin.put(policy, json={"config": {"enabled": False}}))
    go(page, place.address("/studio/apis/$slug/publish"))
    form = page.get_by_role("region", name="Publish", exact=True)
    expect(form.get_by_text("Anybody could call it")).to_be_visible()
    assert faults_in_every_look(page, "administrator", "publish-open") == []
    place.admin.delete(policy, headers={"If-Match": f'"{made["revision"]}"'}).raise_for_status()


def test_a_draft_without_plans_is_told_what_to_mend(page: Page, place: Place) -> None:
    team = place.names["teamId"]
    made = ok(place.admin.post("/apis", json={"name": "Bare", "owner_id": team}), 201)
    path = f"/apis/{made['id']}"
    document = (
        "openapi: 3.1.0\ninfo: {title: Bare, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: x}}}}}"
    )
    ok(place.admin.post(f"{path}/versions", json={"content": document}), 201)
    go(page, f"/studio/apis/{made['slug']}/publish")
    form = page.get_by_role("region", name="Publish", exact=True)
    expect(form.get_by_text("There is no upstream for GET /a. Set the upstream, or mock them.")).to_be_visible()
    expect(form.get_by_text("No plan is on offer.")).to_be_visible()
    expect(form.get_by_role("button", name="Publish")).to_be_disabled()
    assert faults_in_every_look(page, "administrator", "publish-bare") == []
    form.get_by_role("link", name="Plans").click()
    expect(page.get_by_text("No plans yet")).to_be_visible()
    place.admin.delete(path, headers=tagged(place.admin, path)).raise_for_status()
