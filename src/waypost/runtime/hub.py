"""The hub as one ASGI application: platform API, portal, and what runs beside them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from waypost.application.hub.service import HubService
from waypost.application.parts import Parts
from waypost.application.work import ANONYMOUS, open_context
from waypost.interaction.api.app import create_app
from waypost.interaction.api.system import ApiOptions
from waypost.interaction.web.pages import Look, Pages
from waypost.kit.crypto import Secret
from waypost.runtime.runners import running
from waypost.runtime.settings import Settings

LOOK_SECONDS = 5.0


def hub_app(parts: Parts, settings: Settings) -> FastAPI:
    """Everything that the hub serves."""
    options = ApiOptions(metrics_token=Secret(settings.metrics_token.get_secret_value()))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running(parts):
            yield

    return create_app(parts, options=options, pages=Pages(HubLook(parts)), lifespan=lifespan)


class HubLook:
    """The hub's name and gateways for the pages, read again after a few seconds."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept: tuple[float, Look] | None = None

    async def __call__(self) -> Look:
        now = time.monotonic()
        if self._kept is None or now - self._kept[0] > LOOK_SECONDS:
            async with open_context(self._parts, ANONYMOUS, write=False) as ctx:
                hub = await HubService().get(ctx)
            self._kept = (now, Look(hub.name, tuple(hub.gateways_origins)))
        return self._kept[1]
