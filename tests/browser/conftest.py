"""One Chromium for all browser tests; contexts keep them apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import launched


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The running browser, ended with this package: Playwright's loop runs in this thread as long as it lives,
    and while it runs no asynchronous test of another package can start its own."""
    with launched() as running:
        yield running
