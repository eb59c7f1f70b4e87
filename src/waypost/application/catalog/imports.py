"""Imports: a definition becomes an API, or replaces the one a version had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from waypost.application.catalog import addresses, indexing
from waypost.application.catalog.acquire import Acquired, check_importable
from waypost.application.catalog.definitions import (
    first_sentence,
    kept_operations,
    load_document,
    problems_of,
    without_nul,
)
from waypost.application.catalog.errors import OperationsWouldGo
from waypost.application.catalog.import_schemas import (
    ApiImport,
    DefinitionChanges,
    DefinitionReplace,
    ImportPreview,
    ImportRead,
)
from waypost.application.catalog.lookup import find_version
from waypost.application.catalog.merge import Merge, merge_operations
from waypost.application.catalog.permissions import require_edit
from waypost.application.catalog.reads import api_read
from waypost.application.catalog.service import CatalogService
from waypost.application.catalog.version_schemas import DefinitionProblemRead, SecuritySchemeRead, VersionCreate
from waypost.application.catalog.versions import VersionService, choose_upstream, record_version, set_definition
from waypost.application.context import Context
from waypost.application.owners import require_owner
from waypost.application.revisions import bump, check_revision
from waypost.contracts.importers import ImportedDefinition, Severity
from waypost.contracts.ir.dump import to_plain
from waypost.contracts.vocab import Lifecycle
from waypost.information.blobs import BlobStore
from waypost.information.bulk import ReadyRows
from waypost.information.models import ApiRow, VersionRow
from waypost.information.repos.catalog import OperationRepo, changed_operations, ready_operations
from waypost.kit.errors import FieldError
from waypost.kit.ids import new_id
from waypost.kit.text import one_line, shorten

_API_TAGS = 10


@dataclass(frozen=True, slots=True)
class Compared:
    """What a definition would change about a version that is at ``revision``; ``rows`` are ready for the database."""

    revision: int
    merge: Merge
    rows: Sequence[ReadyRows]


class ImportService:
    """Imports of what :func:`acquire` got. Never commits."""

    def __init__(self) -> None:
        self._catalog = CatalogService()
        self._versions = VersionService()

    def check_allowed(self, ctx: Context, wanted: ApiImport) -> None:
        """Pass for whoever may make drafts for the owner; asked before anything is fetched."""
        require_owner(ctx, "catalog:draft", wanted.owner_id)

    async def look(self, ctx: Context, wanted: ApiImport, acquired: Acquired) -> ImportRead:
        """A dry run: what an import would do, clashes of addresses among the problems."""
        self.check_allowed(ctx, wanted)
        names = _names(wanted, acquired.definition)
        problems = problems_of(acquired.definition)
        clash = await addresses.claim_conflict(ctx, slug=names["slug"], base_path=names["base_path"])
        if clash is not None:
            problems += [_clash_problem(error) for error in clash.errors]
        return ImportRead(preview=preview(acquired, **names), problems=_reads(problems))

    async def import_api(self, ctx: Context, wanted: ApiImport, acquired: Acquired) -> ImportRead:
        """A draft API with its first version. Raises DefinitionInvalid, PathTaken, UpstreamInvalid."""
        self.check_allowed(ctx, wanted)
        check_importable(acquired)
        names = _names(wanted, acquired.definition)
        api, owner = await self._catalog.add(ctx, _api_values(wanted, acquired.definition) | names)
        first = VersionCreate(upstream_url=wanted.upstream_url)
        version = await self._versions.add(ctx, api, wanted=first, acquired=acquired)
        return ImportRead(
            api=api_read(ctx, api, owner),
            version=await self._versions.read(ctx, api, version),
            preview=preview(acquired, **names),
            problems=_reads(version.problems),
        )

    async def check_replace(self, ctx: Context, version_id: str) -> None:
        """Pass for whoever may replace the version's definition; asked before anything is fetched."""
        version, api, _ = await find_version(ctx, version_id)
        require_edit(ctx, api, lifecycle=version.lifecycle)

    async def compare(self, ctx: Context, version_id: str, acquired: Acquired) -> Compared:
        """What a newer definition would change; done before the transaction that writes, for it takes its time."""
        version, api, _ = await find_version(ctx, version_id)
        require_edit(ctx, api, lifecycle=version.lifecycle)
        return await self._compared(ctx, version, acquired)

    async def replace(
        self,
        ctx: Context,
        version_id: str,
        *,
        wanted: DefinitionReplace,
        acquired: Acquired,
        compared: Compared,
        revision: int | None,
    ) -> ImportRead:
        """Put a newer definition under a version. Raises DefinitionInvalid, OperationsWouldGo, PreconditionFailed."""
        version, api, owner = await find_version(ctx, version_id)
        require_edit(ctx, api, lifecycle=version.lifecycle)
        if revision is not None:
            check_revision(version, revision)
        if not wanted.dry_run:
            check_importable(acquired)
        if compared.revision != version.revision:
            compared = await self._compared(ctx, version, acquired)
        changes = _changes(compared.merge)
        if not wanted.dry_run:
            self._check_removals(version, changes, confirm=wanted.confirm)
            await self._apply(ctx, api, version, acquired, compared)
        return ImportRead(
            api=None if wanted.dry_run else api_read(ctx, api, owner),
            version=None if wanted.dry_run else await self._versions.read(ctx, api, version),
            preview=preview(acquired, slug=api.slug, base_path=api.base_path),
            changes=changes,
            problems=_reads(problems_of(acquired.definition)),
        )

    async def _compared(self, ctx: Context, version: VersionRow, acquired: Acquired) -> Compared:
        kept = await OperationRepo(ctx.session).of_version(version.id)
        before = b"{}"
        if version.document_blob is not None:
            before = await BlobStore(ctx.session, ctx.clock).get(version.document_blob)
        overlay = version.overlay.get("operations", {})

        def compare() -> Compared:
            base, theirs = load_document(before), acquired.definition.document
            merge = merge_operations(
                kept, kept_operations(acquired.definition), overlay=overlay, base=base, theirs=theirs
            )
            return Compared(version.revision, merge, _ready(ctx, version, merge))

        return await anyio.to_thread.run_sync(compare)

    def _check_removals(self, version: VersionRow, changes: DefinitionChanges, *, confirm: bool) -> None:
        if not changes.removed or confirm or version.lifecycle == Lifecycle.DRAFT:
            return
        errors = [FieldError("/content", f"{key} would go away.") for key in changes.removed[:50]]
        raise OperationsWouldGo(f"{len(changes.removed)} operations would go away.", errors=errors)

    async def _apply(
        self, ctx: Context, api: ApiRow, version: VersionRow, acquired: Acquired, compared: Compared
    ) -> None:
        merge = compared.merge
        followed = version.upstream_url == choose_upstream(ctx, None, version.servers)
        await set_definition(ctx, version, acquired)
        if followed:  # nobody chose another upstream in the hub, so it goes where the definition goes
            version.upstream_url = choose_upstream(ctx, None, version.servers)
        version.overlay = {**version.overlay, "operations": merge.overlay}
        bump(ctx, version)
        await OperationRepo(ctx.session).remove(list(merge.remove))
        for rows in compared.rows:
            await rows.write(ctx.session)
        counts = {"added": len(merge.added), "removed": len(merge.remove), "changed": len(merge.changed)}
        await record_version(ctx, "version.imported", api, version, {"operations": counts})
        await indexing.reindex(ctx, api)


