"""The application: routers, problems and the layers around them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from waypost.application.oauth.attempts import Attempts
from waypost.interaction.api import problems
from waypost.interaction.api.body_limit import BodyLimits
from waypost.interaction.api.metrics import HubMetrics
from waypost.interaction.api.middleware import RequestMiddleware
from waypost.interaction.api.oauth import oauth_router
from waypost.interaction.api.openapi import describe
from waypost.interaction.api.routing import PREFIX
from waypost.interaction.api.system import ApiOptions, system_router
from waypost.interaction.api.v1 import routers

if TYPE_CHECKING:
    from waypost.application.parts import Parts


def create_app(
    parts: Parts | None,
    *,
    options: ApiOptions | None = None,
    pages: ASGIApp | None = None,
    lifespan: Lifespan[FastAPI] | None = None,
) -> FastAPI:
    """The hub's ASGI application. ``parts`` None builds one that can only describe itself.

    ``pages`` (the portal) gets every GET outside ``/api`` that no route takes. ``lifespan`` runs beside the
    requests, between the server's start and its stop.
    """
    app = FastAPI(
        title="Platform API",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.parts = parts
    app.state.options = options or ApiOptions()
    app.state.metrics = HubMetrics()
    app.state.token_attempts = Attempts()
    problems.install(app)
    app.router.routes.extend(_routes())
    if pages is not None:
        app.router.default = _PagesOrNotFound(pages, app.router.default)
    limits = BodyLimits(definition_bytes=parts.limits.definition_bytes) if parts else BodyLimits()
    app.add_middleware(RequestMiddleware, metrics=app.state.metrics, body_limits=limits)
    return app


@lru_cache(maxsize=1)
def _routes() -> tuple[BaseRoute, ...]:
    """All routes. They hold nothing of an application, and making them takes a second: so they are made once."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for router in (system_router, oauth_router):
        app.include_router(router)
    for router in routers():  # not one router of routers: each level would look for the route once more
        app.include_router(router, prefix=PREFIX)
    return tuple(app.router.routes)


class _PagesOrNotFound:
    """What no route takes: a page for a browser, a problem for a program."""

    def __init__(self, pages: ASGIApp, not_found: ASGIApp) -> None:
        self._pages = pages
        self._not_found = not_found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if is_page and not scope["path"].startswith(("/api/", "/problems/")):
            scope["state"]["route"] = "(page)"
            await self._pages(scope, receive, send)
        else:
            await self._not_found(scope, receive, send)


def build_openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the platform API."""
    return describe(create_app(None))
