"""The steps of the backlog. Each is one short transaction that also keeps how far it is, so a crash loses nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from waypost.application.catalog.indexing import index_more
from waypost.application.context import Context
from waypost.application.gateways.receipts import acknowledge_more
from waypost.application.grants.walk import settle_more
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import BacklogRow
from waypost.information.repos.backlog import GRANTS, RECEIPTS, WORDS, BacklogRepo

if TYPE_CHECKING:
    from waypost.application.parts import Parts

Step = Callable[[Context, BacklogRow], Awaitable[str | None]]
"""Does the next part of a piece of work; where it is then, or None when it is done."""
STEPS: Mapping[str, Step] = {GRANTS: settle_more, WORDS: index_more, RECEIPTS: acknowledge_more}


async def step(parts: Parts) -> bool:
    """The next step of the oldest piece of work; False where there is nothing to do."""
    async with open_context(parts, SYSTEM, write=False) as ctx:
        if not await BacklogRepo(ctx.session).any():
            return False
    async with open_context(parts, SYSTEM, write=True) as ctx:
        row = await BacklogRepo(ctx.session).oldest()
        if row is None:
            return False
        cursor = await STEPS[row.kind](ctx, row)
        if cursor is None:
            await ctx.session.delete(row)
        else:
            row.cursor = cursor
        await ctx.uow.commit()
    return True


async def work_off(parts: Parts) -> None:
    """All steps there are. Between them others get their turn: writers queue up."""
    while await step(parts):
        pass
