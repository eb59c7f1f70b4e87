"""The backlog: what is still to be done in steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import BacklogRow
from waypost.kit.ids import new_id

GRANTS = "grants"
WORDS = "words"
RECEIPTS = "receipts"


class BacklogRepo:
    """Pieces of work, the oldest first."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, kind: str, *, now: datetime, api_id: str = "", gateway_id: str = "") -> None:
        """Ask for it; where the same has been asked for and not begun, that will do.

        What somebody is at just now, though not yet committed, may have read what is without this transaction's change.
        """
        same = (BacklogRow.kind == kind, BacklogRow.api_id == api_id, BacklogRow.gateway_id == gateway_id)
        waiting = select(BacklogRow.id).where(*same, BacklogRow.cursor == "").limit(1).with_for_update(skip_locked=True)
        if await self.session.scalar(waiting) is None:
            row = BacklogRow(id=new_id("job"), kind=kind, api_id=api_id, gateway_id=gateway_id, cursor="")
            row.created_at = now
            self.session.add(row)

    async def any(self, now: datetime) -> bool:
        """Whether there is something to do."""
        return await self.session.scalar(select(BacklogRow.id).where(_due(now)).limit(1)) is not None

    async def oldest(self, now: datetime) -> BacklogRow | None:
        """The next piece that is due, locked; None where another replica is at the only one."""
        query = select(BacklogRow).where(_due(now)).order_by(BacklogRow.id).limit(1).with_for_update(skip_locked=True)
        return (await self.session.scalars(query)).one_or_none()

    async def failing(self) -> Sequence[BacklogRow]:
        """What failed at its last step, the oldest first."""
        query = select(BacklogRow).where(BacklogRow.failures > 0).order_by(BacklogRow.id)
        return (await self.session.scalars(query)).all()


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(BacklogRow.due_at.is_(None), BacklogRow.due_at <= now)
