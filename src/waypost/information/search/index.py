"""The index over ``search_documents``; dialects differ only in how a text matches and ranks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from waypost.information.models import OperationRow, SearchDocumentRow, SearchTagRow
from waypost.information.search.port import (
    FacetCount,
    SearchDocument,
    SearchHit,
    SearchIndex,
    SearchQuery,
    SearchResult,
)
from waypost.information.search.postgres import PostgresText
from waypost.information.search.sqlite import SqliteText
from waypost.information.search.words import highlight, index_words, query_terms

PER_API = 5  # operations of one API on the list: the rest is on its page
FACET_VALUES = 50
COLUMNS = "d.rowid, d.id, d.type, d.api_id, d.owner_id, d.visibility, d.lifecycle, d.category, d.kind, d.sort_title"
ALL_APIS = f"SELECT {COLUMNS}, 0.0 AS score FROM search_documents d WHERE d.type = 'api'"  # noqa: S608
FACET_COLUMNS = {"category": "category", "kind": "kind", "team": "owner_id", "lifecycle": "lifecycle"}


class TextDialect(Protocol):
    """How one database matches: ``source`` is the rest of a SELECT, ``score`` (higher is better) and FROM on."""

    source: str

    def argument(self, terms: list[str]) -> str:
        """What ``:terms`` is bound to. ``terms`` are folded words without any special character."""
        ...


def open_search(engine: AsyncEngine) -> SearchIndex:
    """The index of this database."""
    return RowIndex(PostgresText() if engine.dialect.name == "postgresql" else SqliteText())


class RowIndex:
    """:class:`SearchIndex` on relational rows."""

    def __init__(self, dialect: TextDialect) -> None:
        self._dialect = dialect

    async def replace(self, session: AsyncSession, api_id: str, documents: Sequence[SearchDocument]) -> None:
        await session.execute(delete(SearchDocumentRow).where(SearchDocumentRow.api_id == api_id))
        if documents:
            await session.execute(insert(SearchDocumentRow), [_row(document) for document in documents])
        await self._tags(session, api_id, documents)

    async def count(self, session: AsyncSession, api_id: str, *, most: int) -> int:
        some = select(SearchDocumentRow.rowid).where(SearchDocumentRow.api_id == api_id).limit(most).subquery()
        return int(await session.scalar(select(func.count()).select_from(some)) or 0)

    async def describe(self, session: AsyncSession, api: SearchDocument, *, hidden: bool) -> None:
        of_api = SearchDocumentRow.api_id == api.api_id
        operations = of_api, SearchDocumentRow.type == "operation"
        columns = {name: _row(api)[name] for name in ("owner_id", "visibility", "lifecycle", "category", "kind")}
        columns |= {"lifecycle": "draft"} if hidden else {}
        await session.execute(delete(SearchDocumentRow).where(of_api, SearchDocumentRow.type == "api"))
        await session.execute(insert(SearchDocumentRow), [_row(api)])
        await session.execute(update(SearchDocumentRow).where(*operations).values(**columns))
        await self._tags(session, api.api_id, [api])

    async def put(self, session: AsyncSession, documents: Sequence[SearchDocument]) -> None:
        ids = [document.id for document in documents]
        await session.execute(delete(SearchDocumentRow).where(SearchDocumentRow.id.in_(ids)))
        await session.execute(insert(SearchDocumentRow), [_row(document) for document in documents])

    async def prune(self, session: AsyncSession, api_id: str, *, version_id: str, limit: int) -> bool:
        kept = select(OperationRow.id).where(OperationRow.version_id == version_id)
        of_api = SearchDocumentRow.api_id == api_id, SearchDocumentRow.type == "operation"
        stale = select(SearchDocumentRow.rowid).where(*of_api, SearchDocumentRow.id.not_in(kept)).limit(limit)
        rowids = (await session.scalars(stale)).all()
        await session.execute(delete(SearchDocumentRow).where(SearchDocumentRow.rowid.in_(rowids)))
        return len(rowids) == limit

    async def _tags(self, session: AsyncSession, api_id: str, documents: Sequence[SearchDocument]) -> None:
        await session.execute(delete(SearchTagRow).where(SearchTagRow.api_id == api_id))
        tags = {tag[:100] for document in documents if document.type == "api" for tag in document.tags if tag}
        if tags:
            await session.execute(insert(SearchTagRow), [{"api_id": api_id, "tag": tag} for tag in sorted(tags)])

    async def query(self, session: AsyncSession, query: SearchQuery) -> SearchResult:
        terms = query_terms(query.text)
        if not terms and query.text.strip():
            return SearchResult(facets=dict.fromkeys((*FACET_COLUMNS, "tag"), ()))
        arguments = _arguments(query)
        if terms:
            arguments["terms"] = self._dialect.argument(terms)
        source = f"SELECT {COLUMNS}, {self._dialect.source}" if terms else ALL_APIS
        hits, total = await self._hits(session, query, source, arguments, terms)
        return SearchResult(hits=hits, total=total, facets=await self._facets(session, query, source, arguments))

    async def _hits(
        self, session: AsyncSession, query: SearchQuery, source: str, arguments: dict[str, Any], terms: list[str]
    ) -> tuple[tuple[SearchHit, ...], int]:
        where = " AND ".join([_visible(query), *_filters(query).values()])
        ranked = f"""
            WITH found AS MATERIALIZED ({source}),
            ranked AS (
              SELECT f.*, ROW_NUMBER() OVER (PARTITION BY f.api_id, f.type ORDER BY f.score DESC, f.rowid) AS place
              FROM found f WHERE {where}),
            page AS (
              SELECT r.*, COUNT(*) OVER () AS total FROM ranked r WHERE r.place <= {PER_API}
              ORDER BY r.score DESC, r.sort_title, r.id LIMIT :limit OFFSET :offset)
            SELECT p.id, p.type, p.api_id, p.total, d.excerpt FROM page p JOIN search_documents d ON d.rowid = p.rowid
            ORDER BY p.score DESC, p.sort_title, p.id"""  # noqa: S608 - no user text in it
        rows = (await session.execute(_statement(ranked, query), arguments)).all()
        hits = (SearchHit(id=r.id, type=r.type, api_id=r.api_id, highlight=highlight(r.excerpt, terms)) for r in rows)
        return tuple(hits), int(rows[0].total) if rows else 0

    async def _facets(
        self, session: AsyncSession, query: SearchQuery, source: str, arguments: dict[str, Any]
    ) -> dict[str, tuple[FacetCount, ...]]:
        filters = _filters(query)
        parts = []
        for name in (*FACET_COLUMNS, "tag"):
            where = " AND ".join([_visible(query), *(sql for key, sql in filters.items() if key != name)])
            value = "t.tag" if name == "tag" else f"f.{FACET_COLUMNS[name]}"
            join = "JOIN search_tags t ON t.api_id = f.api_id" if name == "tag" else ""
            parts.append(
                f"SELECT '{name}' AS facet, {value} AS value, COUNT(*) AS n "  # noqa: S608
                f"FROM apis f {join} WHERE {where} GROUP BY {value}"
            )
        apis = "SELECT DISTINCT api_id, owner_id, visibility, lifecycle, category, kind FROM found"
        found = f"WITH found AS ({source}), apis AS MATERIALIZED ({apis})"
        statement = f"{found} {' UNION ALL '.join(parts)} ORDER BY n DESC, value"
        counts: dict[str, list[FacetCount]] = defaultdict(list)
        for facet, value, n in (await session.execute(_statement(statement, query), arguments)).all():
            if value and len(counts[facet]) < FACET_VALUES:
                counts[facet].append(FacetCount(value, int(n)))
        return {name: tuple(counts[name]) for name in (*FACET_COLUMNS, "tag")}


def _row(document: SearchDocument) -> dict[str, Any]:
    excerpt = document.summary or document.body or document.title
    return {
        "id": document.id,
        "type": document.type,
        "api_id": document.api_id,
        "owner_id": document.owner_id,
        "visibility": document.visibility,
        "lifecycle": document.lifecycle,
        "category": document.category[:100],
        "kind": document.kind,
        "sort_title": document.title.casefold()[:300].replace("\x00", " "),
        "excerpt": excerpt[:4000].replace("\x00", " "),
        "words_a": index_words([document.title], limit=1000),
        "words_b": index_words([document.path, *document.keywords, *document.tags, document.category], limit=4000),
        "words_c": index_words([document.summary, document.method], limit=4000),
        "words_d": index_words([document.body], limit=20_000),
    }


def _visible(query: SearchQuery) -> str:
    if query.scope.everything:
        return "1 = 1"
    seen = "f.visibility IN ('public', 'internal')" if query.scope.internal else "f.visibility = 'public'"
    public = f"(f.lifecycle <> 'draft' AND {seen})"
    return f"({public} OR f.owner_id IN :owners)" if query.scope.owner_ids else public


def _filters(query: SearchQuery) -> dict[str, str]:
    filters = {name: f"f.{column} = :{name}" for name, column in FACET_COLUMNS.items() if getattr(query, name)}
    if query.tag:
        filters["tag"] = "f.api_id IN (SELECT api_id FROM search_tags WHERE tag = :tag)"
    return filters


def _arguments(query: SearchQuery) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "limit": max(1, min(query.limit, 100)),
        "offset": max(0, min(query.offset, 100_000)),
    }
    for name in (*FACET_COLUMNS, "tag"):
        arguments[name] = getattr(query, name).replace("\x00", " ")
    if query.scope.owner_ids and not query.scope.everything:
        arguments["owners"] = list(query.scope.owner_ids)
    return arguments


def _statement(sql: str, query: SearchQuery) -> Any:
    statement = text(sql)
    if ":owners" in sql:
        statement = statement.bindparams(bindparam("owners", expanding=True))
    return statement
