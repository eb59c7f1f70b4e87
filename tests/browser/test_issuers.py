"""What the maintainer of a team does in the studio with the issuers of its APIs' tokens."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place, join, leave
from tests.browser.steps import choose, dialog, field, press, row
from tests.browser.test_administration import jwks
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]
ISSUER = "https://login.meridian.test"


@pytest.fixture(scope="module")
def team(place: Place) -> dict[str, str]:
    """The team that provides the weather."""
    owner: dict[str, str] = ok(place.admin.get(f"/apis/{place.names['apiId']}"))["owner"]
    return owner


@pytest.fixture(scope="module")
def maintainer(place: Place, team: dict[str, str]) -> Iterator[httpx.Client]:
    max_ = {"name": "Max Maintainer", "email": "max@example.org", "password": "nine green umbrellas stay at home"}
    client = join(place, team["id"], "maintainer", **max_)
    yield client
    leave(place, team["id"], client)


@pytest.fixture
def page(browser: Browser, place: Place, maintainer: httpx.Client) -> Iterator[Page]:
    page = opened(browser, place, maintainer)
    yield page
    page.context.close()


def test_a_maintainer_trusts_changes_and_leaves_an_issuer(page: Page, place: Place, team: dict[str, str]) -> None:
    watch = Watch({place.product.hub}, {"422 /api/v1/issuers"}).on(page)
    go(page, "/studio")
    page.get_by_role("navigation", name="Studio").get_by_role("link", name="Issuers").click()
    expect(page.get_by_text("No issuer yet")).to_be_visible()
    press(page, "Trust an issuer")
    form = dialog(page, "Trust an issuer")
    expect(field(form, "For")).to_have_value(team["name"])
    expect(form.get_by_text("Also without TLS")).to_have_count(0)
    field(form, "Issuer").fill("log in here")
    choose(page, form, "Its keys come from", "Its keys, given here")
    field(form, "JWK Set").fill(jwks("one"))
    press(form, "Trust it")
    expect(form.get_by_text("This must be an address without spaces")).to_be_visible()
    assert faults_in_every_look(page, "maintainer", "issuer-refused") == []
    field(form, "Issuer").fill(ISSUER)
    field(form, "Issuer").press("Enter")
    made = row(page, ISSUER)
    expect(made).to_contain_text(team["name"])
    expect(made).to_contain_text("1 key")
    assert faults_in_every_look(page, "maintainer", "issuers") == []
    press(made, "Change")
    form = dialog(page, f"Change {ISSUER}")
    field(form, "Name").fill("Our people")
    press(form, "Save")
    press(row(page, "Our people"), "Remove")
    press(dialog(page, "No longer trust Our people?"), "Remove it")
    expect(page.get_by_text("No issuer yet")).to_be_visible()
    assert watch.take() == []


def test_the_hubs_own_can_be_seen_and_not_touched(page: Page, place: Place) -> None:
    made = ok(place.admin.post("/issuers", json={"url": "https://all.test", "jwks": jwks("k")}), 201)
    go(page, "/studio/issuers")
    seen = row(page, "https://all.test")
    expect(seen).to_contain_text("Every API")
    expect(seen.get_by_role("button")).to_have_count(0)
    place.admin.delete(f"/issuers/{made['id']}", headers={"If-Match": f'"{made["revision"]}"'}).raise_for_status()


def test_a_policy_names_an_issuer_by_its_name(page: Page, place: Place) -> None:
    made = ok(place.admin.post("/issuers", json={"url": "https://named.test", "name": "Ours", "jwks": jwks("k")}), 201)
    go(page, place.address("/studio/apis/$slug/policies"))
    press(page, "Add a policy")
    page.get_by_role("menuitem", name="Signed tokens (JWT)", exact=True).click()
    form = page.get_by_role("dialog", name="Signed tokens (JWT)")
    expect(form.get_by_label("Enabled")).to_be_visible()
    issuer = form.get_by_role("combobox", name="Issuer")
    if not issuer.count():
        press(form, "Add token issuer")
    issuer.click()
    expect(page.get_by_role("option", name="This hub")).to_be_visible()
    page.get_by_role("option", name="Ours").click()
    expect(issuer).to_have_value("Ours")
    assert faults_in_every_look(page, "maintainer", "jwt-policy") == []
    press(form, "See what it changes")
    expect(form.get_by_role("heading", name="This change touches")).to_be_visible()
    expect(form.get_by_text("issuer: Ours")).to_be_visible()
    expect(form.get_by_text(made["id"])).to_have_count(0)
    place.admin.delete(f"/issuers/{made['id']}", headers={"If-Match": f'"{made["revision"]}"'}).raise_for_status()


def test_a_failure_says_so_and_can_be_tried_again(page: Page) -> None:
    down = "**/api/v1/issuers?*"
    page.route(down, lambda route: route.fulfill(status=503, json={"code": "busy", "title": "The hub is busy"}))
    go(page, "/studio/issuers")
    expect(page.get_by_role("alert")).to_contain_text("The hub is busy", timeout=15_000)
    page.unroute(down)
    press(page, "Try again")
    expect(page.get_by_text("No issuer yet")).to_be_visible()


def test_who_maintains_no_team_is_told_who_does(browser: Browser, place: Place) -> None:
    page = opened(browser, place, place.consumer)
    go(page, "/studio/issuers")
    expect(page.get_by_text("Maintainers of a team can trust one for its APIs")).to_be_visible()
    expect(page.get_by_role("button", name="Trust an issuer")).to_have_count(0)
    page.context.close()
