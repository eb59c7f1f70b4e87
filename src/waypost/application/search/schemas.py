"""Search results and their facets."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from waypost.application.catalog.schemas import OwnerRead
from waypost.contracts.vocab import ApiKind, Lifecycle


class FoundApi(BaseModel):
    """The API that was found, or that the operation belongs to."""

    id: str
    slug: str
    name: str
    summary: str
    category: str
    tags: list[str]
    kind: ApiKind
    lifecycle: Lifecycle
    owner: OwnerRead


class FoundOperation(BaseModel):
    """The operation that was found."""

    id: str
    method: str
    path: str
    summary: str


class HighlightPart(BaseModel):
    """A piece of plain text, and whether it is what was searched for."""

    text: str
    match: bool


class SearchHit(BaseModel):
    """One result with an excerpt in pieces."""

    type: Literal["api", "operation"]
    api: FoundApi
    operation: FoundOperation | None = None
    highlight: list[HighlightPart] = []


class FacetValue(BaseModel):
    """A value and how many APIs have it under the current filters."""

    value: str
    label: str
    count: int


class SearchFacets(BaseModel):
    """Values to narrow by."""

    category: list[FacetValue] = []
    tag: list[FacetValue] = []
    kind: list[FacetValue] = []
    team: list[FacetValue] = []
    lifecycle: list[FacetValue] = []


class SearchRead(BaseModel):
    """One page of results, best first."""

    items: list[SearchHit]
    facets: SearchFacets
    total: int = Field(description="How many there are in all.")
    next_cursor: str | None = None
