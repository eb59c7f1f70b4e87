"""Every page of the portal, as three kinds of reader, light and dark, wide and on a phone.

``WAYPOST_SCREENSHOTS=folder`` keeps a picture of each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import AXE, DESKTOP, PHONE, Watch, with_session
from tests.e2e.journey import call_until, sign_in
from tests.e2e.product import Product, ok, running, until

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
    *["/decisions", "/decisions/$decisionId"],
]
STUDIO = ["", "/versions", "/plans", "/policies", "/publish", "/subscribers", "/usage"]
ADMINISTRATOR = [
    "/",
    "/apps",
    "/apps/$appId",
    "/usage",
    "/account",
    *["/studio", "/studio/import", "/studio/approvals"],
    *[f"/studio/apis/$slug{tab}" for tab in STUDIO],
    "/studio/apis/$slug/versions/$versionId/operations/$operationId",
    *["/studio/apis/$slug/plans/$planId", "/studio/subscriptions/$subscriptionId", "/decisions/$decisionId"],
    *["/admin", "/admin/organisations", "/admin/organisations/$organisationId"],
    *["/admin/teams", "/admin/teams/$teamId", "/admin/gateways", "/admin/gateways/$gatewayId", "/admin/policies"],
    *["/admin/approvals", "/admin/events", "/admin/branding"],
]
# What an error page is made of, and nothing else.
EXPECTED = {
    "404 /api/v1/apis/nowhere",
    "404 /api/v1/apis/by-slug/nowhere",
}
WORDS = re.compile(r"waypost|envoy", re.IGNORECASE)
LOOKS = [(theme, size) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]


@dataclass(slots=True)
class Place:
    """The running product with its demo content, a consumer with calls, and what stands in the addresses."""

    product: Product
    admin: httpx.Client
    consumer: httpx.Client
    names: dict[str, str]

    def address(self, template: str) -> str:
        """The page's address: ``$slug`` and the like replaced."""
        return re.sub(r"\$(\w+)", lambda match: self.names[match[1]], template)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running(tmp_path_factory.mktemp("pages") / "hub", empty=False) as product:
        yield furnish(product)


def furnish(product: Product) -> Place:
    """A consumer with an app, a key and a few calls beside the demo content."""
    admin = enter(product, product.login, "lanterns over seven quiet harbours")
    made = ok(admin.post("/users", json={"email": "ada@example.org", "name": "Ada Consumer"}), 201)
    consumer = enter(product, made["one_time_login_url"], "every shelf holds one odd teapot")
    api = next(one for one in ok(admin.get("/apis", params={"limit": 100}))["items"] if one["slug"] == "weather")
    version = api["current_version_id"]
    subscription, key, address = subscribe(consumer, api)
    operation = ok(admin.get(f"/versions/{version}/operations"))["items"][0]["id"]
    set_policies(admin, api, plan=subscription["plan"]["id"], operation=operation)
    names = {
        "slug": api["slug"],
        "versionId": version,
        "versionName": next_version(admin, api),
        "operationId": operation,
        "planId": subscription["plan"]["id"],
        "decisionId": refused_call(consumer, address, key),
        "appId": subscription["app"]["id"],
        "subscriptionId": subscription["id"],
        "organisationId": ok(admin.get("/organisations"))["items"][0]["id"],
        "teamId": ok(admin.get("/teams"))["items"][0]["id"],
        "gatewayId": ok(admin.get("/gateways"))["items"][0]["id"],
    }
    return Place(product, admin, consumer, names)


def next_version(admin: httpx.Client, api: dict[str, Any]) -> str:
    """A second version of the API, of the same definition, that consumers may look at; its name."""
    definition = admin.get(f"/versions/{api['current_version_id']}/definition", params={"variant": "original"}).text
    made = ok(admin.post(f"/apis/{api['id']}/versions", json={"content": definition, "name": "next"}), 201)
    tag = {"If-Match": f'"{made["revision"]}"'}
    shown = ok(admin.patch(f"/versions/{made['id']}", json={"lifecycle": "published"}, headers=tag))
    tag = {"If-Match": f'"{shown["revision"]}"'}
    ok(admin.patch(f"/versions/{made['id']}", json={"lifecycle": "deprecated"}, headers=tag))
    return str(made["name"])


def enter(product: Product, link: str, password: str) -> httpx.Client:
    """Sign in by one-time link and choose a password, which renews the session."""
    client = sign_in(product, link)
    ok(client.post("/me/password", json={"new_password": password}))
    client.headers["X-CSRF-Token"] = ok(client.get("/session"))["csrf_token"]
    return client


def set_policies(admin: httpx.Client, api: dict[str, Any], *, plan: str, operation: str) -> None:
    """One policy or more at every level, of kinds that merge and kinds that replace."""
    version, team = api["current_version_id"], api["owner"]["id"]
    for path, config, locked in (
        ("/hub/policies/ip", {"deny": ["192.0.2.0/24", "2001:db8:bad::/48"]}, False),
        ("/hub/policies/sizes", {"request_bytes": 1_000_000}, True),
        (f"/teams/{team}/policies/ip", {"deny": ["198.51.100.7/32"]}, False),
        (f"/apis/{api['id']}/policies/headers", {"request_set": [{"name": "x-plan", "value": "{plan.name}"}]}, False),
        (f"/versions/{version}/policies/timeout", {"request_ms": 10_000}, False),
        (f"/versions/{version}/policies/cost?operation_id={operation}", {"cost": 3}, False),
        (f"/plans/{plan}/policies/rate_limit", {"limits": [{"requests": 2000, "seconds": 3600, "by": "app"}]}, False),
    ):
        ok(admin.put(path, json={"config": config, "locked": locked}))


