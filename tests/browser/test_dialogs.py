"""What opens over a page, in every look: forms, questions before something ends, the menus."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looks import faults_in_every_look, faults_of, go, opened, settle
from tests.browser.place import Place

pytestmark = [pytest.mark.browser, pytest.mark.live]

# The page, and the button that opens something over it.
ADMINISTRATOR = [
    *[("/admin", "Invite"), ("/admin/organisations", "New organisation"), ("/admin/teams", "New team")],
    *[("/admin/gateways", "Add a gateway"), ("/admin/gateways/$gatewayId", "Delete")],
    *[
        ("/admin/gateways/$gatewayId", "Change settings"),
        ("/admin/gateways/$gatewayId", "Change"),
        ("/admin/teams/$teamId", "Change"),
    ],
    *[("/admin/issuers", "Trust an issuer"), ("/admin/policies", "Add a policy"), ("/admin/branding", "Remove it")],
    *[("/admin/people/$userId", "Revoke all"), ("/account", "New token"), ("/studio/apis/$slug", "Deprecate")],
    *[("/studio/apis/$slug/versions", "New version"), ("/studio/apis/$slug/versions", "Import again")],
    *[("/studio/apis/$slug/plans", "New plan"), ("/studio/apis/$slug/publish", "Withdraw")],
]
CONSUMER = [
    *[("/apps", "New app"), ("/apps/$appId", "New key"), ("/apps/$appId", "Rotate")],
    *[("/apps/$appId", "Revoke production"), ("/apps/$appId", "Change"), ("/apps/$appId", "Delete")],
    *[("/apis/$slug/plans", "Subscribe to Free"), ("/subscriptions/$subscriptionId", "Change plan")],
    ("/subscriptions/$subscriptionId", "End"),
]


@pytest.mark.parametrize("reader", ["consumer", "administrator"])
def test_dialogs(browser: Browser, place: Place, reader: str) -> None:
    client = {"consumer": place.consumer, "administrator": place.admin}[reader]
    page = opened(browser, place, client)
    found: list[str] = []
    for template, button in {"consumer": CONSUMER, "administrator": ADMINISTRATOR}[reader]:
        go(page, place.address(template))
        page.get_by_role("button", name=button, exact=True).first.click()
        shown = page.get_by_role("dialog").or_(page.get_by_role("menu")).first
        expect(shown).to_be_visible()
        faults = faults_in_every_look(page, reader, f"dialog {template} {button}")
        found += [f"{reader} {template} {button}: {fault}" for fault in faults]
        page.keyboard.press("Escape")
        expect(shown).to_be_hidden()
        expect(page.locator("*:focus"), f"the focus after {template} {button}").to_have_accessible_name(button)
    page.context.close()
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)


def test_the_search_and_the_menu_of_a_phone(browser: Browser, place: Place) -> None:
    page = opened(browser, place, place.admin)
    settle(page, "light")
    page.keyboard.press("Control+k")
    search = page.get_by_role("dialog").get_by_label("Search APIs and operations")
    search.fill("order")
    expect(page.get_by_role("dialog").get_by_role("button").first).to_be_visible()
    found = faults_in_every_look(page, "administrator", "quick search")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Open the menu").click()  # the last look was a phone's
    menu = page.get_by_role("dialog", name="Menu")
    expect(menu.get_by_role("link", name="Administration")).to_be_visible()
    page.mouse.move(0, 0)
    found += faults_of(page, "administrator", "light")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.context.close()
    assert found == []
