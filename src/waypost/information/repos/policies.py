"""Policies in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, CursorResult, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import PolicyLevel
from waypost.information.models import ApiRow, EntityRow, OperationRow, PolicyRow, VersionRow
from waypost.information.repos.chunks import chunks

_API_IDS: BindParameter[Any] = bindparam("api_ids", expanding=True)
_OF_KIND = select(PolicyRow).where(
    PolicyRow.target_id.in_(bindparam("target_ids", expanding=True)), PolicyRow.kind == bindparam("kind")
)
_CHANGING = ("config", "locked", "sealed", "revision", "updated_at")
_REPLACE = (
    update(PolicyRow)
    .where(PolicyRow.id == bindparam("old_id"), PolicyRow.revision == bindparam("old_revision"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
# Of tables, not of mapped classes: reading plain rows through those costs half as much again.
_POLICY, _API, _OWNER, _VERSION = (row.__table__ for row in (PolicyRow, ApiRow, EntityRow, VersionRow))
_OF_APIS = (
    select(*_POLICY.c)
    .where(
        or_(
            _POLICY.c.api_id.in_(_API_IDS),
            _POLICY.c.team_id.in_(select(_API.c.owner_id).where(_API.c.id.in_(_API_IDS))),
            _POLICY.c.level == PolicyLevel.HUB,
        )
    )
    .order_by(_POLICY.c.id)
)
_PLACES = (
    select(_API.c.id.label("api_id"), _API.c.name.label("api_name"), _API.c.owner_id)
    .add_columns(_OWNER.c.name.label("owner_name"))
    .add_columns(_VERSION.c.id.label("version_id"), _VERSION.c.name.label("version_name"))
    .select_from(
        _API.join(_OWNER, _OWNER.c.id == _API.c.owner_id).join(_VERSION, _VERSION.c.api_id == _API.c.id, isouter=True)
    )
    .where(_API.c.id.in_(_API_IDS))
    .order_by(_API.c.name, _API.c.id, _VERSION.c.name, _VERSION.c.id)
)


class PolicyRepo:
    """Policies."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def at(self, target_ids: Collection[str]) -> Sequence[PolicyRow]:
        """All that stand at these places, by kind."""
        query = select(PolicyRow).where(PolicyRow.target_id.in_(target_ids)).order_by(PolicyRow.kind)
        return (await self.session.scalars(query)).all()

    async def one(self, target_id: str, kind: str) -> PolicyRow | None:
        """The policy of one kind at one place."""
        return next(iter(await self.of_kind([target_id], kind)), None)

    async def of_kind(self, target_ids: Collection[str], kind: str) -> Sequence[PolicyRow]:
        """Those of one kind at these places."""
        return (await self.session.scalars(_OF_KIND, {"target_ids": list(target_ids), "kind": kind})).all()

    async def replace(self, row: PolicyRow, *, base: int) -> bool:
        """Keep ``row``, which belongs to no session, instead of its revision ``base``; False where that is gone."""
        values = {f"new_{name}": getattr(row, name) for name in _CHANGING}
        return await self._changed(_REPLACE, values | {"old_id": row.id, "old_revision": base})

    async def remove(self, target_id: str, kind: str, *, base: int) -> bool:
        """Delete the revision ``base``; False where it is gone."""
        where = (PolicyRow.target_id == target_id, PolicyRow.kind == kind, PolicyRow.revision == base)
        return await self._changed(delete(PolicyRow).where(*where), {})

    async def _changed(self, statement: Any, values: dict[str, Any]) -> bool:
        done: CursorResult[Any] = await (await self.session.connection()).execute(statement, values)
        return done.rowcount == 1

    async def of_apis(self, api_ids: Collection[str]) -> Sequence[Any]:
        """All that stand at these APIs and below, at their owners and at the hub: plain rows, as they are now."""
        found: dict[str, Any] = {}
        for part in chunks(api_ids):
            rows = await self.session.execute(_OF_APIS, {"api_ids": part})
            found |= {row.id: row for row in rows}
        return list(found.values())

    async def places(self, api_ids: Collection[str]) -> Sequence[Any]:
        """Rows (api_id, api_name, owner_id, owner_name, version_id, version_name); no version = None."""
        found: list[Any] = []
        for part in chunks(api_ids):
            found.extend((await self.session.execute(_PLACES, {"api_ids": part})).all())
        return found

    async def operations(self, operation_ids: Collection[str]) -> Sequence[Any]:
        """Rows (id, version_id, key)."""
        found: list[Any] = []
        for part in chunks(operation_ids):
            query = select(OperationRow.id, OperationRow.version_id, OperationRow.key).where(OperationRow.id.in_(part))
            found.extend((await self.session.execute(query.order_by(OperationRow.id))).all())
        return found

    async def forget(self, target_id: str) -> None:
        """Delete what stands at a place that goes away."""
        await self.session.execute(delete(PolicyRow).where(PolicyRow.target_id == target_id))

    async def apis_under(self, place: str, target_id: str) -> Sequence[str]:
        """Ids of the APIs that a policy of the hub or of a team (``place``) concerns."""
        query = select(ApiRow.id).order_by(ApiRow.id)
        if place == PolicyLevel.TEAM:
            query = query.where(ApiRow.owner_id == target_id)
        return (await self.session.scalars(query)).all()
