"""The unit of work: one transaction, its events, one commit.

Events are appended in the transaction that they describe (outbox) and chained by hash. The chain's head is one locked
row, so sequence numbers are in commit order; ``grants.revision`` is such a number.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from waypost.information.engine import WRITE_OPTION
from waypost.information.faults import NO_CONNECTION, UNSTORABLE, StoreBusy, as_problem
from waypost.information.models import EventRow
from waypost.kit.clock import Clock
from waypost.kit.ids import new_id

_EVENTS, _END = (EventRow.metadata.tables[name] for name in ("events", "event_head"))
_HEAD = select(_END.c.seq, _END.c.hash).where(_END.c.id == 1).with_for_update()
_APPEND = insert(_EVENTS)
_MOVE_HEAD = update(_END).where(_END.c.id == 1).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
_LONGEST_WAIT = 30
"""Seconds; as long as the database itself would wait."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: ``kind`` is user | gateway | system | anonymous."""

    kind: str = "system"
    id: str = ""
    request_id: str = ""


class UnitOfWork:
    """A session in one transaction. ``record`` appends an event; ``after_commit`` runs what only follows a commit."""

    def __init__(self, session: AsyncSession, clock: Clock, actor: Actor) -> None:
        self.session = session
        self.clock = clock
        self.actor = actor
        self._after: list[Callable[[], None]] = []
        self._end: tuple[int, str] | None = None
        self.wrote = False

    async def record(
        self,
        kind: str,
        *,
        object_kind: str,
        object_id: str,
        owner_id: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> int:
        """Append ``kind`` (as ``subscription.approved``); its sequence number. Never put a secret into ``data``."""
        await self.session.flush()
        seq, prev_hash = await self._head()
        values = {
            "seq": seq + 1,
            "id": new_id("evt"),
            "at": self.clock.now(),
            "kind": kind,
            "actor_id": self.actor.id,
            "actor_kind": self.actor.kind,
            "object_kind": object_kind,
            "object_id": object_id,
            "owner_id": owner_id,
            "request_id": self.actor.request_id,
            "data": _storable(dict(data or {})),
            "prev_hash": prev_hash,
        }
        values["hash"] = event_hash(EventRow(**values))
        await self.session.execute(_APPEND, values)
        await self.session.execute(_MOVE_HEAD, {"new_seq": values["seq"], "new_hash": values["hash"]})
        self._end = seq + 1, values["hash"]
        self.wrote = True
        return seq + 1

    async def alone(self) -> int:
        """Nobody records an event from here until this transaction ends: what is looked at now holds when it commits.

        The number of the last event.
        """
        return (await self._head())[0]

    async def _head(self) -> tuple[int, str]:
        """Number and hash of the last event; nobody else moves them while this transaction has them locked."""
        if self._end is None:
            row = (await self.session.execute(_HEAD)).one()
            self._end = row.seq, row.hash
        return self._end

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run ``call`` once this transaction is safe; it is forgotten on a rollback."""
        self._after.append(call)

    async def commit(self) -> None:
        """Make it safe, then run what waited for it. Called once, at the edge."""
        await self.session.commit()
        self._end = None
        calls, self._after = self._after, []
        for call in calls:
            call()


def _storable(value: Any) -> Any:
    """As PostgreSQL gives it back: whole numbers are whole, for it does not keep that one was written as ``1e+16``."""
    if isinstance(value, Mapping):
        return {key: _storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def event_hash(row: EventRow) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the event."""
    body = {
        "seq": row.seq,
        "id": row.id,
        "at": row.at.isoformat(),
        "kind": row.kind,
        "actor": [row.actor_kind, row.actor_id],
        "object": [row.object_kind, row.object_id],
        "owner": row.owner_id,
        "request": row.request_id,
        "data": row.data,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{row.prev_hash}\n{text}".encode()).hexdigest()


_QUEUES: WeakKeyDictionary[Engine, asyncio.Lock] = WeakKeyDictionary()


@asynccontextmanager
async def _turn(engine: AsyncEngine, write: bool) -> AsyncIterator[None]:
    """SQLite has one writer at a time: those of this process wait in a queue, first come, first served.

    The database's own waiting is a poll with growing pauses, in which somebody who writes in many short steps would be
    met over and over again.
    """
    if not write or engine.dialect.name != "sqlite":
        yield
        return
    lock = _QUEUES.setdefault(engine.sync_engine, asyncio.Lock())
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            await lock.acquire()
    except TimeoutError as error:
        raise StoreBusy from error
    try:
        yield
    finally:
        lock.release()


def _options(engine: AsyncEngine, write: bool) -> dict[str, Any]:
    is_snapshot = not write and engine.dialect.name == "postgresql"
    return {WRITE_OPTION: write} | ({"isolation_level": "REPEATABLE READ"} if is_snapshot else {})


@asynccontextmanager
async def unit_of_work(
    engine: AsyncEngine, clock: Clock, *, actor: Actor | None = None, write: bool = True
) -> AsyncIterator[UnitOfWork]:
    """Open a transaction; whoever opened it calls ``commit``; anything else rolls back.

    One that only reads sees the store as of one moment, on PostgreSQL too, which would give every statement its own.
    What the database cannot do is raised as one of the problems in :mod:`.faults`; an ``IntegrityError`` stays one.
    """
    try:
        options = _options(engine, write)
        async with (
            _turn(engine, write),
            AsyncSession(engine, expire_on_commit=False, autoflush=write, execution_options=options) as session,
        ):
            yield UnitOfWork(session, clock, actor or Actor())
    except (SQLAlchemyError, *NO_CONNECTION, *UNSTORABLE) as error:
        problem = as_problem(error)
        if problem is None:
            raise
        raise problem from error
