"""Search: words and facets in, APIs and operations out, each caller within what they may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from waypost.application.access import owners_with, sees_all
from waypost.application.catalog.schemas import OwnerRead
from waypost.application.context import Context
from waypost.application.search.schemas import (
    FacetValue,
    FoundApi,
    FoundOperation,
    HighlightPart,
    SearchFacets,
    SearchHit,
    SearchRead,
)
from waypost.contracts.vocab import ApiKind, Lifecycle
from waypost.information.models import ApiRow, EntityRow, OperationRow
from waypost.information.repos.catalog import ApiAndOwner, ApiRepo
from waypost.information.search import SearchHit as IndexHit
from waypost.information.search import SearchQuery, SearchResult, SearchScope
from waypost.kit.paging import BadCursor, decode_cursor, encode_cursor

_LAST_OFFSET = 100_000


def search_scope(ctx: Context) -> SearchScope:
    """What the caller may find."""
    principal = ctx.principal
    if sees_all(principal, "catalog:read"):
        return SearchScope(everything=True)
    in_scope = principal.scopes is None or "catalog:read" in principal.scopes
    return SearchScope(owner_ids=owners_with(principal, "catalog:read"), internal=principal.kind == "user" and in_scope)


def read_offset(cursor: str | None) -> int:
    """How many results came before. Raises BadCursor."""
    if cursor is None:
        return 0
    (offset,) = decode_cursor(cursor, size=1)
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset <= _LAST_OFFSET:
        raise BadCursor
    return offset


def search_query(ctx: Context, *, text: str, filters: Mapping[str, str], limit: int, offset: int) -> SearchQuery:
    """What the caller asks the index, within what the caller may find."""
    return SearchQuery(text=text, scope=search_scope(ctx), limit=limit, offset=offset, **filters)


class SearchService:
    """Search."""

    async def find(self, ctx: Context, query: SearchQuery) -> SearchRead:
        """One page of results with facets. No text ever raises."""
        result = await ctx.parts.search.query(ctx.session, query)
        apis = await self._apis(ctx, result.hits)
        operations = await self._operations(ctx, result.hits)
        hits = [_hit(hit, apis, operations) for hit in result.hits if hit.api_id in apis]
        after = query.offset + len(result.hits)
        more = bool(result.hits) and after < result.total
        return SearchRead(
            items=hits,
            facets=await self._facets(ctx, result),
            total=result.total,
            next_cursor=encode_cursor(after) if more else None,
        )

    async def _apis(self, ctx: Context, hits: Sequence[IndexHit]) -> dict[str, ApiAndOwner]:
        ids = {hit.api_id for hit in hits}
        if not ids:
            return {}
        rows = await ctx.session.execute(ApiRepo(ctx.session).all().where(ApiRow.id.in_(ids)))
        return {row[0].id: ApiAndOwner(row[0], row[1]) for row in rows}

    async def _operations(self, ctx: Context, hits: Sequence[IndexHit]) -> dict[str, OperationRow]:
        ids = {hit.id for hit in hits if hit.type == "operation"}
        if not ids:
            return {}
        rows = await ctx.session.scalars(select(OperationRow).where(OperationRow.id.in_(ids)))
        return {row.id: row for row in rows}

    async def _facets(self, ctx: Context, result: SearchResult) -> SearchFacets:
        teams = [count.value for count in result.facets.get("team", ())]
        query = select(EntityRow.id, EntityRow.name).where(EntityRow.id.in_(teams))
        labels = {row.id: row.name for row in await ctx.session.execute(query)} if teams else {}
        return SearchFacets(
            **{
                name: [
                    FacetValue(value=count.value, label=labels.get(count.value, count.value), count=count.count)
                    for count in counts
                ]
                for name, counts in result.facets.items()
            }
        )


def _hit(hit: IndexHit, apis: dict[str, ApiAndOwner], operations: dict[str, OperationRow]) -> SearchHit:
    operation = operations.get(hit.id)
    return SearchHit(
        type="api" if operation is None else "operation",
        api=_found_api(apis[hit.api_id]),
        operation=None if operation is None else _found_operation(operation),
        highlight=[HighlightPart(text=text, match=match) for text, match in hit.highlight],
    )


def _found_api(found: ApiAndOwner) -> FoundApi:
    api, owner = found
    return FoundApi(
        id=api.id,
        slug=api.slug,
        name=api.name,
        summary=api.summary,
        category=api.category,
        tags=api.tags,
        kind=ApiKind(api.kind),
        lifecycle=Lifecycle(api.lifecycle),
        owner=OwnerRead.model_validate(owner),
    )


def _found_operation(row: OperationRow) -> FoundOperation:
    return FoundOperation(id=row.id, method=row.method, path=row.path, summary=row.summary)
