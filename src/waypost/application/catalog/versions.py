"""Versions of an API: made by hand or of a definition, changed, published, deleted."""

from __future__ import annotations

from typing import Any, Literal

import anyio.to_thread

from waypost.application.access import require
from waypost.application.catalog import addresses, indexing
from waypost.application.catalog.acquire import Acquired, operation_rows
from waypost.application.catalog.changes import apply_changes, flush_claim
from waypost.application.catalog.definitions import (
    apply_overlay,
    dump_document,
    load_document,
    problems_of,
    without_nul,
)
from waypost.application.catalog.errors import DefinitionNotFound, InUse, VersionTaken
from waypost.application.catalog.lifecycle import check_step
from waypost.application.catalog.lookup import find_api, find_version, sees_version
from waypost.application.catalog.permissions import require_edit
from waypost.application.catalog.reads import version_read
from waypost.application.catalog.upstreams import check_upstream, usable_upstream
from waypost.application.catalog.version_schemas import VersionCreate, VersionRead, VersionUpdate
from waypost.application.context import Context
from waypost.application.revisions import bump, check_revision, hold
from waypost.contracts.ir.dump import to_plain
from waypost.contracts.vocab import Lifecycle
from waypost.information.blobs import BlobStore
from waypost.information.models import ApiRow, VersionRow
from waypost.information.repos.catalog import OperationRepo, VersionRepo
from waypost.information.repos.policies import PolicyRepo
from waypost.kit.ids import new_id
from waypost.kit.text import shorten

Variant = Literal["original", "effective"]
_CURRENT = (Lifecycle.PUBLISHED, Lifecycle.DEPRECATED, Lifecycle.RETIRED, Lifecycle.DRAFT)
"""What an API shows as its current version, best first, and the newest of those; consumers see no draft."""


