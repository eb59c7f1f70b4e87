"""The policy console in a real browser: a form from the schema, the plan of a change, its effect and its origin."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import field, press
from tests.e2e.product import ok, until

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    """An administrator's; what it does must go without a fault, but for what the test provokes."""
    page = opened(browser, place, place.admin)
    api = place.names["apiId"]
    watch = Watch({place.product.hub}, {f"422 /api/v1/apis/{api}/policies/ip/plan"}).on(page)
    watch.expected |= {f"{status} /api/v1/decisions/simulate" for status in (404, 422)} | {
        "404 /api/v1/decisions/unknown"
    }
    # Asked before it is written: nothing may be set at this place yet.
    watch.expected |= {f"404 /api/v1/apis/{api}/policies/{kind}" for kind in ("ip", "key_auth")}
    yield page
    page.context.close()
    assert watch.take() == []


def policy(page: Page, title: str):  # type: ignore[no-untyped-def]
    """The card of one policy."""
    return page.get_by_role("region", name=title, exact=True)


def test_a_policy_is_set_after_its_plan_was_seen(page: Page, place: Place) -> None:
    go(page, place.address("/studio/apis/$slug/policies"))
    addresses = policy(page, "Addresses")
    expect(addresses.get_by_text("From the team Meridian Commerce")).to_be_visible()
    expect(addresses.get_by_text("From the hub").first).to_be_visible()
    expect(policy(page, "Sizes").get_by_text("Locked")).to_be_visible()
    expect(policy(page, "Sizes").get_by_role("button")).to_have_count(0)
    press(addresses, "Set here")
    form = page.get_by_role("dialog", name="Addresses")
    deny(form, "nowhere")
    press(form, "See what it changes")
    expect(form.get_by_text("is no address or network").first).to_be_visible()
    assert faults_in_every_look(page, "administrator", "policy-editor") == []
    field(form, "Deny").press("Backspace")
    deny(form, "203.0.113.0/24")
    press(form, "See what it changes")
    expect(form.get_by_role("heading", name="This change touches")).to_be_focused()
    expect(form.get_by_text("Storefront")).to_be_visible()
    expect(form.get_by_text("203.0.113.0/24")).to_be_visible()
    assert faults_in_every_look(page, "administrator", "policy-plan") == []
    press(form, "Set it")
    expect(form).to_be_hidden()
    expect(addresses.get_by_text("203.0.113.0/24")).to_be_visible()
    expect(addresses.get_by_text("Set here")).to_be_visible()
    press(addresses, "Change")
    press(form, "Take it away…")
    expect(form.get_by_role("heading", name="Taking it away touches")).to_be_visible()
    press(form, "Take it away")
    expect(addresses.get_by_text("203.0.113.0/24")).to_have_count(0)


def deny(form, network: str) -> None:  # type: ignore[no-untyped-def]
    """Add to the list of those who may not call."""
    field(form, "Deny").fill(network)
    field(form, "Deny").press("Enter")


def test_a_change_says_which_apis_it_would_open_to_everybody(page: Page, place: Place) -> None:
    name = ok(place.admin.get(f"/apis/{place.names['apiId']}"))["name"]
    go(page, place.address("/studio/apis/$slug/policies"))
    press(policy(page, "API key"), "Set here")
    form = page.get_by_role("dialog", name="API key")
    form.get_by_label("Enabled").uncheck()
    press(form, "See what it changes")
    expect(form.get_by_role("alert")).to_contain_text(f"Anybody could call {name} then")
    assert faults_in_every_look(page, "administrator", "policy-plan-opens") == []
    press(form, "Back")
    form.get_by_label("Enabled").check()
    press(form, "See what it changes")
    expect(form.get_by_role("heading", name="This change touches")).to_be_visible()
    expect(form.get_by_text("Anybody could call")).to_have_count(0)


def describe(page: Page, path: str) -> Locator:
    """The form for a call that is only described, with a path."""
    go(page, "/decisions")
    form = page.get_by_role("region", name="A call that is only described")
    field(form, "Path").fill(path)
    return form


def test_a_described_call_is_walked_through(page: Page, place: Place) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    form = describe(page, "/weather/cities")
    press(form, "Simulate it")
    expect(form.get_by_role("heading", name="401")).to_be_in_viewport()
    expect(form.get_by_role("row", name="Accepted API key", exact=True)).to_be_visible()
    assert faults_in_every_look(page, "administrator", "simulation") == []


def test_a_described_call_that_cannot_be_is_marked_where_it_is_wrong(page: Page) -> None:
    form = describe(page, "/nowhere/at/all")
    press(form, "Simulate it")
    expect(form.get_by_role("alert")).to_contain_text("Check the path's first segment")
    field(form, "Path").fill("/weather/cities")
    press(form, "More: a header, where it comes from, its size")
    field(form, "Header").fill("two words")
    field(form, "From address").fill("next door")
    press(form, "Less")
    press(form, "Simulate it")
    expect(form.get_by_text("This must be a header's name, such as accept")).to_be_visible()
    expect(form.get_by_role("alert")).to_have_text("Something cannot be taken as it stands; see the marked fields.")
    assert faults_in_every_look(page, "administrator", "simulation-wrong") == []


def test_an_address_that_the_hub_denies_is_said_to_be_denied_there(page: Page) -> None:
    form = describe(page, "/weather/cities")
    press(form, "More: a header, where it comes from, its size")
    field(form, "From address").fill("192.0.2.7")
    press(form, "Simulate it")
    decided = form.get_by_role("region", name="Decided by")
    expect(decided).to_contain_text("at the hub")
    expect(decided).to_contain_text(re.compile("Its part Deny . 2"))


def test_a_refused_call_is_explained_in_words(page: Page, place: Place) -> None:
    refused = httpx.get(f"{place.product.gateway}/weather/cities").headers["x-request-id"]
    until(lambda: place.admin.get(f"/decisions/{refused}").status_code == 200, what="its explanation")
    go(page, f"/decisions/{refused}")
    expect(page.get_by_role("heading", name="401: No key was sent")).to_be_visible()
    expect(page.get_by_role("row", name="Now accepted API key", exact=True)).to_be_visible()
    assert faults_in_every_look(page, "administrator", "decision-401") == []


def test_a_decision_that_is_not_there_says_whose_are(page: Page) -> None:
    go(page, "/decisions/unknown")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(page.get_by_text("A call shows within seconds and for seven days")).to_be_visible()
    page.get_by_role("link", name="Ask about another call").click()
    expect(page.get_by_role("heading", name="Why was a call refused?")).to_be_visible()
