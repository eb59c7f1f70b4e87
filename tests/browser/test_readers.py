"""What a page says to somebody who may only read it, and where it leads who has to do something first."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place, enter
from tests.browser.steps import field
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture(scope="module")
def viewer(place: Place) -> Iterator[httpx.Client]:
    """Somebody in the team that provides the weather, who only looks."""
    team = ok(place.admin.get(f"/apis/{place.names['apiId']}"))["owner"]["id"]
    made = ok(place.admin.post("/users", json={"email": "vera@example.org", "name": "Vera Viewer"}), 201)
    path = f"/teams/{team}/members/{made['user']['id']}"
    ok(place.admin.put(path, json={"role": "viewer"}))
    yield enter(place.product, made["one_time_login_url"], "six windows look at the same sea")
    place.admin.delete(path).raise_for_status()


@pytest.fixture
def page(browser: Browser, place: Place, viewer: httpx.Client) -> Iterator[Page]:
    page = opened(browser, place, viewer)
    yield page
    page.context.close()


def test_details_that_cannot_be_saved_cannot_be_typed_into(page: Page, place: Place) -> None:
    go(page, place.address("/studio/apis/$slug"))
    for label in ("Name", "Summary", "Description", "Tags", "Seen by", "Base path", "Support address"):
        expect(field(page, label), label).not_to_be_editable()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert faults_in_every_look(page, "viewer", "details") == []
    go(page, place.address("/studio/apis/$slug/versions/$versionId/operations/$operationId"))
    expect(field(page, "Summary")).not_to_be_editable()
    expect(page.get_by_label("Deprecated")).to_be_disabled()


def test_the_side_says_where_one_is_also_inside_an_api(page: Page, place: Place) -> None:
    go(page, place.address("/studio/apis/$slug/plans"))
    here = page.get_by_role("navigation", name="Studio").locator("[aria-current]")
    expect(here).to_have_text("Your APIs")
    go(page, "/studio/import")
    expect(here).to_have_text("Import")


def test_a_subscription_without_a_key_leads_to_keys(browser: Browser, place: Place) -> None:
    app = ok(place.consumer.post("/apps", json={"name": "Keyless"}), 201)
    asked = {"app_id": app["id"], "api_id": place.names["apiId"], "plan_id": place.names["planId"]}
    made = ok(place.consumer.post("/subscriptions", json=asked), 201)
    page = opened(browser, place, place.consumer)
    go(page, f"/subscriptions/{made['id']}")
    expect(page.get_by_text("In force nowhere")).to_be_visible()
    page.get_by_role("link", name="Keys of Keyless").click()
    expect(page.get_by_role("heading", name="Keyless")).to_be_visible()
    go(page, "/account")
    expect(page.get_by_role("table", name="Your sessions")).not_to_contain_text("Mozilla")
    page.context.close()
    revision = ok(place.consumer.get(f"/apps/{app['id']}"))["revision"]
    place.consumer.delete(f"/apps/{app['id']}", headers={"If-Match": f'"{revision}"'}).raise_for_status()
