"""A real web server that plays the issuer, and a fetcher that may go to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.web_server import WebServer, web_server
from waypost.application.parts import Parts
from waypost.integration.fetch import SafeFetcher


@pytest.fixture
async def web(parts: Parts) -> AsyncIterator[WebServer]:
    async with web_server() as server:
        parts.fetcher = SafeFetcher(allow=("127.0.0.0/8",))
        yield server
