"""The application: routers, problems and the layers around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from waypost.interaction.api import problems
from waypost.interaction.api.openapi import describe
from waypost.interaction.api.v1 import build_router

if TYPE_CHECKING:
    from waypost.application.parts import Parts

BODY_BYTES = 65 * 1024 * 1024


def create_app(parts: Parts | None) -> FastAPI:
    """The hub's ASGI application. ``parts`` None builds one that can only describe itself."""
    app = FastAPI(
        title="Platform API",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=BODY_BYTES,
    )
    app.state.parts = parts
    problems.install(app)
    app.include_router(build_router())
    return app


def build_openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the platform API."""
    return describe(create_app(None))
