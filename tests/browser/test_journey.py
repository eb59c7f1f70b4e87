"""All six steps of the journey in a real browser, through a real gateway, on SQLite."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import Watch, with_session
from tests.browser.steps import choose, dialog, field, keep_secret, press, row, sign_in_by_link, tab
from tests.e2e.journey import call_until, problem
from tests.e2e.product import Product, promised, running, until
from tests.e2e.upstream import Upstream, serving

pytestmark = [pytest.mark.browser, pytest.mark.live]

NO_YAML = 'openapi: "3.1.0"\ninfo:\n  title: Orders\n  version: "1.0\npaths: {}\n'
DANGLING = """\
openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders:
    get:
      responses:
        "200":
          description: All
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Missing"}
"""
PER_MINUTE = 8


@dataclass
class Stage:
    """Three people at their browsers, before one running product."""

    product: Product
    upstream: Upstream
    admin: Page
    provider: Page
    consumer: Page
    watch: Watch


@pytest.fixture
def stage(browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    with running(tmp_path / "hub") as product, serving() as upstream:
        # What the journey itself provokes.
        watch = Watch({product.hub, product.gateway}, {"422 /api/v1/apis/import"})
        contexts = [with_session(browser, product.hub, None, viewport=None) for _ in range(3)]
        admin, provider, consumer = (context.new_page() for context in contexts)
        for page in (admin, provider, consumer):
            page.set_default_timeout(20_000)
            watch.on(page)
        yield Stage(product, upstream, admin, provider, consumer, watch)
        for context in contexts:
            context.close()


def test_the_journey_in_the_browser(stage: Stage) -> None:
    expect.set_options(timeout=15_000)
    people_and_team(stage)
    read_problems(stage.provider)
    address = publish(stage)
    key = find_and_subscribe(stage, address)
    try_it(stage, address)
    snippet(stage, key)
    refusals(address, key)
    usage(stage, address, key)
    rotate_and_revoke(stage, address, key)
    approval(stage)
    assert stage.watch.take() == []


def people_and_team(stage: Stage) -> None:
    """The administrator's first minutes: password, a team, the person who will provide."""
    page = stage.admin
    sign_in_by_link(page, stage.product.login, "lanterns over seven quiet harbours")
    page.goto("/admin/teams")
    page.get_by_role("button", name="New team").first.click()
    form = dialog(page, "New team")
    field(form, "Name").fill("Shop")
    press(form, "Make the team")
    expect(page.get_by_role("heading", name="Shop")).to_be_visible()
    team = page.url
    page.get_by_role("link", name="People").click()
    links = [invite(page, name) for name in ("Pia Provider", "Carl Consumer")]
    page.goto(team)
    field(page, "Add somebody").click()
    page.get_by_role("option", name=re.compile("Pia Provider")).click()
    choose(page, page, "As", "Maintainer: also publishes")
    press(page, "Add")
    expect(row(page, "Pia Provider")).to_be_visible()
    sign_in_by_link(stage.provider, links[0], "five brown foxes knit slowly")
    sign_in_by_link(stage.consumer, links[1], "every shelf holds one odd teapot")


def invite(page: Page, name: str) -> str:
    """The one-time link of a new person."""
    page.get_by_role("button", name=re.compile("Invite")).first.click()
    form = dialog(page, "Invite somebody")
    field(form, "Name").fill(name)
    field(form, "Mail address").fill(f"{name.split(maxsplit=1)[0].lower()}@example.org")
    press(form, "Invite")
    return keep_secret(page, f"Sign-in link for {name}")


