"""Reading the event log: as an outbox (what came after), and as evidence (is the chain whole)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.models import (
    ApiRow,
    AppRow,
    EntityRow,
    EventHeadRow,
    EventRow,
    GatewayRow,
    PlanRow,
    VersionRow,
)
from waypost.information.uow import event_hash

BATCH = 1000
FIRST_HASH = "0" * 64
_NAMED = (EntityRow, ApiRow, AppRow, GatewayRow, PlanRow, VersionRow)


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """Whether the chain is whole. ``broken_at`` is the first ``seq`` that does not fit, None when all do."""

    ok: bool
    checked: int
    broken_at: int | None = None


class EventRepo:
    """Events in the transaction of ``session``."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest_seq(self) -> int:
        """The number of the newest event; 0 before the first. It counts what is committed: there are no gaps."""
        return await self._session.scalar(select(EventHeadRow.seq).where(EventHeadRow.id == 1)) or 0

    async def since(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> list[EventRow]:
        """Events after ``seq`` in order, at most ``limit``; only of ``kinds`` where given."""
        statement = select(EventRow).where(EventRow.seq > seq).order_by(EventRow.seq).limit(limit)
        if kinds:
            statement = statement.where(EventRow.kind.in_(kinds))
        return list((await self._session.scalars(statement)).all())

    async def names(self, ids: Collection[str]) -> dict[str, str]:
        """Id -> name of what events speak of and still exists."""
        if not ids:
            return {}
        parts = (select(row.id, row.name).where(row.id.in_(ids)) for row in _NAMED)
        return {row.id: row.name for row in await self._session.execute(union_all(*parts))}

    async def verify(self) -> ChainCheck:
        """Recompute every hash from the first event to the head. Reads in batches: any length fits in memory."""
        head = (await self._session.execute(select(EventHeadRow.seq, EventHeadRow.hash))).one()
        seq, previous = 0, FIRST_HASH
        while rows := await self.since(seq, limit=BATCH):
            for row in rows:
                self._session.expunge(row)
                if row.seq != seq + 1 or row.prev_hash != previous or row.hash != event_hash(row):
                    return ChainCheck(ok=False, checked=seq, broken_at=seq + 1)
                seq, previous = row.seq, row.hash
        if (head.seq, head.hash) != (seq, previous):
            return ChainCheck(ok=False, checked=seq, broken_at=min(seq, head.seq) + 1)
        return ChainCheck(ok=True, checked=seq)
