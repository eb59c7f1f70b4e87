"""A real Chromium, and what a page did while a test looked at it: console errors, failures, requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from axe_playwright_python import sync_playwright as axe_package
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (Path(axe_package.__file__).parent / "axe.min.js").read_text()
DESKTOP, PHONE = (1440, 900), (390, 844)


@contextmanager
def launched() -> Iterator[Browser]:
    """The system's Chromium, headless, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass  # no slots: Playwright keeps its wrappers on the object
class Watch:
    """Collects what went wrong in a page; ``expected`` are ``STATUS path`` answers that are no failure."""

    origins: set[str]
    expected: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def on(self, page: Page) -> Watch:
        """Start to listen."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("response", self._response)
        return self

    def take(self) -> list[str]:
        """The faults since the last time."""
        taken, self.faults = self.faults, []
        return taken

    def _console(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        # An answer that is an error is judged by its status below; Chromium's line about it says no more.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.faults.append(f"console: {text}")

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.faults.append(f"request to another origin: {url}")

    def _response(self, response: Response) -> None:
        seen = f"{response.status} {urlsplit(response.url).path}"
        if response.status >= 400 and seen not in self.expected:
            self.faults.append(f"answer {seen}")


def with_session(browser: Browser, hub: str, client: httpx.Client | None, **options: object) -> BrowserContext:
    """A browser context of a person signed in by REST, or of nobody."""
    context = browser.new_context(base_url=hub, reduced_motion="reduce", locale="en-GB", **options)  # type: ignore[arg-type]
    if client:
        context.add_cookies([{"name": name, "value": value, "url": hub} for name, value in client.cookies.items()])
    return context
