"""Locking of versioned rows: check the revision a caller read, bump it on a change, hold what is to be deleted."""

from __future__ import annotations

from waypost.application.context import Context
from waypost.information.models.base import Versioned
from waypost.kit.errors import Conflict, PreconditionFailed


def check_revision(row: Versioned, revision: int) -> None:
    """PreconditionFailed unless ``revision`` (from ``If-Match``) is the row's current one."""
    if row.revision != revision:
        raise PreconditionFailed(f"You read revision {revision}; it is at {row.revision} now.")


async def hold(ctx: Context, row: Versioned) -> None:
    """Before asking whether anything points at ``row``, to delete it: from here on nothing new can.

    On PostgreSQL what points at it is written beside this transaction, and would go with it. Raises Conflict.
    """
    if await ctx.session.get(type(row), row.id, with_for_update=True) is None:
        raise Conflict("Another change came in between.")


def bump(ctx: Context, row: Versioned) -> None:
    """A change: the revision grows and ``updated_at`` is now."""
    row.revision += 1
    row.updated_at = ctx.clock.now()
