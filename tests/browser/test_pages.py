"""Every page of the portal, as three kinds of reader, light and dark, wide and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Watch
from tests.browser.looks import faults_in_every_look, go, opened
from tests.browser.place import Place

pytestmark = [pytest.mark.browser, pytest.mark.live]

ROUTES = Path(__file__).parents[2] / "portal/src/routes"
PUBLIC = [
    *["/", "/apis", "/apis?q=order", "/apis?q=zzzz"],
    *["/apis/$slug", "/apis/$slug?version=$versionName", "/apis/$slug/reference", "/apis/$slug/plans"],
]
VISITOR = [*PUBLIC, "/login", "/login?token=x", "/signup", "/nowhere", "/apis/nowhere"]
# A reader who is signed in sees the same search; what differs is what they may do with an API.
CONSUMER = [
    "/",
    *PUBLIC[4:],
    *["/apps", "/apps/$appId", "/subscriptions/$subscriptionId", "/usage", "/account", "/studio", "/studio/import"],
    *["/decisions", "/decisions/$decisionId", "/studio/issuers", "/studio/teams"],
]
STUDIO = ["", "/versions", "/plans", "/policies", "/publish", "/subscribers", "/usage"]
ADMINISTRATOR = [
    "/",
    "/apps",
    "/apps/$appId",
    "/usage",
    "/account",
    *["/studio", "/studio/import", "/studio/approvals", "/studio/issuers", "/studio/teams", "/studio/teams/$teamId"],
    *[f"/studio/apis/$slug{tab}" for tab in STUDIO],
    "/studio/apis/$slug/versions/$versionId/operations/$operationId",
    *["/studio/apis/$slug/plans/$planId", "/studio/subscriptions/$subscriptionId", "/decisions/$decisionId"],
    *[
        "/admin",
        "/admin/people",
        "/admin/people/$userId",
        "/admin/organisations",
        "/admin/organisations/$organisationId",
    ],
    *["/admin/teams", "/admin/teams/$teamId", "/admin/gateways", "/admin/gateways/$gatewayId"],
    *[
        "/admin/policies",
        "/admin/issuers",
        "/admin/signing-keys",
        "/admin/approvals",
        "/admin/events",
        "/admin/branding",
    ],
]
# What an error page is made of, and nothing else.
EXPECTED = {
    "404 /api/v1/apis/nowhere",
    "404 /api/v1/apis/by-slug/nowhere",
}


def declared_routes() -> set[str]:
    """The full path of every route in the portal's route tables that has a page."""
    found: set[str] = set()
    pattern = re.compile(r'const (\w+) = createRoute\(\{\s*getParentRoute: \(\) => (\w+),\s*path: "([^"]+)"')
    for file in ROUTES.glob("*.tsx"):
        routes = {name: (parent, path) for name, parent, path in pattern.findall(file.read_text())}
        parents = {parent for parent, _ in routes.values()}
        for name in routes.keys() - parents:
            full, at = "", name
            while at in routes:
                at, path = routes[at]
                full = path.rstrip("/") + full
            found.add(full or "/")
    return found


def test_every_route_is_visited() -> None:
    visited = {page.split("?")[0] for page in (*VISITOR, *CONSUMER, *ADMINISTRATOR)}
    assert len(declared_routes()) > 20
    assert declared_routes() - visited == set()


@pytest.mark.parametrize("reader", ["visitor", "consumer", "administrator"])
def test_pages(browser: Browser, place: Place, reader: str) -> None:
    client = {"visitor": None, "consumer": place.consumer, "administrator": place.admin}[reader]
    pages = {"visitor": VISITOR, "consumer": CONSUMER, "administrator": ADMINISTRATOR}[reader]
    page = opened(browser, place, client)
    watch = Watch({place.product.hub, place.product.gateway}, EXPECTED if client is None else set()).on(page)
    found: list[str] = []
    for template in pages:
        go(page, place.address(template))
        faults = [*faults_in_every_look(page, reader, template), *watch.take()]
        found += [f"{reader} {template} {fault}" for fault in faults]
    page.context.close()
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)
