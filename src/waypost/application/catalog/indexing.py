"""What search knows of an API: the API itself and the operations of its current version.

An API with many operations is described at once; the words of its operations follow in steps (see ``backlog``), so that
no transaction is long. Who may find them never lags behind: that changes with the API.
"""

from __future__ import annotations

from waypost.application.context import Context
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, BacklogRow, OperationRow, VersionRow
from waypost.information.repos.backlog import WORDS, BacklogRepo
from waypost.information.repos.catalog import OperationRepo
from waypost.information.search import SearchDocument

INLINE = 100
"""So many operations are indexed together with their API."""
AT_ONCE = 50


async def reindex(ctx: Context, api: ApiRow) -> None:
    """Bring the search index up to date with this API, in this transaction or in steps after it."""
    await ctx.session.flush()
    version_id = await _findable_version(ctx, api)
    first = await OperationRepo(ctx.session).after(version_id, -1, limit=INLINE + 1) if version_id else []
    known = await ctx.parts.search.count(ctx.session, api.id, most=INLINE + 2)
    if len(first) <= INLINE and known <= INLINE + 1:
        documents = [_api_document(api), *(_operation_document(api, row) for row in first)]
        await ctx.parts.search.replace(ctx.session, api.id, documents)
        return
    await ctx.parts.search.describe(ctx.session, _api_document(api), hidden=version_id is None)
    await BacklogRepo(ctx.session).add(WORDS, now=ctx.clock.now(), api_id=api.id)
    ctx.uow.after_commit(ctx.parts.backlog.pulse)


async def index_more(ctx: Context, work: BacklogRow) -> str | None:
    """The words of the next operations; in the end those that are no more go."""
    api = await ctx.session.get(ApiRow, work.api_id)
    if api is None:
        return None
    version_id = await _findable_version(ctx, api)
    rows = await OperationRepo(ctx.session).after(version_id or "", int(work.cursor or -1), limit=AT_ONCE)
    if rows:
        await ctx.parts.search.put(ctx.session, [_operation_document(api, row) for row in rows])
        return str(rows[-1].position)
    more = await ctx.parts.search.prune(ctx.session, api.id, version_id=version_id or "", limit=AT_ONCE)
    return work.cursor or "-1" if more else None


async def forget(ctx: Context, api: ApiRow) -> None:
    """The API is no longer to be found."""
    await ctx.parts.search.replace(ctx.session, api.id, ())


async def _findable_version(ctx: Context, api: ApiRow) -> str | None:
    if api.current_version_id is None:
        return None
    version = await ctx.session.get(VersionRow, api.current_version_id)
    # A draft version of a published API is the provider's alone: its operations are not to be found by others.
    hidden = version is None or (version.lifecycle == Lifecycle.DRAFT and api.lifecycle != Lifecycle.DRAFT)
    return None if hidden else api.current_version_id


def _api_document(api: ApiRow) -> SearchDocument:
    return SearchDocument(
        id=api.id,
        type="api",
        api_id=api.id,
        owner_id=api.owner_id,
        visibility=api.visibility,
        lifecycle=api.lifecycle,
        category=api.category,
        kind=api.kind,
        tags=tuple(api.tags),
        title=api.name,
        summary=api.summary,
        body=api.description,
        path=api.base_path,
        keywords=(api.slug,),
    )


def _operation_document(api: ApiRow, row: OperationRow) -> SearchDocument:
    return SearchDocument(
        id=row.id,
        type="operation",
        api_id=api.id,
        owner_id=api.owner_id,
        visibility=api.visibility,
        lifecycle=api.lifecycle,
        category=api.category,
        kind=api.kind,
        tags=tuple(api.tags),
        title=row.summary or row.operation_id or row.key,
        summary=row.summary,
        body=row.description,
        method=row.method,
        path=row.path,
        keywords=(row.operation_id, *row.tags),
    )
