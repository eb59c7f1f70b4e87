"""The search port: what is indexed, who sees it, what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

FACETS = ("category", "tag", "kind", "team", "lifecycle")
"""Facets of a result. ``team`` holds owner ids; whoever shows them looks up the names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """One findable thing. ``type`` is ``api`` (id = the API's) or ``operation`` (id = the operation's).

    The fields after ``api_id`` are the API's, on its operations too: they decide visibility and facets.
    ``title`` weighs most, then ``keywords`` (path, operation id, tags), ``summary``, ``body``.
    """

    id: str
    type: str
    api_id: str
    owner_id: str
    visibility: str
    lifecycle: str
    category: str = ""
    kind: str = "rest"
    tags: tuple[str, ...] = ()
    title: str = ""
    summary: str = ""
    body: str = ""
    method: str = ""
    path: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchScope:
    """What the asker may see. Default: public APIs that are no drafts.

    ``owner_ids``: entities whose everything is seen, drafts included; ``internal``: signed in; ``everything``: an
    administrator.
    """

    owner_ids: tuple[str, ...] = ()
    internal: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """``text`` is what a person typed, anything at all; every word must match, by prefix. Facet filters narrow.

    ``offset`` and ``limit`` (1..100) cut the page. An empty ``text`` lists APIs by title.
    """

    text: str = ""
    scope: SearchScope
    category: str = ""
    tag: str = ""
    kind: str = ""
    team: str = ""
    lifecycle: str = ""
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A find, best first. ``highlight`` is an excerpt as (text, is it a match) pairs: no markup to be escaped."""

    id: str
    type: str
    api_id: str
    highlight: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many APIs of the result have this value. A facet's own filter does not narrow its counts."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """One page, how many there are in all, and the facets of the whole."""

    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)


class SearchIndex(Protocol):
    """Writes happen in the session's transaction: what commits is found, what rolls back never was."""

    async def replace(self, session: AsyncSession, api_id: str, documents: Sequence[SearchDocument]) -> None:
        """These are now all documents of this API. An empty sequence forgets it."""
        ...

    async def count(self, session: AsyncSession, api_id: str, *, most: int) -> int:
        """How many documents of this API there are; ``most`` where there are as many or more."""
        ...

    async def describe(self, session: AsyncSession, api: SearchDocument, *, hidden: bool) -> None:
        """The API's own document, and who finds its operations' ones (with ``hidden`` its own people only)."""
        ...

    async def put(self, session: AsyncSession, documents: Sequence[SearchDocument]) -> None:
        """Add or replace documents of operations by id."""
        ...

    async def prune(self, session: AsyncSession, api_id: str, *, version_id: str, limit: int) -> bool:
        """Remove documents of operations that ``version_id`` does not have; True where there may be more."""
        ...

    async def query(self, session: AsyncSession, query: SearchQuery) -> SearchResult:
        """Find. No text ever raises."""
        ...
