"""Imports as they are asked for and answered."""

from __future__ import annotations

from pydantic import Field, StrictBool

from waypost.application.catalog.schemas import ApiRead, BasePath, Category, Name, Read, Slug
from waypost.application.catalog.version_schemas import (
    DefinitionProblemRead,
    DefinitionSource,
    SecuritySchemeRead,
    UpstreamUrl,
    VersionRead,
)
from waypost.contracts.vocab import Visibility


class ApiImport(DefinitionSource):
    """A definition that becomes an API, a draft with its first version."""

    owner_id: str = Field(description="The team or user that will own it.")
    name: Name | None = Field(None, description="The definition's title when absent.")
    slug: Slug | None = Field(None, description="Made from the name when absent.")
    base_path: BasePath | None = Field(None, description="`/` + slug when absent.")
    upstream_url: UpstreamUrl | None = Field(None, description="The definition's first server when absent.")
    visibility: Visibility = Visibility.PRIVATE
    category: Category = ""
    dry_run: StrictBool = Field(False, description="Only look: nothing is kept, the answer has status 200.")


class DefinitionReplace(DefinitionSource):
    """A newer definition for a version. Operations keep their ids, the hub's overlay stays."""

    confirm: StrictBool = Field(False, description="Yes to operations of a published version going away.")
    dry_run: StrictBool = Field(False, description="Only look: nothing is changed.")


class PreviewOperation(Read):
    """An operation as the definition has it."""

    method: str
    path: str
    operation_id: str
    summary: str


class ImportPreview(Read):
    """What was read from a definition, and the addresses it would get."""

    title: str
    version: str
    format: str
    summary: str = ""
    servers: list[str]
    operations: list[PreviewOperation]
    security_schemes: list[SecuritySchemeRead]
    tags: list[str] = []
    slug: str = ""
    base_path: str = ""


class DefinitionChanges(Read):
    """What a newer definition does to the operations, by key (``GET /users``)."""

    added: list[str] = []
    removed: list[str] = []
    changed: list[str] = []
    unchanged: int = 0
    kept_overlay: list[str] = Field([], description="Operations whose texts people changed in the hub; those stay.")


class ImportRead(Read):
    """The outcome of an import; without ``api`` and ``version`` on a dry run."""

    api: ApiRead | None = None
    version: VersionRead | None = None
    preview: ImportPreview
    changes: DefinitionChanges | None = None
    problems: list[DefinitionProblemRead]
