"""Getting a definition before any transaction is open: fetching and reading may take seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio.to_thread

from waypost.application.catalog.definitions import dump_document, kept_operations, operation_values
from waypost.application.catalog.errors import DefinitionInvalid, DefinitionMissing, FetchFailed
from waypost.application.catalog.import_schemas import PreviewOperation
from waypost.application.catalog.version_schemas import DefinitionSource
from waypost.contracts.importers import FetchRefused, ImportedDefinition, ImportRequest, Severity
from waypost.information.blobs import Blob, pack
from waypost.information.bulk import ReadyRows
from waypost.information.repos.catalog import ready_operations
from waypost.kit.errors import FieldError, TooLarge
from waypost.kit.ids import new_id

if TYPE_CHECKING:
    from waypost.application.parts import Parts

_NAMED = 200


@dataclass(frozen=True, slots=True)
class Acquired:
    """A definition as it was read: its bytes, what they say, the same as OpenAPI 3 JSON; its operations for people.

    ``rows`` are the operations of a new version, which gets the id ``version_id``, ready for the database; with them
    the definition comes without its document and operations.
    """

    original: Blob
    document: Blob
    definition: ImportedDefinition
    operations: list[PreviewOperation]
    version_id: str
    rows: ReadyRows | None = None


async def acquire(parts: Parts, source: DefinitionSource, *, rows: bool = False) -> Acquired:
    """Fetch if need be, and read; with ``rows`` for a new version.

    Raises DefinitionMissing, FetchFailed, TooLarge; bad content does not raise.
    """
    request = await _request(parts, source)
    return await anyio.to_thread.run_sync(_read, parts, request, rows)


def check_importable(acquired: Acquired) -> None:
    """Raise :class:`DefinitionInvalid` with every reason why this cannot be imported."""
    definition = acquired.definition
    if definition.ok:
        return
    errors = [
        FieldError(problem.pointer, problem.message, problem.hint, problem.line, problem.column)
        for problem in definition.problems
        if problem.severity is Severity.ERROR
    ]
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    raise DefinitionInvalid(f"{errors[0].message}{more}", errors=errors[:_NAMED])


async def _request(parts: Parts, source: DefinitionSource) -> ImportRequest:
    limit = parts.limits.definition_bytes
    if source.url is not None:
        return await _fetch(parts, source.url, source.filename, limit)
    if source.content is None:
        raise DefinitionMissing
    content = source.content.encode("utf-8", "replace")
    if len(content) > limit:
        raise TooLarge(f"The definition has {len(content)} bytes; {limit} are allowed.")
    return ImportRequest(content=content, filename=source.filename, max_bytes=limit)


async def _fetch(parts: Parts, url: str, filename: str, limit: int) -> ImportRequest:
    try:
        fetched = await parts.fetcher.fetch(url, max_bytes=limit)
    except FetchRefused as refused:
        reason = str(refused)
        hint = refused.hint or FetchFailed.hint
        raise FetchFailed(
            reason, errors=[FieldError("/url", reason, hint)], hint=hint, extra={"reason": refused.reason}
        ) from refused
    name = filename or fetched.url.rsplit("/", 1)[-1].split("?", maxsplit=1)[0][:300]
    return ImportRequest(content=fetched.content, filename=name, base_url=fetched.url, max_bytes=limit)


def _read(parts: Parts, request: ImportRequest, rows: bool) -> Acquired:
    definition = parts.importer.read(request)
    document = dump_document(definition.document) if definition.ok else b"{}"
    operations = [
        PreviewOperation(method=item.method, path=item.path, operation_id=item.operation_id, summary=item.summary)
        for item in definition.operations
    ]
    version_id, ready = new_id("ver"), None
    if rows and definition.ok:
        ready = operation_rows(parts, definition, version_id)
        # Bytes and rows say it all; freeing a large one takes time, which a transaction would be held open for.
        definition = replace(definition, document={}, operations=())
    return Acquired(pack(request.content), pack(document), definition, operations, version_id, ready)


def operation_rows(parts: Parts, definition: ImportedDefinition, version_id: str) -> ReadyRows:
    """The operations of a new version. Takes its time where there are many: meant for a thread."""
    stamp = {"version_id": version_id, "created_at": parts.clock.now()}
    rows = [
        {"id": new_id("op"), "key": operation.key, "position": position, **stamp, **operation_values(operation, {})}
        for position, operation in enumerate(kept_operations(definition))
    ]
    return ready_operations(rows, parts.engine.dialect)
