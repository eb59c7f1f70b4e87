"""What is looked at on every page, in every look.

``WAYPOST_SCREENSHOTS=folder`` keeps a picture of each.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import AXE, DESKTOP, PHONE, with_session
from tests.browser.place import Place

WORDS = re.compile(r"waypost|envoy", re.IGNORECASE)
# Where the reader is, in a row of places that scrolls sideways.
OUT_OF_SIGHT = """() => [...document.querySelectorAll('nav [data-status="active"]')].filter((here) => {
  const [own, row] = [here, here.closest('nav')].map((one) => one.getBoundingClientRect());
  return own.width > 0 && (own.left < row.left - 1 || own.right > row.right + 1);
}).map((here) => here.textContent)"""
# What a button says, where it has no room.
CUT = """() => [...document.querySelectorAll('.mantine-Button-label')]
  .filter((label) => label.scrollWidth > label.clientWidth + 1).map((label) => label.textContent)"""
LOOKS = [(theme, size) for size in (DESKTOP, PHONE) for theme in ("light", "dark")]


def opened(browser: Browser, place: Place, client: httpx.Client | None) -> Page:
    """The first page of the portal, of somebody or of nobody, with axe at hand."""
    context = with_session(browser, place.product.hub, client)
    # Not through the page's own script elements: its Content-Security-Policy stays in force while axe looks.
    context.add_init_script(AXE)
    page = context.new_page()
    page.goto("/")
    return page


def go(page: Page, address: str) -> None:
    """To another page as a link would, without loading the portal anew."""
    page.evaluate("(address) => history.pushState({}, '', address)", address)
    page.wait_for_function(
        """() => __TSR_ROUTER__.state.status === 'idle'
          && __TSR_ROUTER__.state.resolvedLocation?.pathname === location.pathname
          && __TSR_ROUTER__.state.resolvedLocation?.searchStr === location.search"""
    )


def faults_in_every_look(page: Page, reader: str, name: str) -> list[str]:
    """What is wrong with what is on the screen, in light and dark, wide and on a phone."""
    faults: list[str] = []
    for theme, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(page, theme)
        faults += [f"{theme} {width}: {fault}" for fault in faults_of(page, reader, theme)]
        picture(page, reader, name, theme, width)
    return list(dict.fromkeys(faults))


def settle(page: Page, theme: str) -> None:
    """Until the page has its heading and its theme, nothing loads, and nothing moves any more."""
    page.mouse.move(0, 0)  # where it was left, a tooltip may open when the page gets another size
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
    """Axe's findings, overflow to the side, cut words, a missing title, and words a consumer should not read.

    Light and dark differ in nothing but colours, so in the dark only those are asked about.
    """
    faults = [one for violation in axe(page, only_colours=theme == "dark") for one in violation]
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        faults.append(f"scrolls sideways by {overflow} px")
    faults += [f"out of sight in its row: {name!r}" for name in page.evaluate(OUT_OF_SIGHT)]
    faults += [f"cut off: {said!r}" for said in page.evaluate(CUT)]
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


def picture(page: Page, reader: str, name: str, theme: str, width: int) -> None:
    folder = os.environ.get("WAYPOST_SCREENSHOTS")
    if folder:
        slug = re.sub(r"\W+", "-", name).strip("-") or "home"
        path = Path(folder) / f"{reader}-{slug}-{width}-{theme}.png"
        page.screenshot(path=path, full_page=True)
