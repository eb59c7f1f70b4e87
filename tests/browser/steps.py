"""What a person does in the portal, said in the words that stand on its pages."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def sign_in_by_link(page: Page, link: str, password: str) -> None:
    """Spend the one-time link and choose a password."""
    page.goto(link)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    field(page, "New password").fill(password)
    page.get_by_role("button", name="Keep this password").click()
    expect(page.get_by_role("button", name="Your account")).to_be_visible()


def field(scope: Page | Locator, label: str) -> Locator:
    """The input or text area with this label; Mantine gives a select's list of options the same label."""
    return scope.locator("input, textarea").and_(scope.get_by_label(label, exact=True))


def choose(page: Page, scope: Page | Locator, label: str, option: str) -> None:
    """Open a select and take an option."""
    field(scope, label).click()
    page.get_by_role("option", name=option).click()


def press(scope: Page | Locator, name: str) -> None:
    """Press the button of that name."""
    scope.get_by_role("button", name=name, exact=True).click()


def dialog(page: Page, title: str) -> Locator:
    """The open dialog."""
    shown = page.get_by_role("dialog", name=title)
    expect(shown).to_be_visible()
    return shown


def keep_secret(page: Page, title: str) -> str:
    """Read the secret that is shown once, and say that it is kept."""
    shown = dialog(page, title)
    expect(shown.get_by_text("This is the only time it is shown")).to_be_visible()
    expect(shown.get_by_role("button", name="Done")).to_be_disabled()
    secret = shown.get_by_text(re.compile(r"^\S{20,}$")).first.inner_text().strip()
    shown.get_by_role("checkbox", name="I have kept it somewhere safe").check()
    press(shown, "Done")
    expect(shown).to_be_hidden()
    return secret


def tab(page: Page, name: str) -> None:
    """Go to a tab of the API's page, without loading the portal anew."""
    page.get_by_role("navigation", name="Pages of this API").get_by_role("link", name=name, exact=True).click()


def row(page: Page, text: str) -> Locator:
    """The table row that holds the text."""
    return page.get_by_role("row").filter(has_text=text)
