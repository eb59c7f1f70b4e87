"""A tab that was open while the portal was replaced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looks import opened
from tests.browser.place import Place
from tests.browser.steps import press

pytestmark = [pytest.mark.browser, pytest.mark.live]


def test_a_part_that_is_gone_is_no_dead_hub(browser: Browser, place: Place) -> None:
    page = opened(browser, place, None)
    page.route("**/assets/CatalogPage-*.js", lambda route: route.fulfill(status=404, body="Not found"))
    page.get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_text("These pages have been renewed")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("cannot be reached")).to_have_count(0)
    page.unroute_all()
    press(page, "Reload the page")
    expect(page.locator("h1").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("These pages have been renewed")).to_have_count(0)
    page.context.close()
