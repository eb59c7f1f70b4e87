"""The plan form in a real browser: every limit and quota, and what is wrong beside its field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import choose, dialog, field, press
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]

TERMS = {
    "rate_limits": [
        {"requests": 100, "seconds": 60, "burst": 10, "by": "app", "claim": ""},
        {"requests": 5, "seconds": 90, "burst": 0, "by": "ip", "claim": ""},
    ],
    "quotas": [
        {"amount": 5000, "window": "month", "soft_percent": 80},
        {"amount": 10_000_000, "window": "day", "unit": "bytes", "rolling": True, "overage": True},
    ],
    "price": {"amount_cents": 990, "currency": "CHF"},
    "features": ["Mail support"],
}


@pytest.fixture
def plan(place: Place) -> Iterator[dict[str, Any]]:
    """A plan with several of each, taken away again."""
    made = ok(place.admin.post(f"/apis/{place.names['apiId']}/plans", json={"name": "Many", "version": TERMS}), 201)
    yield made
    held = ok(place.admin.get(f"/plans/{made['id']}"))
    place.admin.delete(f"/plans/{made['id']}", headers={"If-Match": f'"{held["revision"]}"'}).raise_for_status()


def row_of(form: Locator, name: str) -> Locator:
    return form.get_by_role("group", name=name, exact=True)


def open_form(page: Page, place: Place) -> Locator:
    go(page, place.address("/studio/apis/$slug/plans"))
    card = page.get_by_role("heading", name="Many", exact=True).locator("xpath=ancestor::*[.//button][1]")
    press(card, "Change")
    return dialog(page, "Plan Many")


def test_every_limit_and_quota_of_a_plan_is_edited(browser: Browser, place: Place, plan: dict[str, Any]) -> None:
    page = opened(browser, place, place.admin)
    watch = Watch({place.product.hub}, {f"422 /api/v1/plans/{plan['id']}/versions"}).on(page)
    form = open_form(page, place)
    expect(field(row_of(form, "Rate limit 1"), "At once")).to_have_value("10")
    expect(field(row_of(form, "Rate limit 2"), "per")).to_have_value("90")
    expect(field(row_of(form, "Rate limit 2"), "Counted for")).to_have_value("Each address")
    expect(field(row_of(form, "Quota 1"), "Warn at")).to_have_value("80 %")
    expect(field(row_of(form, "Quota 2"), "Amount: 10 MB")).to_have_value("10,000,000")
    assert faults_in_every_look(page, "administrator", "plan-form") == []
    press(form, "Take rate limit 1 away")
    press(form, "Add rate limit")
    added = row_of(form, "Rate limit 2")
    choose(page, added, "Counted for", "Each value of a claim")
    press(form, "Save")
    expect(field(added, "Claim")).to_be_focused()
    expect(added.get_by_text("Which claim?")).to_be_visible()
    field(added, "Claim").fill("not a claim")
    press(form, "Save")
    expect(form.get_by_role("alert").first).to_be_in_viewport()
    expect(field(added, "Claim")).to_have_attribute("aria-invalid", "true")
    field(added, "Claim").fill("tenant")
    press(form, "Take quota 2 away")
    press(form, "Save")
    expect(form).to_be_hidden()
    terms = ok(place.admin.get(f"/plans/{plan['id']}"))["current_version"]
    before = plan["current_version"]
    fresh = {"requests": 10, "seconds": 1, "burst": 0, "by": "claim", "claim": "tenant"}
    assert terms["rate_limits"] == [before["rate_limits"][1], fresh]
    assert terms["quotas"] == before["quotas"][:1]
    assert (terms["number"], terms["price"], terms["features"]) == (2, before["price"], before["features"])
    assert watch.take() == []
    page.context.close()


def test_new_words_make_no_new_terms(browser: Browser, place: Place, plan: dict[str, Any]) -> None:
    page = opened(browser, place, place.admin)
    form = open_form(page, place)
    field(form, "For whom").fill("For whoever asks")
    press(form, "Save")
    expect(form).to_be_hidden()
    held = ok(place.admin.get(f"/plans/{plan['id']}"))
    assert (held["description"], held["current_version"]) == ("For whoever asks", plan["current_version"])
    page.context.close()
