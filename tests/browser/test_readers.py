"""What a page says to somebody who may only read it, and where it leads who has to do something first."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened, settle
from tests.browser.place import Place, enter, join, leave
from tests.browser.steps import field, row
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture(scope="module")
def viewer(place: Place) -> Iterator[httpx.Client]:
    """Somebody in the team that provides the weather, who only looks."""
    team = ok(place.admin.get(f"/apis/{place.names['apiId']}"))["owner"]["id"]
    vera = {"name": "Vera Viewer", "email": "vera@example.org", "password": "six windows look at the same sea"}
    client = join(place, team, "viewer", **vera)
    yield client
    leave(place, team, client)


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


def test_an_auditor_sees_what_may_be_seen_and_no_button_that_would_fail(browser: Browser, place: Place) -> None:
    made = ok(place.admin.post("/users", json={"email": "olga@example.org", "name": "Olga Auditor"}), 201)
    tag = {"If-Match": f'"{made["user"]["revision"]}"'}
    ok(place.admin.patch(f"/users/{made['user']['id']}", json={"hub_role": "auditor"}, headers=tag))
    page = opened(browser, place, enter(place.product, made["one_time_login_url"], "ten owls count every feather"))
    watch = Watch({place.product.hub}).on(page)
    go(page, "/admin")
    places = page.get_by_role("navigation", name="Administration").get_by_role("link")
    names = places.all_inner_texts()
    assert {"People", "Teams", "Gateways", "Events"} <= set(names)
    assert not {"Policies", "Signing keys"} & set(names)
    for name in names:
        places.get_by_text(name, exact=True).click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        settle(page, "light")
        for action in ("Invite", "New team", "New organisation", "Add a gateway", "Rotate", "Choose a picture", "Save"):
            expect(page.get_by_role("button", name=action), f"{action} on {name}").to_have_count(0)
    go(page, place.address("/admin/gateways/$gatewayId"))
    expect(page.get_by_text("What it can do")).to_be_visible()
    expect(page.get_by_text("Not running")).to_have_count(0)
    expect(page.get_by_role("link", name="Compiled state")).to_have_count(0)
    assert faults_in_every_look(page, "administrator", "gateway of an auditor") == []
    go(page, place.address("/admin/people/$userId"))
    expect(row(page, "CI of the shop")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Revoke|Sign out|Actions"))).to_have_count(0)
    assert watch.take() == []
    page.context.close()


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
