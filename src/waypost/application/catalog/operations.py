"""Operations of a version: listing, and the hub's own words on them."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from sqlalchemy import ColumnElement, or_, select

from waypost.application.catalog import indexing
from waypost.application.catalog.definitions import OVERLAY_FIELDS, load_document, operation_object, without_nul
from waypost.application.catalog.lookup import find_operation, find_version
from waypost.application.catalog.permissions import require_edit
from waypost.application.catalog.reads import operation_read
from waypost.application.catalog.version_schemas import OperationRead, OperationUpdate
from waypost.application.catalog.versions import record_version
from waypost.application.context import Context
from waypost.application.revisions import bump, check_revision
from waypost.information.blobs import BlobStore
from waypost.information.models import OperationRow, VersionRow
from waypost.information.repos.catalog import contains
from waypost.information.repos.paging import paginate
from waypost.kit.paging import Page, PageRequest

_SORTS = {"position": OperationRow.position, "path": OperationRow.path, "method": OperationRow.method}
_EMPTY: dict[str, Any] = {"summary": "", "description": "", "tags": [], "deprecated": False}


class OperationService:
    """Operations. Never commits."""

    async def list(
        self, ctx: Context, version_id: str, *, page: PageRequest, q: str = "", tag: str = ""
    ) -> Page[OperationRead]:
        """One page in the definition's order; ``q`` are words in path, summary or operation id."""
        version, _, _ = await find_version(ctx, version_id)
        where: list[ColumnElement[bool]] = [OperationRow.version_id == version.id]
        for word in q.replace("\x00", " ").split()[:10]:
            columns = (OperationRow.key, OperationRow.summary, OperationRow.operation_id)
            where.append(or_(*(contains(column, word) for column in columns)))
        if tag:
            rows = (await ctx.session.execute(select(OperationRow.id, OperationRow.tags).where(*where))).all()
            where.append(OperationRow.id.in_([row.id for row in rows if tag in row.tags]))
        found = await paginate(
            ctx.session,
            select(OperationRow).where(*where),
            page=page,
            sort_columns=_SORTS,
            id_column=OperationRow.id,
            default_sort="position",
        )
        return Page([operation_read(row) for row in found.items], found.next_cursor)

    async def get(self, ctx: Context, version_id: str, operation_id: str) -> OperationRead:
        """One operation. Raises OperationNotFound."""
        version, _, _ = await find_version(ctx, version_id)
        return operation_read(await find_operation(ctx, version.id, operation_id))

    async def update(
        self, ctx: Context, version_id: str, operation_id: str, *, change: OperationUpdate, revision: int
    ) -> OperationRead:
        """Set or clear the hub's overlay; ``revision`` is the version's. A re-import keeps what stands here."""
        version, api, _ = await find_version(ctx, version_id)
        row = await find_operation(ctx, version.id, operation_id)
        require_edit(ctx, api, lifecycle=version.lifecycle)
        check_revision(version, revision)
        sent = change.model_dump(exclude_unset=True)
        overlay = _overlaid(version, row.key, sent)
        stated = await self._stated(ctx, version, row.key) if None in sent.values() else _EMPTY
        for name, value in sent.items():
            setattr(row, name, stated[name] if value is None else value)
        version.overlay = overlay
        bump(ctx, version)
        await record_version(ctx, "operation.updated", api, version, {"operation": row.key, "fields": sorted(sent)})
        await indexing.reindex(ctx, api)
        return operation_read(row)

    async def _stated(self, ctx: Context, version: VersionRow, key: str) -> dict[str, Any]:
        """What the definition itself says of an operation."""
        if version.document_blob is None:
            return _EMPTY
        data = await BlobStore(ctx.session, ctx.clock).get(version.document_blob)
        document = await anyio.to_thread.run_sync(load_document, data)
        found = operation_object(document, key) or {}
        stated: dict[str, Any] = without_nul({name: found.get(name, _EMPTY[name]) for name in OVERLAY_FIELDS})
        return {
            name: value if isinstance(value, type(_EMPTY[name])) else _EMPTY[name] for name, value in stated.items()
        }


def _overlaid(version: VersionRow, key: str, sent: dict[str, Any]) -> dict[str, Any]:
    operations = dict(version.overlay.get("operations", {}))
    fields = {**operations.get(key, {}), **sent}
    operations[key] = {name: value for name, value in fields.items() if value is not None}
    if not operations[key]:
        del operations[key]
    return {**version.overlay, "operations": operations}
