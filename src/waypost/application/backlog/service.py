"""The steps of the backlog. Each is one short transaction that also keeps how far it is, so a crash loses nothing.

A step that fails is undone, and its work is put off, longer each time: what is behind it goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from waypost.application.catalog.indexing import index_more
from waypost.application.context import Context
from waypost.application.gateways.receipts import acknowledge_more
from waypost.application.grants.walk import settle_more
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import BacklogRow
from waypost.information.repos.backlog import GRANTS, RECEIPTS, WORDS, BacklogRepo

if TYPE_CHECKING:
    from waypost.application.parts import Parts

log = structlog.get_logger("backlog")
Step = Callable[[Context, BacklogRow], Awaitable[str | None]]
"""Does the next part of a piece of work; where it is then, or None when it is done."""
STEPS: Mapping[str, Step] = {GRANTS: settle_more, WORDS: index_more, RECEIPTS: acknowledge_more}


_FIRST_PAUSE = timedelta(seconds=5)
_DOUBLED_AT_MOST = 6


async def step(parts: Parts) -> bool:
    """The next step of the oldest piece of work that is due; False where there is nothing to do."""
    now = parts.clock.now()
    async with open_context(parts, SYSTEM, write=False) as ctx:
        if not await BacklogRepo(ctx.session).any(now):
            return False
    taken = ""
    try:
        async with open_context(parts, SYSTEM, write=True) as ctx:
            row = await BacklogRepo(ctx.session).oldest(now)
            if row is None:
                return False
            taken = row.id
            await _advance(ctx, row)
            await ctx.uow.commit()
    except Exception as error:  # whatever it is, what is behind it shall not wait for it
        if not taken:
            raise
        await _put_off(parts, taken, error)
    return True


async def _advance(ctx: Context, row: BacklogRow) -> None:
    cursor = await STEPS[row.kind](ctx, row)
    if cursor is None:
        await ctx.session.delete(row)
    else:
        row.cursor, row.failures, row.error, row.due_at = cursor, 0, "", None


async def _put_off(parts: Parts, work_id: str, error: Exception) -> None:
    async with open_context(parts, SYSTEM, write=True) as ctx:
        row = await ctx.session.get(BacklogRow, work_id, with_for_update=True)
        if row is None:
            return
        row.failures += 1
        row.error = f"{type(error).__name__}: {error}"[:1000]
        row.due_at = ctx.clock.now() + _FIRST_PAUSE * 2 ** min(row.failures - 1, _DOUBLED_AT_MOST)
        log.error("backlog.failing", work=row.kind, api=row.api_id, gateway=row.gateway_id, exc_info=error)
        await ctx.uow.commit()


async def work_off(parts: Parts) -> None:
    """All steps that are due. Between them others get their turn: writers queue up."""
    while await step(parts):
        pass
