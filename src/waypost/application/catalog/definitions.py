"""Definitions as rows and bytes, and the hub's overlay on them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from waypost.contracts.importers import ImportedDefinition, ImportedOperation, ImportProblem, Severity
from waypost.contracts.ir.dump import to_plain
from waypost.kit.text import shorten

OVERLAY_FIELDS = ("summary", "description", "tags", "deprecated")
KEPT_PROBLEMS = 500
_PATH_LENGTH = 2000
_MARKS = "# _>-\t"
_EMPHASIS = str.maketrans("", "", "*`")

Overlay = Mapping[str, Mapping[str, Any]]
"""Operation key -> what people changed in the hub."""


def without_nul(value: Any) -> Any:
    """``value`` without U+0000, which PostgreSQL keeps neither in text nor in JSON."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, Mapping):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nul(item) for item in value]
    return value


def problems_of(definition: ImportedDefinition) -> list[dict[str, Any]]:
    """The problems as they are kept, errors first, at most :data:`KEPT_PROBLEMS`."""
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    ranked = sorted([*definition.problems, *_too_long(definition)], key=lambda problem: order[problem.severity])
    plain: list[dict[str, Any]] = without_nul([to_plain(problem) for problem in ranked[:KEPT_PROBLEMS]])
    return plain


def kept_operations(definition: ImportedDefinition) -> list[ImportedOperation]:
    """The operations that can be kept; the others stand in the problems."""
    return [operation for operation in definition.operations if len(operation.path) <= _PATH_LENGTH]


def _too_long(definition: ImportedDefinition) -> Iterable[ImportProblem]:
    for operation in definition.operations:
        if len(operation.path) > _PATH_LENGTH:
            yield ImportProblem(
                code="path_too_long",
                severity=Severity.WARNING,
                message=f"The path {operation.path[:60]}… has more than {_PATH_LENGTH} characters and is left out.",
                hint="Shorten the path.",
            )


def operation_values(operation: ImportedOperation, overlay: Overlay) -> dict[str, Any]:
    """Column values of an operation, the overlay applied."""
    values = {
        "method": operation.method,
        "path": operation.path,
        "operation_id": shorten(operation.operation_id, 500),
        "summary": operation.summary,
        "description": operation.description,
        "tags": list(operation.tags),
        "deprecated": operation.deprecated,
        "security": list(operation.security),
        "mock": None if operation.mock is None else to_plain(operation.mock),
    }
    plain: dict[str, Any] = without_nul(values)
    return plain | dict(overlay.get(operation.key, {}))


def dump_document(document: Mapping[str, Any]) -> bytes:
    """The OpenAPI document as JSON. (Numbers may be larger than orjson takes.)

    In pieces: one call for a large document would keep every other thread waiting until it is written.
    """
    return b"".join(_pieces(document, 2))


def _pieces(value: Any, depth: int) -> Iterator[bytes]:
    if not (depth and isinstance(value, Mapping)):
        yield json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return
    yield b"{"
    for number, (key, item) in enumerate(value.items()):
        yield b"," * bool(number) + json.dumps(str(key), ensure_ascii=False).encode("utf-8", "replace") + b":"
        yield from _pieces(item, depth - 1)
    yield b"}"


def load_document(data: bytes) -> dict[str, Any]:
    """The inverse of :func:`dump_document`."""
    document: dict[str, Any] = json.loads(data)
    return document


def operation_object(document: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """The operation object of ``key`` (``GET /users``) in a document, or None."""
    method, _, path = key.partition(" ")
    item = document.get("paths", {}).get(path)
    found = item.get(method.lower()) if isinstance(item, dict) else None
    return found if isinstance(found, dict) else None


def apply_overlay(document: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """``document`` with what people changed in the hub; changed in place."""
    for key, fields in overlay.items():
        target = operation_object(document, key)
        if target is not None:
            target.update(fields)
    return document


def first_sentence(text: str, *, limit: int = 300) -> str:
    """The beginning of a Markdown text on one line."""
    lines = (line.translate(_EMPHASIS).strip(_MARKS) for line in text.splitlines())
    return shorten(next((line for line in lines if line), ""), limit)