class VersionService:
    """Versions. Never commits."""

    async def list(self, ctx: Context, api_id: str) -> list[VersionRead]:
        """All that the caller sees, newest first. Raises ApiNotFound."""
        api, _ = await find_api(ctx, api_id)
        repo = VersionRepo(ctx.session)
        rows = [row for row in await repo.of_api(api.id) if sees_version(ctx, api, row)]
        counts = await repo.operation_counts([row.id for row in rows])
        return [version_read(ctx, api, row, operations=counts.get(row.id, 0)) for row in rows]

    async def get(self, ctx: Context, version_id: str) -> VersionRead:
        """One version. Raises VersionNotFound."""
        version, api, _ = await find_version(ctx, version_id)
        return await self.read(ctx, api, version)

    async def read(self, ctx: Context, api: ApiRow, version: VersionRow) -> VersionRead:
        """A row as an answer."""
        counts = await VersionRepo(ctx.session).operation_counts([version.id])
        return version_read(ctx, api, version, operations=counts.get(version.id, 0))

    async def check_create(self, ctx: Context, api_id: str) -> ApiRow:
        """The API, for whoever may add drafts to it; asked before anything is fetched."""
        api, _ = await find_api(ctx, api_id)
        require(ctx, "catalog:draft", owner_id=api.owner_id, visible=True)
        return api

    async def create(
        self, ctx: Context, api_id: str, *, wanted: VersionCreate, acquired: Acquired | None
    ) -> VersionRead:
        """A further draft version, of ``acquired`` where there is one. Raises VersionTaken, UpstreamInvalid."""
        api = await self.check_create(ctx, api_id)
        version = await self.add(ctx, api, wanted=wanted, acquired=acquired)
        return await self.read(ctx, api, version)

    async def add(self, ctx: Context, api: ApiRow, *, wanted: VersionCreate, acquired: Acquired | None) -> VersionRow:
        """Insert a version with its operations and event; the caller has checked who may."""
        taken = await VersionRepo(ctx.session).of_api(api.id)
        stated = acquired.definition.version if acquired else ""
        name = wanted.name or addresses.make_version_name(stated)
        mount = addresses.make_mount(name, taken) if wanted.mount is None else wanted.mount
        addresses.check_version_claim(taken, name=name, mount=mount)
        now = ctx.clock.now()
        version_id = acquired.version_id if acquired else new_id("ver")
        version = VersionRow(id=version_id, api_id=api.id, name=name, mount=mount, notes=wanted.notes, revision=1)
        version.lifecycle, version.created_at, version.updated_at = Lifecycle.DRAFT, now, now
        version.overlay = {}
        await self._fill(ctx, version, wanted.upstream_url, acquired)
        if api.current_version_id is None:
            api.current_version_id = version.id
            bump(ctx, api)
        await self._record(ctx, "version.created", api, version, {"name": name, "format": version.format})
        await indexing.reindex(ctx, api)
        return version

    async def _fill(self, ctx: Context, version: VersionRow, upstream: str | None, acquired: Acquired | None) -> None:
        if acquired is not None:
            await set_definition(ctx, version, acquired)
        version.upstream_url = choose_upstream(ctx, upstream, version.servers or [])
        ctx.session.add(version)
        await flush_claim(ctx, VersionTaken)
        if acquired is not None:
            rows = acquired.rows or operation_rows(ctx.parts, acquired.definition, version.id)
            await rows.write(ctx.session)

    async def update(self, ctx: Context, version_id: str, *, change: VersionUpdate, revision: int) -> VersionRead:
        """Change fields. Raises VersionTaken, LifecycleRefused, InUse, UpstreamInvalid, PreconditionFailed."""
        version, api, _ = await find_version(ctx, version_id)
        values = change.model_dump(mode="json", exclude_none=True)
        require_edit(ctx, api, lifecycle=Lifecycle.PUBLISHED if "lifecycle" in values else version.lifecycle)
        check_revision(version, revision)
        await self._check_update(ctx, version, values)
        if "lifecycle" in values:
            await step(ctx, api, version, Lifecycle(values.pop("lifecycle")))
        changed = apply_changes(ctx, version, values)
        if changed:
            await flush_claim(ctx, VersionTaken)
            await self._record(ctx, "version.updated", api, version, {"changes": changed})
        return await self.read(ctx, api, version)

    async def _check_update(self, ctx: Context, version: VersionRow, values: dict[str, Any]) -> None:
        repo = VersionRepo(ctx.session)
        name, mount = values.get("name", version.name), values.get("mount", version.mount)
        if (name, mount) != (version.name, version.mount):
            taken = await repo.of_api(version.api_id)
            addresses.check_version_claim(taken, name=name, mount=mount, but=version.id)
        if mount != version.mount and await repo.deployments(version.id):
            raise InUse("Consumers call it under this mount.", hint="Withdraw it from its gateways first.")
        if values.get("upstream_url") == "" and version.upstream_url and await repo.deployments(version.id):
            raise InUse("Gateways send its calls there.", hint="Name another upstream, or withdraw it first.")
        if values.get("upstream_url"):
            values["upstream_url"] = check_upstream(values["upstream_url"], private=ctx.parts.limits.private_upstreams)

    async def delete(self, ctx: Context, version_id: str, *, revision: int) -> None:
        """Remove it with its operations and policies. Raises InUse while it is on a gateway."""
        version, api, _ = await find_version(ctx, version_id)
        require_edit(ctx, api, lifecycle=version.lifecycle)
        check_revision(version, revision)
        await hold(ctx, version)
        repo = VersionRepo(ctx.session)
        if await repo.deployments(version.id):
            raise InUse("It is still on a gateway.", hint="Withdraw it from its gateways first.")
        operations = OperationRepo(ctx.session)
        await operations.remove([row.id for row in await operations.of_version(version.id)])
        await PolicyRepo(ctx.session).forget(version.id)
        await ctx.session.delete(version)
        await ctx.session.flush()
        if api.current_version_id == version.id:
            await _choose_current(ctx, api)
        await self._record(ctx, "version.deleted", api, version, {"name": version.name})
        await indexing.reindex(ctx, api)

    async def definition(self, ctx: Context, version_id: str, *, variant: Variant) -> tuple[bytes, str]:
        """The bytes and their media type; original as it came, or effective with the hub's overlay as JSON.

        For the provider's side only: it names upstreams. Raises DefinitionNotFound, Forbidden.
        """
        version, api, _ = await find_version(ctx, version_id)
        require(ctx, "catalog:read", owner_id=api.owner_id, visible=True)
        if version.original_blob is None or version.document_blob is None:
            raise DefinitionNotFound
        blobs = BlobStore(ctx.session, ctx.clock)
        if variant == "original":
            media_type = "application/yaml" if version.syntax == "yaml" else "application/json"
            return await blobs.get(version.original_blob), media_type
        document = await blobs.get(version.document_blob)
        return await anyio.to_thread.run_sync(effective_bytes, document, dict(version.overlay)), "application/json"

    async def _record(self, ctx: Context, kind: str, api: ApiRow, version: VersionRow, data: dict[str, Any]) -> None:
        await record_version(ctx, kind, api, version, data)


