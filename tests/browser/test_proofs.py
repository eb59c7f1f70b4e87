"""How a consumer shows in the portal that a certificate or a client is theirs; what an administrator does without."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from joserfc import jwk, jwt
from playwright.sync_api import Browser, Locator, Page, expect

from tests.application.apps.material import certificate, signed
from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import choose, dialog, field, press, row
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]
ISSUER = "https://clients.meridian.test"
SIGNER = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    page = opened(browser, place, place.consumer)
    yield page
    page.context.close()


def new_key(page: Page, name: str, kind: str) -> Locator:
    press(page, "New key")
    form = dialog(page, "New key")
    field(form, "Name").fill(name)
    choose(page, form, "What it is", kind)
    return form


def sign(form: Locator, private: str) -> None:
    """What a person does at a terminal with the command that is shown."""
    shown = form.get_by_text("openssl dgst").inner_text()
    found = re.fullmatch(
        r"printf %s '(\S+)' \| openssl dgst -sha256 -sign client.key \| openssl base64 -A", shown.strip()
    )
    assert found, shown
    field(form, "Signature").fill(signed(private, found[1]))


def test_a_certificate_is_proven_by_its_key(page: Page, place: Place) -> None:
    watch = Watch({place.product.hub}, {place.address("422 /api/v1/apps/$appId/credentials")}).on(page)
    made, other = certificate(datetime.now(UTC)), certificate(datetime.now(UTC))
    go(page, place.address("/apps/$appId"))
    form = new_key(page, "partner", "Client certificate")
    expect(form.get_by_text("Without proof")).to_have_count(0)
    press(form, "Make it")
    expect(form.get_by_text("What the command prints")).to_have_count(2)
    field(form, "Certificate").fill(made[0])
    sign(form, other[2])
    press(form, "Make it")
    expect(form.get_by_text("did not make this over the challenge")).to_be_visible()
    assert faults_in_every_look(page, "consumer", "proof-refused") == []
    sign(form, made[2])
    press(form, "Make it")
    expect(form).to_be_hidden()
    expect(row(page, made[1])).to_contain_text("Active")
    follow = certificate(datetime.now(UTC))
    press(row(page, made[1]), "Rotate")
    form = dialog(page, "Rotate “partner”")
    field(form, "Next certificate").fill(follow[0])
    sign(form, follow[2])
    assert faults_in_every_look(page, "consumer", "proof-rotate") == []
    press(form, "Make the new one")
    expect(form).to_be_hidden()
    expect(row(page, made[1])).to_contain_text("Replaced")
    expect(row(page, follow[1])).to_contain_text("Active")
    assert watch.take() == []


def test_a_token_takes_over_what_was_only_claimed(browser: Browser, page: Page, place: Place) -> None:
    keys = json.dumps({"keys": [SIGNER.as_dict(private=False)]})
    ok(place.admin.post("/issuers", json={"url": ISSUER, "jwks": keys, "client_claim": "azp"}), 201)
    app = ok(place.admin.post("/apps", json={"name": "Claims"}), 201)
    admin = opened(browser, place, place.admin)
    go(admin, f"/apps/{app['id']}")
    form = new_key(admin, "claimed", "Client of another issuer")
    form.get_by_role("checkbox", name="Without proof").check()
    field(form, "Issuer").fill(ISSUER)
    field(form, "Its client id there").fill("planner")
    assert faults_in_every_look(admin, "administrator", "proof-claim") == []
    press(form, "Make it")
    expect(row(admin, "planner")).to_contain_text("Unproven")
    assert faults_in_every_look(admin, "administrator", "proof-unproven") == []
    go(page, place.address("/apps/$appId"))
    form = new_key(page, "ours", "Client of another issuer")
    expect(form.get_by_text(place.product.hub)).to_be_visible()
    claims = {"iss": ISSUER, "aud": place.product.hub, "azp": "planner", "exp": int(time.time()) + 60}
    field(form, "An access token of the client").fill(jwt.encode({"alg": "RS256", "kid": "one"}, claims, SIGNER))
    assert faults_in_every_look(page, "consumer", "proof-token") == []
    press(form, "Make it")
    expect(row(page, "planner")).to_contain_text("Active")
    admin.reload()
    expect(row(admin, "planner")).to_contain_text("Taken over")
    assert faults_in_every_look(admin, "administrator", "proof-taken-over") == []
    admin.context.close()
