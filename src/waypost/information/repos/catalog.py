"""APIs, versions and operations in the store. Who may see what is the caller's ``where``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Dialect, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import DeploymentState, SubscriptionState
from waypost.information.bulk import ReadyRows, ready_changes, ready_rows
from waypost.information.models import (
    ApiRow,
    DeploymentRow,
    EntityRow,
    OperationRow,
    PolicyRow,
    SearchTagRow,
    SubscriptionRow,
    VersionRow,
)

_DEPLOYED = (
    DeploymentState.PENDING,
    DeploymentState.LIVE,
    DeploymentState.QUARANTINED,
    DeploymentState.WITHDRAWING,
)
_CHUNK = 500
_OPERATIONS = OperationRow.metadata.tables["operations"]
_OPEN = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)


class ApiAndOwner(NamedTuple):
    """An API and the entity that owns it."""

    api: ApiRow
    owner: EntityRow


class VersionAndApi(NamedTuple):
    """A version, its API and who owns that."""

    version: VersionRow
    api: ApiRow
    owner: EntityRow


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """``column`` contains ``text``, whatever its case; ``%`` and ``_`` mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = column.ilike(f"%{escaped}%", escape="\\")
    return found


class ApiRepo:
    """APIs."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def all(self) -> Select[ApiRow, EntityRow]:
        """APIs with their owners, unordered."""
        return select(ApiRow, EntityRow).join(EntityRow, EntityRow.id == ApiRow.owner_id)

    async def find(self, id_or_slug: str, *, where: ColumnElement[bool]) -> ApiAndOwner | None:
        """One API by id or slug, among those that ``where`` shows."""
        named = ApiRow.id == id_or_slug if id_or_slug.startswith("api_") else ApiRow.slug == id_or_slug
        row = (await self.session.execute(self.all().where(named, where))).one_or_none()
        return ApiAndOwner(row[0], row[1]) if row else None

    async def claimed(self, *, slug: str, base_path: str, but: str = "") -> Sequence[ApiRow]:
        """APIs other than ``but`` that hold the slug or the base path."""
        held = or_(ApiRow.slug == slug, ApiRow.base_path == base_path)
        return (await self.session.scalars(select(ApiRow).where(held, ApiRow.id != but))).all()

    def with_tag(self, tag: str) -> ColumnElement[bool]:
        """APIs that carry ``tag``."""
        return ApiRow.id.in_(select(SearchTagRow.api_id).where(SearchTagRow.tag == tag))

    async def deployments(self, api_id: str) -> int:
        """How many deployments still have something on a gateway."""
        where = (DeploymentRow.api_id == api_id, DeploymentRow.state.in_(_DEPLOYED))
        return await self.session.scalar(select(func.count()).select_from(DeploymentRow).where(*where)) or 0

    async def subscriptions(self, api_id: str) -> int:
        """How many subscriptions are pending or active."""
        where = (SubscriptionRow.api_id == api_id, SubscriptionRow.state.in_(_OPEN))
        return await self.session.scalar(select(func.count()).select_from(SubscriptionRow).where(*where)) or 0

    async def entity(self, entity_id: str) -> EntityRow | None:
        """An owner by id."""
        return await self.session.get(EntityRow, entity_id)


class VersionRepo:
    """Versions of APIs."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, version_id: str, *, where: ColumnElement[bool]) -> VersionAndApi | None:
        """One version by id, among those of APIs that ``where`` shows."""
        query = (
            select(VersionRow, ApiRow, EntityRow)
            .join(ApiRow, ApiRow.id == VersionRow.api_id)
            .join(EntityRow, EntityRow.id == ApiRow.owner_id)
            .where(VersionRow.id == version_id, where)
        )
        row = (await self.session.execute(query)).one_or_none()
        return VersionAndApi(row[0], row[1], row[2]) if row else None

    async def of_api(self, api_id: str) -> Sequence[VersionRow]:
        """All versions of an API, newest first."""
        newest = (VersionRow.created_at.desc(), VersionRow.id.desc())
        query = select(VersionRow).where(VersionRow.api_id == api_id).order_by(*newest)
        return (await self.session.scalars(query)).all()

    async def deployments(self, version_id: str) -> int:
        """How many deployments still have something on a gateway."""
        where = (DeploymentRow.version_id == version_id, DeploymentRow.state.in_(_DEPLOYED))
        return await self.session.scalar(select(func.count()).select_from(DeploymentRow).where(*where)) or 0

    async def operation_counts(self, version_ids: Collection[str]) -> dict[str, int]:
        """Version id -> number of operations."""
        query = (
            select(OperationRow.version_id, func.count())
            .where(OperationRow.version_id.in_(version_ids))
            .group_by(OperationRow.version_id)
        )
        return {row[0]: row[1] for row in await self.session.execute(query)}


class OperationRepo:
    """Operations of versions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_version(self, version_id: str) -> Sequence[OperationRow]:
        """All operations in the definition's order."""
        query = select(OperationRow).where(OperationRow.version_id == version_id).order_by(OperationRow.position)
        return (await self.session.scalars(query)).all()

    async def after(self, version_id: str, position: int, *, limit: int) -> Sequence[OperationRow]:
        """The next ones in the definition's order."""
        query = select(OperationRow).where(OperationRow.version_id == version_id, OperationRow.position > position)
        return (await self.session.scalars(query.order_by(OperationRow.position).limit(limit))).all()

    async def one(self, version_id: str, operation_id: str) -> OperationRow | None:
        """One operation of a version by its id."""
        query = select(OperationRow).where(OperationRow.id == operation_id, OperationRow.version_id == version_id)
        return (await self.session.scalars(query)).one_or_none()

    async def remove(self, operation_ids: Sequence[str]) -> None:
        """Delete operations and the policies that stood at them."""
        for start in range(0, len(operation_ids), _CHUNK):
            chunk = operation_ids[start : start + _CHUNK]
            await self.session.execute(delete(PolicyRow).where(PolicyRow.target_id.in_(chunk)))
            await self.session.execute(delete(OperationRow).where(OperationRow.id.in_(chunk)))


def ready_operations(rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> ReadyRows:
    """Rows of operations, ready to be inserted."""
    return ready_rows(_OPERATIONS, rows, dialect)


def changed_operations(rows: Mapping[str, Mapping[str, Any]], dialect: Dialect) -> list[ReadyRows]:
    """New values of operations by id, ready to be written."""
    return ready_changes(_OPERATIONS, rows, dialect)