async def record_version(ctx: Context, kind: str, api: ApiRow, version: VersionRow, data: dict[str, Any]) -> None:
    """Append an event of a version; gateways are told after the commit."""
    data = {"api_id": api.id, **data}
    await ctx.uow.record(kind, object_kind="version", object_id=version.id, owner_id=api.owner_id, data=data)
    ctx.uow.after_commit(ctx.parts.changed.pulse)


async def step(ctx: Context, api: ApiRow, version: VersionRow, wanted: Lifecycle) -> None:
    """Move a version along its life; publishing takes a draft API along, and every step may change what is current.

    The caller has checked who may. Raises LifecycleRefused, InUse.
    """
    check_step(version.lifecycle, wanted)
    if wanted == version.lifecycle:
        return
    if wanted == Lifecycle.RETIRED and await VersionRepo(ctx.session).deployments(version.id):
        raise InUse("It is still on a gateway.", hint="Withdraw it from its gateways first.")
    version.lifecycle = wanted
    bump(ctx, version)
    await _choose_current(ctx, api)
    if api.lifecycle == Lifecycle.DRAFT:
        await _take_along(ctx, api)
    await record_version(ctx, f"version.{wanted}", api, version, {"name": version.name})
    await indexing.reindex(ctx, api)


async def _choose_current(ctx: Context, api: ApiRow) -> None:
    rows = await VersionRepo(ctx.session).of_api(api.id)
    best = min(rows, key=lambda row: _CURRENT.index(Lifecycle(row.lifecycle)), default=None)
    chosen = best.id if best else None
    if chosen != api.current_version_id:
        api.current_version_id = chosen
        bump(ctx, api)


async def _take_along(ctx: Context, api: ApiRow) -> None:
    api.lifecycle = Lifecycle.PUBLISHED
    bump(ctx, api)
    await ctx.uow.record(
        "api.published", object_kind="api", object_id=api.id, owner_id=api.owner_id, data={"name": api.name}
    )


async def publish(ctx: Context, version_id: str) -> None:
    """Make a draft version published, for whoever puts it on a gateway and has checked who may."""
    version, api, _ = await find_version(ctx, version_id)
    if version.lifecycle == Lifecycle.DRAFT:
        await step(ctx, api, version, Lifecycle.PUBLISHED)


async def set_definition(ctx: Context, version: VersionRow, acquired: Acquired) -> None:
    """Keep the bytes and what they say on the row (operations are the caller's)."""
    definition = acquired.definition
    blobs = BlobStore(ctx.session, ctx.clock)
    version.original_blob = await blobs.put(acquired.original)
    version.document_blob = await blobs.put(acquired.document)
    version.format, version.syntax = definition.format, definition.syntax
    version.title = shorten(without_nul(definition.title), 300)
    version.servers = without_nul(list(definition.servers))
    version.security_schemes = without_nul([to_plain(scheme) for scheme in definition.security_schemes])
    version.problems = problems_of(definition)


def choose_upstream(ctx: Context, stated: str | None, servers: list[str]) -> str:
    """What was stated if it is usable (UpstreamInvalid else), or the first server that could be an upstream."""
    private = ctx.parts.limits.private_upstreams
    if stated is not None:
        return check_upstream(stated, private=private) if stated else ""
    return next((server.rstrip("/") for server in servers if usable_upstream(server, private=private)), "")


def effective_bytes(document: bytes, overlay: dict[str, Any]) -> bytes:
    """The kept document with the overlay. CPU-bound for large ones."""
    operations = overlay.get("operations", {})
    return dump_document(apply_overlay(load_document(document), operations)) if operations else document
