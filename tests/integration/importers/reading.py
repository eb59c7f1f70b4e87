"""Short ways for tests to import a text and to look at its problems."""

from __future__ import annotations

import json
from typing import Any

from waypost.contracts.importers import ImportedDefinition, ImportProblem, ImportRequest
from waypost.integration.importers import Limits, OpenApiImporter


def read(
    content: str | bytes | dict[str, Any],
    *,
    filename: str = "",
    base_url: str = "",
    limits: Limits | None = None,
    **request: Any,
) -> ImportedDefinition:
    """Imports ``content``; a fault in the importer itself is raised."""
    if isinstance(content, dict):
        content = json.dumps(content)
    raw = content.encode() if isinstance(content, str) else content
    importer = OpenApiImporter(limits or Limits())
    return importer.read_strictly(ImportRequest(content=raw, filename=filename, base_url=base_url, **request))


def problems(definition: ImportedDefinition, code: str) -> list[ImportProblem]:
    """The problems with ``code``; every problem must say what and how to mend it."""
    for problem in definition.problems:
        assert problem.message
        assert problem.hint
    return [problem for problem in definition.problems if problem.code == code]


def only(definition: ImportedDefinition, code: str) -> ImportProblem:
    """The one problem with ``code``."""
    found = problems(definition, code)
    assert len(found) == 1, [p.code for p in definition.problems]
    return found[0]


def document(paths: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A small valid OpenAPI 3.1 document around ``paths``."""
    given = paths if paths is not None else {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": given,
    }
    return {key: value for key, value in (whole | members).items() if value is not None}
