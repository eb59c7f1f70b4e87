"""What administrators do in the portal with the hub's own keys and with the issuers it trusts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from joserfc import jwk
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place, enter
from tests.browser.steps import choose, dialog, field, press, row
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    """An administrator's."""
    page = opened(browser, place, place.admin)
    yield page
    page.context.close()


def key_rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Signing keys").get_by_role("row").filter(has_text="sgk_")


def test_signing_keys_follow_one_another_and_a_leaked_one_is_dropped(page: Page, place: Place) -> None:
    watch = Watch({place.product.hub}).on(page)
    go(page, "/admin/signing-keys")
    expect(key_rows(page)).to_have_count(1)
    first = ok(place.admin.get("/signing-keys"))["items"][0]["id"]
    metadata = httpx.get(f"{place.product.hub}/.well-known/oauth-authorization-server").json()
    addresses = page.get_by_role("region", name="Addresses")
    for name in ("token_endpoint", "jwks_uri", "issuer"):
        expect(addresses.get_by_text(metadata[name], exact=True)).to_be_visible()
    press(page, "Rotate")
    press(dialog(page, "Rotate the signing key?"), "Make the next key")
    expect(row(page, "Next")).to_be_visible()
    expect(row(page, first).filter(has_text="Signing")).to_be_visible()
    press(page, "Rotate")
    asked = dialog(page, "Rotate the signing key?")
    asked.get_by_role("radio", name="A key leaked").check()
    assert faults_in_every_look(page, "administrator", "signing-keys-rotate") == []
    press(asked, "Drop the old keys")
    expect(key_rows(page)).to_have_count(1)
    expect(page.get_by_text(first)).to_have_count(0)
    published = httpx.get(metadata["jwks_uri"]).json()["keys"]
    assert [key["kid"] for key in published] == [one["id"] for one in ok(place.admin.get("/signing-keys"))["items"]]
    assert watch.take() == []


def test_the_address_above_a_person_leads_to_all_of_them(page: Page) -> None:
    page.goto("/admin/people")
    expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    assert page.evaluate("() => location.pathname") == "/admin"


def jwks(name: str) -> str:
    key = jwk.ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})
    return json.dumps({"keys": [key.as_dict(private=False)]})


def test_an_issuer_is_trusted_changed_and_left(page: Page, place: Place) -> None:
    go(page, "/admin/issuers")
    page.get_by_role("button", name="Trust an issuer").first.click()
    form = dialog(page, "Trust an issuer")
    field(form, "Issuer").fill("https://login.test")
    choose(page, form, "Its keys come from", "Its keys, given here")
    field(form, "JWK Set").fill(jwks("one"))
    press(form, "Trust it")
    made = row(page, "https://login.test")
    expect(made).to_contain_text("1 key")
    found = next(one for one in ok(place.admin.get("/issuers"))["items"] if one["url"] == "https://login.test")
    watch = Watch({place.product.hub}, {f"422 /api/v1/issuers/{found['id']}"}).on(page)
    press(made, "Change")
    form = dialog(page, "Change https://login.test")
    expect(field(form, "Issuer")).not_to_be_editable()
    field(form, "Name").fill("Our people")
    field(form, "Claim that names the client").fill("not a claim")
    press(form, "Save")
    expect(field(form, "Claim that names the client")).to_have_attribute("aria-invalid", "true")
    assert faults_in_every_look(page, "administrator", "issuer-change") == []
    field(form, "Claim that names the client").fill("azp")
    field(form, "JWK Set").fill(jwks("two"))
    press(form, "Save")
    expect(form).to_be_hidden()
    changed = ok(place.admin.get(f"/issuers/{found['id']}"))
    assert (changed["name"], changed["client_claim"]) == ("Our people", "azp")
    assert [key["kid"] for key in changed["keys"]] == ["two"]
    assert changed["algorithms"] == found["algorithms"]
    press(row(page, "Our people"), "Remove")
    press(dialog(page, "No longer trust Our people?"), "Remove it")
    expect(page.get_by_text("https://login.test")).to_have_count(0)
    assert watch.take() == []


def test_who_changed_an_issuer_in_between_is_not_overwritten(page: Page, place: Place) -> None:
    made = ok(place.admin.post("/issuers", json={"url": "https://twice.test", "jwks": jwks("k")}), 201)
    path = f"/issuers/{made['id']}"
    go(page, "/admin/issuers")
    press(row(page, "https://twice.test"), "Change")
    form = dialog(page, "Change https://twice.test")
    field(form, "Name").fill("Mine")
    ok(place.admin.patch(path, json={"name": "Theirs"}, headers={"If-Match": f'"{made["revision"]}"'}))
    press(form, "Save")
    expect(form.get_by_role("alert")).to_be_visible()
    held = ok(place.admin.get(path))
    assert held["name"] == "Theirs"
    place.admin.delete(path, headers={"If-Match": f'"{held["revision"]}"'}).raise_for_status()


def test_what_somebody_comes_in_by_is_seen_and_ended(page: Page, place: Place) -> None:
    made = ok(place.admin.post("/users", json={"email": "eve@example.org", "name": "Eve Contractor"}), 201)
    eve = enter(place.product, made["one_time_login_url"], "forty snails cross a wet motorway")
    for name in ("CI", "Laptop", "Agent"):
        ok(eve.post("/me/tokens", json={"name": name, "scopes": ["catalog:read"]}), 201)
    watch = Watch({place.product.hub}).on(page)
    go(page, "/admin")
    page.get_by_role("link", name="Eve Contractor").click()
    press(row(page, "CI"), "Revoke CI")
    press(dialog(page, "Revoke “CI” of Eve Contractor?"), "Revoke it")
    expect(row(page, "CI")).to_have_count(0)
    press(page, "Manage")
    page.get_by_role("menuitem", name="Lock out").click()
    asked = dialog(page, "Lock Eve Contractor out?")
    expect(asked).to_contain_text("signed out in 1 browser")
    expect(asked).to_contain_text(re.compile("tokens (Agent and Laptop|Laptop and Agent) will stop working"))
    press(asked, "Keep as it is")
    press(page, "Revoke all")
    press(dialog(page, "Revoke all access tokens of Eve Contractor?"), "Revoke all")
    expect(page.get_by_text("No access tokens")).to_be_visible()
    press(page, "Sign out everywhere")
    press(dialog(page, "Sign Eve Contractor out everywhere?"), "Sign out everywhere")
    expect(page.get_by_text("Not signed in anywhere")).to_be_visible()
    assert eve.get("/session").status_code == 401
    assert watch.take() == []


DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#0a6b3d"/></svg>'
)


def test_the_hub_gets_a_logo_from_a_file_and_loses_it(page: Page, place: Place) -> None:
    watch = Watch({place.product.hub}).on(page)
    go(page, "/admin/branding")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_text("This is no picture that a browser can show.")).to_be_visible()
    chooser.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": DRAWING})
    expect(page.get_by_role("main").locator("img")).to_be_visible()
    press(page, "Save")
    logo = page.get_by_role("banner").locator("img")
    expect(logo).to_have_attribute("src", re.compile("^data:image/svg"))
    assert logo.evaluate("(image) => image.naturalWidth") > 0
    assert faults_in_every_look(page, "administrator", "branding-logo") == []
    press(page, "Take it away")
    press(page, "Save")
    expect(logo).to_have_count(0)
    assert ok(place.admin.get("/hub"))["logo_url"] == ""
    assert watch.take() == []
