"""One Chromium for all browser tests; contexts keep them apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The running browser."""
    with launched() as running:
        yield running