def _ready(ctx: Context, version: VersionRow, merge: Merge) -> list[ReadyRows]:
    stamp = {"version_id": version.id, "created_at": ctx.clock.now()}
    added = [{"id": new_id("op"), **stamp, **row} for row in merge.insert]
    dialect = ctx.parts.engine.dialect
    return [*changed_operations(merge.write, dialect), ready_operations(added, dialect)]


def preview(acquired: Acquired, *, slug: str, base_path: str, name: str = "") -> ImportPreview:
    """What a definition says, for people."""
    definition = acquired.definition
    return ImportPreview(
        title=definition.title or name,
        version=definition.version,
        format=definition.format,
        summary=definition.summary,
        servers=list(definition.servers),
        operations=acquired.operations,
        security_schemes=[SecuritySchemeRead(**to_plain(item)) for item in definition.security_schemes],
        tags=list(definition.tags),
        slug=slug,
        base_path=base_path,
    )


def _names(wanted: ApiImport, definition: ImportedDefinition) -> dict[str, str]:
    name = wanted.name or shorten(one_line(definition.title).strip(), 200) or "Untitled API"
    slug = wanted.slug or addresses.make_slug(name)
    return {"name": name, "slug": slug, "base_path": wanted.base_path or f"/{slug}"}


def _api_values(wanted: ApiImport, definition: ImportedDefinition) -> dict[str, Any]:
    description = shorten(without_nul(definition.description), 100_000)
    tags = [tag.strip() for tag in map(one_line, definition.tags) if 0 < len(tag.strip()) <= 50]
    return {
        "owner_id": wanted.owner_id,
        "visibility": wanted.visibility,
        "category": wanted.category,
        "tags": list(dict.fromkeys(tags))[:_API_TAGS],
        "summary": shorten(without_nul(definition.summary), 500) or first_sentence(description),
        "description": description,
        "kind": "rest",
        "support_url": _support_url(definition.contact),
    }


def _support_url(contact: Mapping[str, str]) -> str:
    url = without_nul(contact.get("url", ""))
    return url if url.startswith(("https://", "http://")) and len(url) <= 2000 else ""


def _changes(merge: Merge) -> DefinitionChanges:
    return DefinitionChanges(
        added=sorted(merge.added),
        removed=sorted(merge.remove.values()),
        changed=sorted(merge.changed),
        unchanged=merge.unchanged,
        kept_overlay=sorted(merge.overlay),
    )


def _clash_problem(error: FieldError) -> dict[str, Any]:
    return {
        "code": "path_taken",
        "severity": Severity.WARNING,
        "message": error.message,
        "hint": error.hint,
        "pointer": error.pointer,
    }


def _reads(problems: list[dict[str, Any]]) -> list[DefinitionProblemRead]:
    return [DefinitionProblemRead(**problem) for problem in problems]
