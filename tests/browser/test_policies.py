"""The policy console in a real browser: a form from the schema, the plan of a change, its effect and its origin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import field, press
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    """An administrator's; what it does must go without a fault, but for what the test provokes."""
    page = opened(browser, place, place.admin)
    api = place.names["apiId"]
    watch = Watch({place.product.hub}, {f"422 /api/v1/apis/{api}/policies/ip/plan"}).on(page)
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


def test_a_described_call_is_walked_through(page: Page, place: Place) -> None:
    go(page, "/decisions")
    form = page.get_by_role("region", name="A call that is only described")
    field(form, "Path").fill("/weather/cities")
    press(form, "Simulate it")
    expect(form.get_by_role("heading", name="401")).to_be_visible()
    expect(form.get_by_role("row", name="Accepted API key", exact=True)).to_be_visible()
    assert faults_in_every_look(page, "administrator", "simulation") == []
