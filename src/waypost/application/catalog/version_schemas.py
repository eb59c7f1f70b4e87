"""Versions and operations as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints, model_validator

from waypost.application.catalog.schemas import Body, Markdown, Read
from waypost.contracts.vocab import Lifecycle
from waypost.kit.text import ONE_LINE, shape

VERSION_PATTERN = shape(
    r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$",
    "at most 63 letters, digits, `.`, `_`, `+` and `-` after a letter or digit, such as `1.2.0`",
)
MOUNT_PATTERN = shape(
    r"^(/[A-Za-z0-9][A-Za-z0-9._~-]{0,62})?$", "empty, or a slash and one name such as `/v2`; at most 64 characters"
)

VersionName = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]
Mount = Annotated[str, StringConstraints(pattern=MOUNT_PATTERN)]
UpstreamUrl = Annotated[str, StringConstraints(max_length=2000)]
OperationTag = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
Filename = Annotated[str, StringConstraints(max_length=300)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=2000)]

Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
"""Kept to the byte."""


class DefinitionSource(Body):
    """Where a definition comes from: its text, or an address that the hub fetches. One of both."""

    content: Verbatim | None = Field(None, description="The definition itself, JSON or YAML.")
    url: Address | None = Field(None, description="Fetched by the hub; private addresses are refused.")
    filename: Filename = Field("", description="Helps to name problems and to tell YAML from JSON.")

    @model_validator(mode="after")
    def _one(self) -> DefinitionSource:
        if self.content is not None and self.url is not None:
            raise ValueError("give `content` or `url`, not both")
        return self

    @property
    def given(self) -> bool:
        """There is a definition at all."""
        return self.content is not None or self.url is not None


class VersionCreate(DefinitionSource):
    """A further version. Name and mount are made from the definition where they are absent."""

    name: VersionName | None = Field(None, examples=["2.0.0"])
    mount: Mount | None = Field(None, description="Empty, or `/` + one segment after the base path.", examples=["/v2"])
    upstream_url: UpstreamUrl | None = Field(None, description="Where requests go; the first server when absent.")
    notes: Markdown = ""


class VersionUpdate(Body):
    """What changes; fields that are absent or null stay."""

    name: VersionName | None = None
    mount: Mount | None = Field(None, description="Only while nothing is published to a gateway.")
    upstream_url: UpstreamUrl | None = None
    lifecycle: Lifecycle | None = None
    notes: Markdown | None = None


class SecuritySchemeRead(Read):
    """How the definition says one gets in; the hub's key replaces it towards consumers."""

    name: str
    kind: str
    scheme: str = ""
    location: str = ""
    parameter: str = ""
    description: str = ""


class DefinitionProblemRead(Read):
    """One thing to know about a definition: where, what, how to mend it. ``severity`` error | warning | info."""

    code: str
    severity: str
    message: str
    hint: str = ""
    pointer: str = ""
    line: int | None = None
    column: int | None = None


class VersionRead(Read):
    """A version of an API. ``may`` lists what the caller may do with it."""

    id: str
    api_id: str
    name: str
    mount: str
    lifecycle: Lifecycle
    format: str
    syntax: str
    title: str
    upstream_url: str = Field(description="Empty for those who only consume the API.")
    servers: list[str] = Field(description="As the definition names them; empty for those who only consume.")
    security_schemes: list[SecuritySchemeRead]
    operations_count: int
    problems: list[DefinitionProblemRead] = Field(description="Empty for those who only consume the API.")
    notes: str
    current: bool = Field(description="This is the API's current version.")
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = []


class OperationRead(Read):
    """One operation, with the hub's overlay applied. Its id survives re-imports."""

    id: str
    version_id: str
    key: str = Field(examples=["GET /users/{id}"])
    method: str
    path: str
    operation_id: str
    summary: str
    description: str
    tags: list[str]
    deprecated: bool
    security: list[str]
    has_mock: bool


class OperationUpdate(Body):
    """The hub's overlay of one operation; null gives a field back to the definition."""

    summary: Annotated[str, StringConstraints(max_length=1000)] | None = None
    description: Markdown | None = None
    tags: Annotated[list[OperationTag], Field(max_length=100)] | None = None
    deprecated: StrictBool | None = None
