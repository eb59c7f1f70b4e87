"""The port of definition importers: bytes in, what a definition says out; bad content is problems, not exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from waypost.contracts.ir import Mock


class Severity(StrEnum):
    """``error`` stops the import; ``warning`` and ``info`` do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProblem:
    """One thing to know about a definition: where (JSON pointer, line and column from 1), what, how to mend it."""

    code: str
    severity: Severity
    message: str
    hint: str = ""
    pointer: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """The bytes as they came. ``base_url`` is where they were fetched, for relative servers."""

    content: bytes
    filename: str = ""
    base_url: str = ""
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOperation:
    """One operation. ``method`` upper-case; ``path`` the template; ``key`` (method + path) is stable."""

    key: str
    method: str
    path: str
    operation_id: str = ""
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    security: tuple[str, ...] = ()
    mock: Mock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityScheme:
    """A way in that the definition declares; ``location`` and ``parameter`` for ``apiKey`` (header|query|cookie)."""

    name: str
    kind: str
    scheme: str = ""
    location: str = ""
    parameter: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDefinition:
    """What was read. ``document`` is OpenAPI 3.0/3.1 as plain data (Swagger 2.0 converted). ``servers`` are absolute.

    ``ok`` is False when a problem of severity error stands in ``problems``; then the rest holds what could be read.
    """

    format: str = ""  # openapi-3.1 | openapi-3.0 | swagger-2.0
    syntax: str = ""  # json | yaml
    title: str = ""
    version: str = ""
    summary: str = ""
    description: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    license: str = ""
    servers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    security_schemes: tuple[SecurityScheme, ...] = ()
    operations: tuple[ImportedOperation, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[ImportProblem, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing stops the import."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


class DefinitionImporter(Protocol):
    """Reads one family of formats. Never raises for bad content. CPU-bound: callers run it in a thread."""

    def read(self, request: ImportRequest) -> ImportedDefinition:
        """What the definition says, with every problem named."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A fetched definition and the address it finally came from."""

    content: bytes
    url: str
    content_type: str = ""


class FetchRefused(Exception):
    """The hub will not fetch this (private address, scheme, size, redirects, time). ``reason`` is a stable code."""

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.hint = hint


class Fetcher(Protocol):
    """Fetches what a user names: never loopback, link-local or private ranges unless an administrator listed them."""

    async def fetch(self, url: str, *, max_bytes: int) -> Fetched:
        """GET ``url``. Raises FetchRefused."""
        ...