def refused_call(consumer: httpx.Client, address: str, key: str) -> str:
    """The decision id of the first call over the plan's rate, once the hub can explain it."""
    answer = until(lambda: over_the_rate(address, key), what="429")
    decision = answer.headers["x-request-id"]
    until(lambda: consumer.get(f"/decisions/{decision}").status_code == 200, what="its explanation")
    return decision


def over_the_rate(address: str, key: str) -> httpx.Response | None:
    answer = httpx.get(address, headers={"x-api-key": key})
    return answer if answer.status_code == 429 else None


def subscribe(consumer: httpx.Client, api: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """A new app's subscription to the API's free plan, its key, and an address that it has called."""
    plan = next(
        one for one in ok(consumer.get(f"/apis/{api['id']}/plans"))["items"] if not one["current_version"]["approval"]
    )
    app = ok(consumer.post("/apps", json={"name": "Storefront", "description": "The web shop"}), 201)
    key = ok(consumer.post(f"/apps/{app['id']}/credentials", json={"name": "production"}), 201)["key"]
    asked = {"app_id": app["id"], "api_id": api["id"], "plan_id": plan["id"]}
    made: dict[str, Any] = ok(consumer.post("/subscriptions", json=asked), 201)
    reference = ok(consumer.get(f"/versions/{api['current_version_id']}/reference"))
    path = next(path for path, item in reference["paths"].items() if "get" in item and "{" not in path)
    address = reference["servers"][0]["url"] + path
    call_until(address, key, 200)
    return made, key, address


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
    watch = Watch({place.product.hub, place.product.gateway}, EXPECTED if client is None else set())
    context = with_session(browser, place.product.hub, client)
    # Not through the page's own script elements: its Content-Security-Policy stays in force while axe looks.
    context.add_init_script(AXE)
    page = context.new_page()
    watch.on(page)
    found: list[str] = []
    page.goto("/")
    for template in pages:
        found += look_at(page, place.address(template), template, reader, watch)
    context.close()
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)


def look_at(page: Page, address: str, template: str, reader: str, watch: Watch) -> list[str]:
    """Go to one page as a link would, and find what is wrong with it in every look."""
    page.evaluate("(address) => history.pushState({}, '', address)", address)
    page.wait_for_function(
        "() => __TSR_ROUTER__.state.status === 'idle' && __TSR_ROUTER__.state.location.href === "
        "__TSR_ROUTER__.state.resolvedLocation?.href"
    )
    faults: list[str] = []
    for theme, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(page, theme)
        faults += [f"{theme} {width}: {fault}" for fault in faults_of(page, reader, theme)]
        picture(page, reader, template, theme, width)
    return [f"{reader} {template} {fault}" for fault in dict.fromkeys([*faults, *watch.take()])]


def settle(page: Page, theme: str) -> None:
    """Until the page has its heading and its theme, nothing loads, and nothing moves any more."""
    expect(page.locator("h1").first).to_be_visible(timeout=15_000)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_function(
        """() => !document.querySelector('[aria-busy="true"], .mantine-Skeleton-root, .mantine-Loader-root')
          && document.getAnimations().every((one) => one.playState !== 'running'
               || one.effect?.getTiming().iterations === Infinity)
          && (!location.pathname.endsWith('/reference') || document.querySelector('.scalar-app h2'))""",
        timeout=15_000,
    )


def faults_of(page: Page, reader: str, theme: str) -> list[str]:
    """Axe's findings, overflow to the side, a missing title, and words a consumer should not read.

    Light and dark differ in nothing but colours, so in the dark only those are asked about.
    """
    faults = [one for violation in axe(page, only_colours=theme == "dark") for one in violation]
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        faults.append(f"scrolls sideways by {overflow} px")
    if page.title() in ("", "API portal"):
        faults.append(f"title {page.title()!r}")
    if reader != "administrator":
        text = page.evaluate("() => document.title + '\\n' + document.body.innerText")
        faults += [f"reads {match[0]!r}" for match in WORDS.finditer(text)]
    return faults


def axe(page: Page, *, only_colours: bool) -> list[list[str]]:
    """What axe finds: one list per rule, one line per element."""
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if only_colours else {})}
    violations = page.evaluate("(options) => axe.run(options).then((found) => found.violations)", options)
    return [
        [f"axe {rule['id']}: {' '.join(map(str, node['target']))} {node['html'][:200]}" for node in rule["nodes"][:3]]
        for rule in violations
    ]


def picture(page: Page, reader: str, template: str, theme: str, width: int) -> None:
    folder = os.environ.get("WAYPOST_SCREENSHOTS")
    if folder:
        name = re.sub(r"\W+", "-", template).strip("-") or "home"
        path = Path(folder) / f"{reader}-{name}-{width}-{theme}.png"
        page.screenshot(path=path, full_page=True)
