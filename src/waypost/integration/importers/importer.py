"""The importer for OpenAPI 3.0 and 3.1 and Swagger 2.0."""

from __future__ import annotations

import logging
from dataclasses import replace

from waypost.contracts.importers import ImportedDefinition, ImportRequest
from waypost.integration.importers.detect import detect
from waypost.integration.importers.limits import DEFAULT_LIMITS, Limits
from waypost.integration.importers.openapi3 import read_openapi3
from waypost.integration.importers.problems import ProblemLog, Unreadable
from waypost.integration.importers.swagger2 import convert
from waypost.integration.importers.text import Parsed, parse

_log = logging.getLogger(__name__)


class OpenApiImporter:
    """Implements ``DefinitionImporter``. Holds no state; one instance serves all threads."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits

    def read(self, request: ImportRequest) -> ImportedDefinition:
        """What the definition says, with every problem named. Never raises for bad content."""
        try:
            return self.read_strictly(request)
        except Exception:
            # A fault of ours must not look like one of the definition's, and must not take the caller down.
            _log.exception("importing a definition failed")
            notes = ProblemLog()
            notes.error(
                "importer_failed",
                "The definition could not be read because of a fault in the importer.",
                "Report it with the definition; converting it with another tool may help meanwhile.",
            )
            return ImportedDefinition(problems=notes.finish())

    def read_strictly(self, request: ImportRequest) -> ImportedDefinition:
        """As ``read``, but a fault in the importer itself is raised, which is what tests need to see."""
        notes = ProblemLog(per_code=self._limits.problems_per_code)
        try:
            parsed = parse(request, self._limits, notes)
        except Unreadable:
            return ImportedDefinition(problems=notes.finish())
        try:
            definition = _read(parsed, request.base_url, notes)
        except Unreadable:
            definition = ImportedDefinition()
        return replace(definition, syntax=parsed.syntax, problems=notes.finish(parsed.locate))


def _read(parsed: Parsed, base_url: str, notes: ProblemLog) -> ImportedDefinition:
    written = detect(parsed.data, notes)
    document = parsed.data
    if written == "swagger-2.0":
        document, notes.translate = convert(parsed.data, base_url=base_url, notes=notes)
    return replace(read_openapi3(document, base_url=base_url, notes=notes), format=written)