def read_problems(page: Page) -> None:
    """Step 1, the bad half: what is wrong is named by line, with a way out."""
    page.goto("/studio/import")
    paste(page, NO_YAML)
    problems = page.get_by_role("list", name="Problems of the definition")
    expect(problems.get_by_text("line 6", exact=True)).to_be_visible()
    expect(problems.get_by_text("This is not valid YAML")).to_be_visible()
    expect(problems.get_by_text("Check indentation, quotes and colons at this line.")).to_be_visible()
    paste(page, DANGLING)
    expect(page.get_by_role("heading", name="Worth mending")).to_be_visible()
    mended = problems.get_by_role("listitem").filter(has_text="#/components/schemas/Missing")
    expect(mended.get_by_text("line 11", exact=True)).to_be_visible()
    expect(mended.get_by_text("Correct the name, or add what it should point at.")).to_be_visible()
    press(page, "Another definition")


def paste(page: Page, definition: str) -> None:
    page.get_by_role("radiogroup", name="Where the definition is").get_by_text("Paste").click()
    field(page, "Definition").fill(definition)
    press(page, "Read it")


def publish(stage: Stage) -> str:
    """Steps 1 and 2: import, plans, visibility, publish; the address from the receipt."""
    page = stage.provider
    paste(page, stage.upstream.definition("Orders"))
    expect(page.get_by_role("heading", name="3 operations")).to_be_visible()
    expect(field(page, "Upstream")).to_have_value(stage.upstream.url)
    choose(page, page, "Seen by", "Whoever is signed in")
    field(page, "Category").fill("Commerce")
    press(page, "Make the draft")
    expect(page.get_by_text("Draft", exact=True).first).to_be_visible()
    expect(field(page, "Upstream")).to_have_value(stage.upstream.url)
    tab(page, "Plans")
    plan(page, name="Free", requests=PER_MINUTE)
    plan(page, name="Paid", requests=1000, price=49)
    return receipt_of(stage)


def receipt_of(stage: Stage) -> str:
    """Publish, and the address from the receipt."""
    page = stage.provider
    tab(page, "Publish")
    press(page, "Publish")
    receipt = page.get_by_role("alert").filter(has_text=re.compile(r"Live on .+ after [\d.]+ m?s"))
    expect(receipt).to_be_visible()
    expect(receipt.get_by_text("Verified by a probe through the gateway.")).to_be_visible()
    expect(row(page, "Live, verified")).to_be_visible()
    address = receipt.get_by_text(re.compile("^http://")).inner_text().strip()
    assert address.startswith(stage.product.gateway)
    return address


def plan(page: Page, *, name: str, requests: int, price: int | None = None) -> None:
    """A plan per minute; one with a price also needs approval."""
    page.get_by_role("button", name="New plan").click()
    form = dialog(page, "New plan")
    field(form, "Name").fill(name)
    limit = form.get_by_role("group", name="Rate limit 1", exact=True)
    field(limit, "Requests").fill(str(requests))
    choose(page, limit, "Unit", "minutes")
    if price:
        field(form, "Price per month").fill(str(price))
        form.get_by_role("switch", name="Somebody of the team approves each subscription").check()
    press(form, "Make the plan")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def find_and_subscribe(stage: Stage, address: str) -> str:
    """Step 3: search, facet, page, app, plan, key."""
    page = stage.consumer
    page.goto("/")
    field(page, "Search APIs and operations").fill("order")
    press(page, "Search")
    page.get_by_role("checkbox", name=re.compile("^Commerce")).check()
    expect(page).to_have_url(re.compile("category=Commerce"))
    expect(page.get_by_role("region", name="Operations").get_by_text("/orders/{id}")).to_be_visible()
    page.get_by_role("region", name="Operations").get_by_role("link").filter(has_text="/orders/{id}").click()
    expect(page).to_have_url(re.compile(r"/apis/orders/reference#tag/orders/GET/orders/\{id\}$"))
    page.go_back()
    page.get_by_role("link", name=re.compile("Orders.*Shop", re.DOTALL)).first.click()
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()
    expect(page.get_by_text(address, exact=True)).to_be_visible()
    tab(page, "Plans")
    plan_card(page, "Free")
    form = dialog(page, "Orders, plan Free")
    field(form, "Name of the new app").fill("Checkout")
    press(form, "Subscribe")
    key = keep_secret(page, "The key of Checkout")
    assert len(key) > 40
    call_until(f"{address}/orders/warm-up", key, 200)
    return key


