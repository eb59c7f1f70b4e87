"""What search knows of an API: the API itself and the operations of its current version."""

from __future__ import annotations

from waypost.application.context import Context
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, OperationRow, VersionRow
from waypost.information.repos.catalog import OperationRepo
from waypost.information.search import SearchDocument


async def reindex(ctx: Context, api: ApiRow) -> None:
    """Bring the search index up to date with this API, in this transaction."""
    await ctx.session.flush()
    operations = await _findable_operations(ctx, api)
    documents = [_api_document(api), *(_operation_document(api, row) for row in operations)]
    await ctx.parts.search.replace(ctx.session, api.id, documents)


async def forget(ctx: Context, api: ApiRow) -> None:
    """The API is no longer to be found."""
    await ctx.parts.search.replace(ctx.session, api.id, ())


async def _findable_operations(ctx: Context, api: ApiRow) -> list[OperationRow]:
    if api.current_version_id is None:
        return []
    version = await ctx.session.get(VersionRow, api.current_version_id)
    # A draft version of a published API is the provider's alone: its operations are not to be found by others.
    hidden = version is None or (version.lifecycle == Lifecycle.DRAFT and api.lifecycle != Lifecycle.DRAFT)
    return [] if hidden else list(await OperationRepo(ctx.session).of_version(api.current_version_id))


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
