"""One hub's parts, opened in order and closed in reverse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from waypost.application.parts import Limits, Parts
from waypost.information.analytics import open_analytics
from waypost.information.reseal import check_keys
from waypost.information.search import open_search
from waypost.information.secrets import KeyRing
from waypost.information.store import open_store
from waypost.integration.fetch import SafeFetcher
from waypost.integration.importers import OpenApiImporter
from waypost.kit.clock import SystemClock
from waypost.runtime.settings import Settings


@asynccontextmanager
async def open_parts(settings: Settings, *, public_url: str = "") -> AsyncIterator[Parts]:
    """Everything a hub needs, on an up-to-date schema. ``public_url`` is the fallback for the setting of that name."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    clock = SystemClock()
    # Analytics first: nobody migrates the database of a hub that runs.
    analytics = await open_analytics(settings.data_dir / "analytics.duckdb", clock=clock)
    try:
        engine = await open_store(settings.store_url, clock=clock, hub_name=settings.hub_name)
        try:
            keyring = KeyRing.load(settings.data_dir / "keyring.json")
            await check_keys(engine, clock, keyring)
            yield Parts(
                engine=engine,
                clock=clock,
                keyring=keyring,
                analytics=analytics,
                search=open_search(engine),
                importer=OpenApiImporter(),
                fetcher=SafeFetcher(allow=settings.fetch_allow),
                limits=_limits(settings),
                public_url=settings.public_url or public_url,
            )
        finally:
            await engine.dispose()
    finally:
        await analytics.close()


def _limits(settings: Settings) -> Limits:
    return Limits(
        definition_bytes=settings.definition_max_bytes,
        session_seconds=settings.session_seconds,
        private_upstreams=settings.private_upstreams,
    )