def plan_card(page: Page, name: str) -> None:
    """Press the button of the plan's card."""
    heading = page.get_by_role("heading", name=name, exact=True)
    heading.locator("xpath=ancestor::*[.//button][1]").get_by_role("button").click()


def try_it(stage: Stage, address: str) -> None:
    """The reference, where the fresh key led, and a call from its console with the key filled in."""
    page = stage.consumer
    expect(page).to_have_url(re.compile("/apis/orders/reference"))  # the reference marks its own place in it
    section = page.locator("section").filter(has=page.get_by_role("heading", name="List orders")).last
    section.get_by_role("button", name=re.compile("Test Request")).click()
    console = page.get_by_role("dialog")
    with page.expect_response(lambda response: response.url == f"{address}/orders") as answer:
        console.get_by_role("button", name=re.compile("^Send")).first.click()
    assert answer.value.status == 200
    expect(console.get_by_text("200").first).to_be_visible()
    assert stage.upstream.seen[-1]["path"] == "/orders"
    assert "x-api-key" not in stage.upstream.seen[-1]["headers"], "the key stays at the gateway"
    page.keyboard.press("Escape")
    expect(console).to_be_hidden()


def snippet(stage: Stage, key: str) -> None:
    """The curl snippet as shown, run in a shell."""
    page = stage.consumer
    tab(page, "Overview")
    tabs = page.get_by_role("tablist", name="Snippet")
    names = set(tabs.get_by_role("tab").all_inner_texts())
    assert {"curl", "python", "javascript", "go", "java"} <= {name.lower() for name in names}
    tabs.get_by_role("tab", name=re.compile("curl", re.IGNORECASE)).click()
    code = page.get_by_role("tabpanel").inner_text()
    assert key in code
    command = [*shlex.split(code.replace("\\\n", " ")), "--silent", "--write-out", "\n%{http_code}"]
    assert command[0] == "curl"
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout.splitlines()[-1] == "200"


