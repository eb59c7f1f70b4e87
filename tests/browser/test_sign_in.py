"""The first moments of somebody who was invited."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import with_session
from tests.browser.place import Place
from tests.browser.steps import field, press
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


# Every pair of heading and frame that was on the screen, in order: what a person saw, however slow the machine.
SEEN = """
window.seen = [];
new MutationObserver(() => {
  const heading = document.querySelector("h1")?.textContent ?? "";
  const now = heading + (document.querySelector("header") ? " in the frame" : "");
  if (window.seen.at(-1) !== now) window.seen.push(now);
}).observe(document, { childList: true, subtree: true, characterData: true });
"""


def test_nothing_of_the_sign_in_comes_back_while_the_first_page_loads(browser: Browser, place: Place) -> None:
    made = ok(place.admin.post("/users", json={"email": "new@example.org", "name": "New Person"}), 201)
    context = with_session(browser, place.product.hub, None)
    context.add_init_script(SEEN)
    page = context.new_page()
    first_page = "**/assets/HomePage-*.js"
    page.route(first_page, lambda _route: None)
    page.goto(made["one_time_login_url"])
    press(page, "Continue")
    field(page, "New password").fill("a quiet lantern over the harbour")
    with page.expect_request(first_page):
        press(page, "Keep this password")
    page.wait_for_timeout(1500)
    page.unroute(first_page)  # lets go of what was held, too
    expect(page.get_by_role("heading", name="Find the API you need")).to_be_visible()
    expect(page.get_by_role("banner")).to_be_visible()
    seen: list[str] = page.evaluate("window.seen")
    chosen = seen.index("Choose a password")
    afterwards = [what for what in seen[chosen + 1 :] if what]
    assert afterwards[0].startswith("Welcome to")
    assert not afterwards[0].endswith("in the frame")
    assert all(what == " in the frame" or what.startswith("Find the API you need") for what in afterwards[1:])
    context.close()


def test_who_signs_in_may_at_once_do_with_the_hub_what_is_theirs_to_do(browser: Browser, place: Place) -> None:
    made = ok(place.admin.post("/users", json={"email": "boss@example.org", "name": "New Boss"}), 201)
    path = f"/users/{made['user']['id']}"
    tag = {"If-Match": f'"{made["user"]["revision"]}"'}
    ok(place.admin.patch(path, json={"hub_role": "administrator"}, headers=tag))
    context = with_session(browser, place.product.hub, None)
    page = context.new_page()
    page.goto(made["one_time_login_url"])
    press(page, "Continue")
    field(page, "New password").fill("a second lantern over the harbour")
    press(page, "Keep this password")
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Branding").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    expect(field(page, "Name")).to_be_editable()
    context.close()
