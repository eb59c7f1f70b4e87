"""Routers whose routes run in a unit of work and carry ETags. Use :class:`HubRouter` for everything under /api/v1."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from waypost.interaction.api.auth import SAFE_METHODS
from waypost.interaction.api.deps import principal_of
from waypost.interaction.api.unit import Replayed, Unit, replay
from waypost.kit.errors import Unauthenticated

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_ETAG_MAX_BYTES = 256 * 1024
_LARGE_BYTES = 64 * 1024


class HubRoute(APIRoute):
    """A route whose handler commits after its answer is rendered and before it is sent."""

    def get_route_handler(self) -> _Handler:
        inner = super().get_route_handler()

        path = f"/api/v1{self.path}"

        async def in_unit(request: Request) -> Response:
            request.state.route = path
            await _stop_large_strangers(request)
            async with Unit(request) as unit:
                request.state.unit = unit
                try:
                    response = await inner(request)
                except Replayed as replayed:
                    return _tagged(request, replay(replayed.answer))
                await unit.finish(response)
                return _tagged(request, response)

        return in_unit


async def _stop_large_strangers(request: Request) -> None:
    """A large body is read only for somebody known: bodies are read before dependencies run."""
    size = request.headers.get("content-length", "0")
    is_large = "transfer-encoding" in request.headers or not size.isdigit() or int(size) > _LARGE_BYTES
    if not is_large or request.method in SAFE_METHODS or "/agent/" in request.url.path:
        return
    if (await principal_of(request)).kind == "anonymous":
        raise Unauthenticated


class HubRouter(APIRouter):
    """An APIRouter of hub routes: operation ids are the functions' names, absent bodies of no interest stay out."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("route_class", HubRoute)
        options.setdefault("generate_unique_id_function", _operation_id)
        super().__init__(**options)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _tagged(request: Request, response: Response) -> Response:
    revision = _revision(response)
    if revision is None:
        return response
    response.headers["ETag"] = f'"{revision}"'
    if request.method == "GET" and request.headers.get("if-none-match") == response.headers["ETag"]:
        return Response(status_code=304, headers={"ETag": response.headers["ETag"]})
    return response


def _revision(response: Response) -> int | None:
    body = bytes(getattr(response, "body", b""))
    is_json = response.headers.get("content-type", "").startswith("application/json")
    if not is_json or len(body) > _ETAG_MAX_BYTES or b'"revision"' not in body:
        return None
    value = orjson.loads(body)
    found = value.get("revision") if isinstance(value, dict) else None
    return found if isinstance(found, int) else None