def refusals(address: str, key: str) -> None:
    """Step 4: over the rate 429, without a key 401."""
    answers = [httpx.get(f"{address}/orders", headers={"x-api-key": key}) for _ in range(PER_MINUTE)]
    assert answers[0].status_code == 200
    problem(answers[-1], 429, "rate_limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    problem(httpx.get(f"{address}/orders"), 401, "key_missing")


def usage(stage: Stage, address: str, key: str) -> None:
    """Step 5: a call is seen by both sides within five seconds, with its decision id; calls, series, splits."""
    stage.consumer.get_by_role("link", name="Usage", exact=True).click()
    stage.provider.get_by_role("link", name="Usage", exact=True).last.click()
    for page in (stage.consumer, stage.provider):
        expect(page.get_by_role("region", name="Recent calls").get_by_role("row").nth(1)).to_be_visible()
    decision = promised(5, lambda: _made_and_seen(stage, address, key))
    for page in (stage.consumer, stage.provider):
        shown = _shown(page, decision)
        expect(shown).to_contain_text("Checkout")
        shown.get_by_role("button").click()
        expect(dialog(page, "One call").get_by_text(decision)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_text("Latency p95")).to_be_visible()
    split = stage.provider.get_by_role("region", name="Calls split up")
    expect(split.get_by_role("row").filter(has_text="orders").first).to_be_visible()
    split.get_by_text("App", exact=True).first.click()
    expect(split.get_by_role("row").filter(has_text="Checkout")).to_be_visible()


def _shown(page: Page, decision: str) -> Locator:
    calls = page.get_by_role("region", name="Recent calls").get_by_role("row")
    return calls.filter(has_text="/orders/o-9").filter(has_text=decision[-10:])


def _made_and_seen(stage: Stage, address: str, key: str) -> str:
    """A call until it stands on both sides' pages; its decision id."""
    decision = httpx.get(f"{address}/orders/o-9", headers={"x-api-key": key}).headers["x-request-id"]
    for page in (stage.consumer, stage.provider):
        expect(_shown(page, decision)).to_be_visible()
    return decision


def rotate_and_revoke(stage: Stage, address: str, key: str) -> None:
    """Both keys live in the overlap; a revoked one is refused."""
    page = stage.consumer
    page.get_by_role("link", name="Apps", exact=True).click()
    page.get_by_role("link", name="Checkout").click()
    assert key not in page.content()
    press(page, "Rotate")
    press(dialog(page, "Rotate “first”"), "Make the new key")
    new = keep_secret(page, "Your new key")
    assert new != key
    for one in (new, key):
        until(lambda one=one: _status(address, one) in (200, 429), what="both keys")
    replaced = row(page, "Replaced")
    expect(replaced).to_be_visible()
    press(replaced, "Revoke first")
    press(page.get_by_role("dialog", name=re.compile("^Revoke")), "Revoke it")
    expect(row(page, "Revoked")).to_be_visible()
    problem(call_until(f"{address}/orders", key, 401), 401, "key_invalid")
    assert _status(address, new) in (200, 429)


def _status(address: str, key: str) -> int:
    return httpx.get(f"{address}/orders", headers={"x-api-key": key}).status_code


def approval(stage: Stage) -> None:
    """Step 6: asked, refused with a reason, asked again, approved; both sides see the state."""
    ask(stage.consumer)
    decide(stage.provider, "Refuse", "Which team is it for?")
    access(stage.consumer)
    expect(row(stage.consumer, "Refused")).to_contain_text("Which team is it for?")
    ask(stage.consumer)
    decide(stage.provider, "Approve", "Welcome")
    access(stage.consumer)
    expect(row(stage.consumer, "Paid").filter(has_text="Active")).to_be_visible()
    stage.consumer.goto("/")
    expect(row(stage.consumer, "Checkout")).to_contain_text("of 1,000 today")
    expect(row(stage.consumer, "Reports")).to_contain_text("Active")
    stage.provider.goto("/studio/apis/orders/subscribers")
    expect(row(stage.provider, "Paid").filter(has_text="Active")).to_be_visible()
    expect(row(stage.provider, "Paid").filter(has_text="Refused")).to_be_visible()


def ask(page: Page) -> None:
    """Another app of the consumer asks for the plan with approval."""
    page.goto("/apis/orders/plans")
    plan_card(page, "Paid")
    form = dialog(page, "Orders, plan Paid")
    choices = field(form, "App")
    choices.click()
    options = page.get_by_role("option")
    if options.filter(has_text="Reports").count():
        options.filter(has_text="Reports").click()
        press(form, "Ask for access")
        press(dialog(page, "Asked for access"), "Stay here")
    else:
        options.filter(has_text="A new app…").click()
        field(form, "Name of the new app").fill("Reports")
        press(form, "Ask for access")
        keep_secret(page, "The key of Reports")
    expect(row(page, "Reports").filter(has_text="Pending")).to_be_visible()


def access(page: Page) -> None:
    """The consumer's own view of the app's subscriptions."""
    page.goto("/apps")
    page.get_by_role("link", name="Reports").click()
    expect(page.get_by_role("heading", name="Subscriptions")).to_be_visible()


def decide(page: Page, verb: str, words: str) -> None:
    """The provider's answer, from the list of what waits."""
    page.goto("/studio/approvals")
    waiting = row(page, "Reports")
    press(waiting, verb)
    form = dialog(page, f"{verb} Reports")
    expect(form.get_by_text("It asks for Orders on the plan Paid.")).to_be_visible()
    form.get_by_role("textbox").fill(words)
    press(form, verb)
    expect(page.get_by_text("Nothing is waiting")).to_be_visible()
