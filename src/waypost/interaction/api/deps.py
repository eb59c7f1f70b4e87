"""What routes depend on: a context in a transaction (``Ctx``), or the means to open one later (``Late``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from waypost.application.context import Context, Principal
from waypost.interaction.api.auth import SAFE_METHODS, authenticate
from waypost.interaction.api.unit import Unit
from waypost.kit.errors import Unauthenticated

if TYPE_CHECKING:
    from waypost.application.parts import Parts


def parts_of(request: Request) -> Any:
    """The parts that runtime wired."""
    return request.app.state.parts


async def principal_of(request: Request) -> Principal:
    """Who asks, anonymous included; remembered for the access log."""
    known = getattr(request.state, "principal", None)
    if isinstance(known, Principal):
        return known
    principal = await authenticate(request, parts_of(request))
    request.state.principal = principal
    return principal


def _unit(request: Request) -> Unit:
    unit = getattr(request.state, "unit", None)
    if not isinstance(unit, Unit):
        raise RuntimeError(f"{request.url.path} must be a route of a HubRouter")
    return unit


async def context_of(request: Request, principal: Annotated[Principal, Depends(principal_of)]) -> Context:
    """A context whose transaction writes for unsafe methods. Those take somebody signed in."""
    write = request.method not in SAFE_METHODS
    if write and principal.kind == "anonymous":
        raise Unauthenticated  # before a write transaction is opened for nobody
    return await _unit(request).open(parts_of(request), principal, write=write)


@dataclass(frozen=True, slots=True)
class LateContext:
    """For routes with slow work first (fetch, hash, wait): ``ctx = await late.open(write=True)`` when it is time.

    The unit of work is committed by the route like any other. For short reads in between use ``open_context``.
    """

    request: Request
    principal: Principal
    parts: Parts

    async def open(self, *, write: bool) -> Context:
        """Begin the request's transaction."""
        return await _unit(self.request).open(self.parts, self.principal, write=write)


async def late_context_of(request: Request, principal: Annotated[Principal, Depends(principal_of)]) -> LateContext:
    """Nothing is opened yet; anonymous callers are let in, the route decides."""
    return LateContext(request, principal, parts_of(request))


Ctx = Annotated[Context, Depends(context_of)]
Late = Annotated[LateContext, Depends(late_context_of)]
Who = Annotated[Principal, Depends(principal_of)]
PartsDep = Annotated[Any, Depends(parts_of)]
