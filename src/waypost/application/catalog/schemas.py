"""APIs as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from waypost.contracts.vocab import ApiKind, Lifecycle, Visibility
from waypost.kit.text import ONE_LINE, SLUG_PATTERN, shape

BASE_PATH_PATTERN = shape(
    r"^/[a-z0-9][a-z0-9._~-]{0,62}$", "a slash and one name in lower case, such as `/weather`; at most 64 characters"
)


class Body(BaseModel):
    """Base of everything that callers send: unknown fields are refused, outer spaces dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _no_nul(cls, data: Any) -> Any:
        # PostgreSQL keeps no NUL in text: refuse it here, on both databases alike.
        if _has_nul(data):
            raise ValueError("the character U+0000 is not allowed")
        return data


def _has_nul(data: Any) -> bool:
    if isinstance(data, str):
        return "\x00" in data
    if isinstance(data, dict):
        return any(_has_nul(item) for item in data.values())
    return isinstance(data, list) and any(_has_nul(item) for item in data)


class Read(BaseModel):
    """Base of everything that is answered; rows can be read into it."""

    model_config = ConfigDict(from_attributes=True)


def _web_address(value: str) -> str:
    if value and not value.lower().startswith(("https://", "http://", "mailto:")):
        raise ValueError("this must be an address that begins with https://, http:// or mailto:")
    return value


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=63)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
Category = Annotated[str, StringConstraints(max_length=100, pattern=ONE_LINE)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=ONE_LINE)]
Tags = Annotated[list[Tag], Field(max_length=30), AfterValidator(_distinct)]
Markdown = Annotated[str, StringConstraints(max_length=100_000)]
WebAddress = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web_address)]
BasePath = Annotated[str, StringConstraints(pattern=BASE_PATH_PATTERN)]


class ApiCreate(Body):
    """A blank API, a draft without a version."""

    owner_id: str = Field(description="The team or user that owns it.", examples=["team_01jd3k2v7m9q8x5t4r6w0y1z2a"])
    name: Name = Field(description="Name for people.", examples=["Weather"])
    slug: Slug | None = Field(None, description="Address in the catalog; made from the name when absent.")
    base_path: BasePath | None = Field(
        None, description="`/` + one segment, unique over the hub; `/` + slug when absent.", examples=["/weather"]
    )
    kind: ApiKind = ApiKind.REST
    visibility: Visibility = Visibility.PRIVATE
    category: Category = Field("", examples=["Weather"])
    tags: Tags = []
    summary: str = Field("", max_length=500)
    description: Markdown = Field("", description="Markdown.")
    support_url: WebAddress = ""


class ApiUpdate(Body):
    """What changes; fields that are absent or null stay."""

    name: Name | None = None
    slug: Slug | None = None
    base_path: BasePath | None = Field(None, description="Only while nothing is published to a gateway.")
    visibility: Visibility | None = None
    lifecycle: Lifecycle | None = Field(None, description="draft → published → deprecated → retired.")
    category: Category | None = None
    tags: Tags | None = None
    summary: str | None = Field(None, max_length=500)
    description: Markdown | None = None
    support_url: WebAddress | None = None


class OwnerRead(Read):
    """Who owns something. ``kind`` is user or team."""

    id: str
    kind: str
    slug: str
    name: str


class ApiRead(Read):
    """An API in the catalog. ``may`` lists what the caller may do with it."""

    id: str
    slug: str
    name: str
    kind: ApiKind
    owner: OwnerRead
    visibility: Visibility
    lifecycle: Lifecycle
    category: str
    tags: list[str]
    summary: str
    description: str
    base_path: str
    support_url: str
    demo: bool
    current_version_id: str | None = Field(
        description="The newest published version; a deprecated one only where none is published, then a retired one."
    )
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field([], description="publish, update, delete, subscribe …")


class ApiFilter(BaseModel):
    """What a list of APIs is narrowed to; None = not at all."""

    q: str | None = Field(None, max_length=200, description="Words in name, slug or summary.")
    owner_id: str | None = Field(None, max_length=40)
    lifecycle: Lifecycle | None = None
    category: str | None = Field(None, max_length=100)
    tag: str | None = Field(None, max_length=100)
    kind: ApiKind | None = None
    mine: bool = Field(False, description="Only what the caller or one of the caller's teams owns.")
