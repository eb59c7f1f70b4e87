"""One Chromium for all browser tests; contexts keep them apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import launched
from tests.browser.place import Place, furnish
from tests.e2e.product import running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The running browser, ended with this package: Playwright's loop runs in this thread as long as it lives,
    and while it runs no asynchronous test of another package can start its own."""
    with launched() as running:
        yield running


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One product for all tests that leave it as they found it."""
    with running(tmp_path_factory.mktemp("place") / "hub", empty=False) as product:
        yield furnish(product)
