"""Opening a context: one unit of work with who asks. For edges, runners and long-polls that need short ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from waypost.application.context import Context, Principal
from waypost.information.uow import Actor, unit_of_work
from waypost.kit.errors import Conflict

if TYPE_CHECKING:
    from waypost.application.parts import Parts

ANONYMOUS = Principal()
SYSTEM = Principal(kind="system", id="system", name="System")


@asynccontextmanager
async def open_context(
    parts: Parts, principal: Principal, *, write: bool, request_id: str = ""
) -> AsyncIterator[Context]:
    """A context in its own transaction. The caller commits (``await ctx.uow.commit()``); else it is rolled back."""
    actor = Actor(kind=principal.kind, id=principal.id, request_id=request_id)
    async with unit_of_work(parts.engine, parts.clock, actor=actor, write=write) as uow:
        try:
            yield Context(principal=principal, uow=uow, parts=parts, request_id=request_id)
        except (IntegrityError, StaleDataError) as error:  # two changes at once: the database lets one through
            raise Conflict("Another change came in between.") from error
