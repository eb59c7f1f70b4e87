"""Optimistic locking of versioned rows: check the revision a caller read, bump it on a change."""

from __future__ import annotations

from waypost.application.context import Context
from waypost.information.models.base import Versioned
from waypost.kit.errors import PreconditionFailed


def check_revision(row: Versioned, revision: int) -> None:
    """PreconditionFailed unless ``revision`` (from ``If-Match``) is the row's current one."""
    if row.revision != revision:
        raise PreconditionFailed(f"You read revision {revision}; it is at {row.revision} now.")


def bump(ctx: Context, row: Versioned) -> None:
    """A change: the revision grows and ``updated_at`` is now."""
    row.revision += 1
    row.updated_at = ctx.clock.now()
