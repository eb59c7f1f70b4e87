"""Reading the event log: administrators and auditors all of it, maintainers their teams' part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select

from waypost.application import access
from waypost.application.audit.schemas import ChainRead, EventActor, EventObject, EventRead
from waypost.application.context import Context
from waypost.information.models import EventRow
from waypost.information.repos.events import EventRepo
from waypost.information.repos.paging import paginate
from waypost.kit.errors import Forbidden
from waypost.kit.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; empty means any. ``kind`` may end in ``.*``."""

    kind: str = ""
    object_id: str = ""
    actor_id: str = ""
    team_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditService:
    """The hash-chained log."""

    async def find(self, ctx: Context, *, page: PageRequest, wanted: EventFilter) -> Page[EventRead]:
        """Events, the newest first."""
        access.require_user(ctx)
        sees_all = access.sees_all(ctx.principal, "events:read")
        if not sees_all and not access.owners_with(ctx.principal, "events:read"):
            raise Forbidden("This takes the permission events:read.", hint="Ask an administrator or a team's owner.")
        query = _filtered(wanted).where(access.owned_by(ctx.principal, EventRow.owner_id, "events:read"))
        found = await paginate(
            ctx.session, query, page=page, sort_columns={"seq": EventRow.seq}, id_column=EventRow.seq
        )
        return Page(await _read_all(ctx, found.items), found.next_cursor)

    async def verify(self, ctx: Context) -> ChainRead:
        """Walk the whole chain; for who may read all of it."""
        access.require_user(ctx)
        if not access.sees_all(ctx.principal, "events:read"):
            raise Forbidden("Only administrators and auditors verify the whole chain.")
        check = await EventRepo(ctx.session).verify()
        return ChainRead(ok=check.ok, checked=check.checked, broken_at=check.broken_at)


def _filtered(wanted: EventFilter) -> Select[EventRow]:
    conditions = []
    if wanted.kind.endswith(".*"):
        conditions.append(EventRow.kind.startswith(wanted.kind[:-1], autoescape=True))
    elif wanted.kind:
        conditions.append(EventRow.kind == wanted.kind)
    for column, value in (
        (EventRow.object_id, wanted.object_id),
        (EventRow.actor_id, wanted.actor_id),
        (EventRow.owner_id, wanted.team_id),
    ):
        if value:
            conditions.append(column == value)
    if wanted.since:
        conditions.append(EventRow.at >= wanted.since)
    if wanted.until:
        conditions.append(EventRow.at < wanted.until)
    return select(EventRow).where(and_(True, *conditions))


_OWN = ("name", "slug", "prefix")
_ABOVE, _BESIDE = ("app_id", "api_id"), ("gateway_id", "user_id")
"""What else an event speaks of, before and after its object in the words for it."""


async def _read_all(ctx: Context, rows: Sequence[EventRow]) -> list[EventRead]:
    ids = {row.actor_id for row in rows} | {row.object_id for row in rows}
    ids |= {str(row.data.get(key, "")) for row in rows for key in (*_ABOVE, *_BESIDE)}
    names = await EventRepo(ctx.session).names(sorted(ids - {""}))
    return [_read(row, names) for row in rows]


def _label(row: EventRow, names: Mapping[str, str]) -> str:
    """``Storefront · Weather`` for a subscription: what a person would call the object, with what it belongs to."""
    own = names.get(row.object_id) or next((str(row.data[key]) for key in _OWN if row.data.get(key)), "")
    above, beside = (
        [names.get(str(row.data[key]), "") for key in keys if row.data.get(key) and row.data[key] != row.object_id]
        for keys in (_ABOVE, _BESIDE)
    )
    if not any((*above, own)):  # it is gone: what stood beside it is no name for it
        return ""
    return " · ".join(name for name in (*above, own, *beside) if name)


def _read(row: EventRow, names: Mapping[str, str]) -> EventRead:
    return EventRead(
        seq=row.seq,
        id=row.id,
        at=row.at,
        kind=row.kind,
        actor=EventActor(id=row.actor_id, kind=row.actor_kind, name=names.get(row.actor_id, "")),
        object=EventObject(kind=row.object_kind, id=row.object_id, label=_label(row, names)),
        owner_id=row.owner_id,
        request_id=row.request_id,
        data=row.data,
        hash=row.hash,
    )
