"""Reads an OpenAPI 3.0 or 3.1 document (or a converted Swagger 2.0 one).

Source: the OpenAPI Specification 3.0.3 and 3.1.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from waypost.contracts.importers import ImportedDefinition, ImportedOperation
from waypost.integration.importers.nodes import Node
from waypost.integration.importers.operations import OperationReader
from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.refs import References
from waypost.integration.importers.security import read_schemes
from waypost.integration.importers.servers import read_servers


def read_openapi3(document: dict[str, Any], *, base_url: str, notes: ProblemLog) -> ImportedDefinition:
    """Everything but ``format``, ``syntax`` and ``problems``.

    References in ``document`` that lead nowhere are removed from it.
    """
    references = References(document)
    references.check(notes)
    root = Node(document, "", notes)
    info = _info(root)
    schemes = read_schemes(root, references)
    operations = OperationReader(root, references, frozenset(s.name for s in schemes)).read()
    _note_nothing_to_publish(root, operations)
    return ImportedDefinition(
        title=info.text("title").strip() or "Untitled API",
        version=info.text("version").strip(),
        summary=info.text("summary"),
        description=info.text("description"),
        contact=_contact(info),
        license=info.child("license").text("name"),
        servers=read_servers(root, base_url),
        tags=_tags(root, operations),
        security_schemes=schemes,
        operations=operations,
        document=document,
    )


def _info(root: Node) -> Node:
    info = root.child("info")
    if not root.has("info"):
        root.notes.warn("info_missing", "The definition has no `info`.", "Add `info` with `title` and `version`.")
        return info
    for key in ("title", "version"):
        if not info.text(key).strip():
            root.notes.warn(f"{key}_missing", f"The definition has no {key}.", f"Add `info.{key}`.", info.pointer)
    return info


def _contact(info: Node) -> dict[str, str]:
    contact = info.child("contact")
    return {key: text for key in ("name", "url", "email") if (text := contact.text(key))}


def _tags(root: Node, operations: Iterable[ImportedOperation]) -> tuple[str, ...]:
    """Declared tags in their order, then those that only operations use."""
    names = [tag.text("name") for tag in root.objects("tags")]
    names += [tag for operation in operations for tag in operation.tags]
    return tuple(dict.fromkeys(name for name in names if name))


def _note_nothing_to_publish(root: Node, operations: tuple[ImportedOperation, ...]) -> None:
    if not isinstance(root.value.get("paths"), dict):
        root.notes.error(
            "paths_missing",
            "The definition has no `paths`, so there is nothing a gateway could serve.",
            "Add `paths` with at least one operation.",
        )
    elif not operations:
        root.notes.warn(
            "operations_missing",
            "No operation could be read.",
            "Add at least one method under a path.",
            "/paths",
        )
