"""What administrators set for a whole gateway: seen, changed, refused beside its field; its key is never shown."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.application.apps.material import certificate
from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place
from tests.browser.steps import dialog, field, press
from tests.e2e.product import ok

pytestmark = [pytest.mark.browser, pytest.mark.live]


@pytest.fixture
def gateway(place: Place) -> Iterator[str]:
    """The path of the gateway; afterwards it is as it was."""
    path = f"/gateways/{place.names['gatewayId']}"
    before = read(place, path)["settings"]
    yield path
    change(place, path, before)


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    """An administrator's."""
    page = opened(browser, place, place.admin)
    yield page
    page.context.close()


def read(place: Place, path: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(place.admin.get(path))
    return found


def change(place: Place, path: str, settings: dict[str, Any]) -> None:
    tag = {"If-Match": f'"{read(place, path)["revision"]}"'}
    ok(place.admin.patch(path, json={"settings": settings}, headers=tag))


def opened_settings(page: Page, place: Place) -> Locator:
    go(page, place.address("/admin/gateways/$gatewayId"))
    press(page, "Change settings")
    return page.get_by_role("dialog", name="Settings of")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def test_settings_are_changed_and_what_is_wrong_stands_beside_its_field(page: Page, place: Place, gateway: str) -> None:
    watch = Watch({place.product.hub}, {f"422 /api/v1{gateway}"}).on(page)
    form = opened_settings(page, place)
    field(form, "Trusted proxies").fill("nowhere")
    field(form, "Trusted proxies").press("Enter")
    field(form, "Largest request").fill("0")
    press(form, "Save")
    expect(form.get_by_text("is no address or network")).to_be_visible()
    expect(field(form, "Largest request")).to_have_attribute("aria-invalid", "true")
    assert faults_in_every_look(page, "administrator", "gateway-settings-refused") == []
    field(form, "Trusted proxies").press("Backspace")
    field(form, "Trusted proxies").fill("10.0.0.0/8")
    field(form, "Trusted proxies").press("Enter")
    field(form, "Largest request").fill("5000000")
    form.get_by_label("Also the older X-RateLimit headers").check()
    press(form, "Save")
    expect(form).to_be_hidden()
    shown = page.get_by_role("region", name="Settings")
    for value in ("10.0.0.0/8", "5,000,000 bytes", "None"):
        expect(shown.get_by_text(value)).to_be_visible()
    saved = read(place, gateway)["settings"]
    assert (saved["trusted_proxies"], saved["max_request_bytes"]) == (["10.0.0.0/8"], 5_000_000)
    assert saved["x_ratelimit_headers"]
    assert watch.take() == []


def test_a_tls_listener_is_opened_and_its_key_not_shown_again(page: Page, place: Place, gateway: str) -> None:
    watch = Watch({place.product.hub}, {f"422 /api/v1{gateway}"}).on(page)
    chain, _, key = certificate(datetime.now(UTC))
    port = free_port()
    form = opened_settings(page, place)
    form.get_by_label("Also listen with TLS").check()
    field(form, "Port").fill(str(port))
    field(form, "Certificate").fill(chain + key)
    press(form, "Save")
    expect(form.get_by_text("A private key stands in this text")).to_be_visible()
    expect(form.get_by_text("This is no private key")).to_be_visible()
    assert faults_in_every_look(page, "administrator", "gateway-tls-refused") == []
    field(form, "Certificate").fill(chain)
    with page.expect_file_chooser() as chooser:
        press(form, "Private key from a file")
    chooser.value.set_files({"name": "key.pem", "mimeType": "text/plain", "buffer": key.encode()})
    expect(field(form, "Private key")).to_have_value(key)
    press(form, "Save")
    expect(form).to_be_hidden()
    expect(page.get_by_role("region", name="Settings").get_by_text(f"Port {port}")).to_be_visible()
    assert faults_in_every_look(page, "administrator", "gateway-settings") == []
    press(page, "Change settings")
    form = page.get_by_role("dialog", name="Settings of")
    expect(field(form, "Private key")).to_have_value("")
    expect(field(form, "Certificate")).to_have_value(chain)
    field(form, "Authorities of callers' certificates").fill(chain)
    press(form, "Save")
    expect(page.get_by_text("Asked for", exact=True)).to_be_visible()
    assert "PRIVATE" not in place.admin.get(gateway).text
    press(page, "Change settings")
    dialog(page, "Settings of").get_by_label("Also listen with TLS").uncheck()
    press(dialog(page, "Settings of"), "Save")
    expect(page.get_by_role("region", name="Settings").get_by_text("None")).to_have_count(2)
    assert watch.take() == []


def test_who_changed_the_settings_in_between_is_not_overwritten(page: Page, place: Place, gateway: str) -> None:
    Watch({place.product.hub}, {f"412 /api/v1{gateway}"}).on(page)
    form = opened_settings(page, place)
    change(place, gateway, {"max_request_bytes": 4321})
    # Only after the page has asked again.
    expect(page.get_by_text("4,321 bytes")).to_be_attached(timeout=10_000)
    press(form, "Save")
    expect(form.get_by_role("alert")).to_contain_text("Somebody changed this in the meantime")
    expect(form.get_by_role("alert")).to_contain_text("make your change again")
    assert read(place, gateway)["settings"]["max_request_bytes"] == 4321
