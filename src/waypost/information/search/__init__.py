"""Full-text search over APIs and operations, in the same database and transaction as the rows it describes."""

from waypost.information.search.index import open_search
from waypost.information.search.port import (
    FACETS,
    FacetCount,
    SearchDocument,
    SearchHit,
    SearchIndex,
    SearchQuery,
    SearchResult,
    SearchScope,
)

__all__ = [
    "FACETS",
    "FacetCount",
    "SearchDocument",
    "SearchHit",
    "SearchIndex",
    "SearchQuery",
    "SearchResult",
    "SearchScope",
    "open_search",
]
