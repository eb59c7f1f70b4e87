"""Routers whose routes run in a unit of work and carry ETags. Use :class:`HubRouter` for everything under /api/v1."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from waypost.interaction.api.auth import SAFE_METHODS
from waypost.interaction.api.deps import principal_of
from waypost.interaction.api.unit import Replayed, Unit, replay
from waypost.kit.errors import FieldError, Invalid, Unauthenticated
from waypost.kit.text import shorten

PREFIX = "/api/v1"
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_ETAG_MAX_BYTES = 256 * 1024
_LARGE_BYTES = 64 * 1024


class HubRoute(APIRoute):
    """A route whose handler commits after its answer is rendered and before it is sent."""

    def get_route_handler(self) -> _Handler:
        inner = super().get_route_handler()

        path, known = f"{PREFIX}{self.path}", sorted(_query_names(self.dependant))

        async def in_unit(request: Request) -> Response:
            request.state.route = path
            _stop_unknown_parameters(request, known)
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


def _query_names(dependant: Dependant) -> set[str]:
    below = (_query_names(item) for item in dependant.dependencies)
    return {field.alias for field in dependant.query_params}.union(*below)


def _stop_unknown_parameters(request: Request, known: Sequence[str]) -> None:
    """A mistyped ``dry_run`` or ``operation_id`` would do more than was asked for, a filter show more."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        message = "There is no parameter of this name; check its spelling, or leave it out."
        hint = f"Known here: {', '.join(known)}." if known else "This path takes none."
        errors = [FieldError(f"?{shorten(name, 100)}", message, hint) for name in unknown[:20]]
        raise Invalid(f"{errors[0].pointer}: {message}", errors=errors)


async def _stop_large_strangers(request: Request) -> None:
    """A large body is read only for somebody known: bodies are read before dependencies run."""
    size = request.headers.get("content-length", "0")
    is_large = "transfer-encoding" in request.headers or not size.isdigit() or int(size) > _LARGE_BYTES
    if not is_large or request.method in SAFE_METHODS or "/agent/" in request.url.path:
        return
    if (await principal_of(request)).kind == "anonymous":
        raise Unauthenticated


class HubRouter(APIRouter):
    """An APIRouter of hub routes: operation ids are the functions' names, absent bodies of no interest stay out.

    Of hundreds of routes only those are looked at which begin with the noun that is asked for.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("route_class", HubRoute)
        options.setdefault("generate_unique_id_function", _operation_id)
        super().__init__(**options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes takes it."""
        noun = scope["path"].removeprefix(f"{PREFIX}/").partition("/")[0]
        return super().matches(scope) if noun in self._nouns else (Match.NONE, {})

    @cached_property
    def _nouns(self) -> frozenset[str]:
        return frozenset(route.path.split("/", 2)[1] for route in self.routes if isinstance(route, APIRoute))


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
