"""APIs: import, list, read, change, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Response

from waypost.application.catalog.acquire import acquire
from waypost.application.catalog.import_schemas import ApiImport, ImportRead
from waypost.application.catalog.imports import ImportService
from waypost.application.catalog.schemas import ApiCreate, ApiFilter, ApiRead, ApiUpdate
from waypost.application.catalog.service import CatalogService
from waypost.application.work import open_context
from waypost.contracts.vocab import ApiKind, Lifecycle
from waypost.interaction.api.access_matrix import OPEN, OWNED, OWNED_PUBLIC
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/apis", tags=["catalog"])


def api_filter(
    q: Annotated[str | None, Query(max_length=200, description="Words in name, slug or summary")] = None,
    owner_id: Annotated[str | None, Query(max_length=40)] = None,
    lifecycle: Lifecycle | None = None,
    category: Annotated[str | None, Query(max_length=100)] = None,
    tag: Annotated[str | None, Query(max_length=100)] = None,
    kind: ApiKind | None = None,
    mine: Annotated[bool, Query(description="Only what the caller or the caller's teams own")] = False,
) -> ApiFilter:
    """What the list is narrowed to."""
    return ApiFilter(q=q, owner_id=owner_id, lifecycle=lifecycle, category=category, tag=tag, kind=kind, mine=mine)


@router.post(
    "/import",
    status_code=201,
    summary="Import a definition",
    responses={200: {"model": ImportRead, "description": "What a dry run found"}, **problems(403, 404, 409, 413, 422)},
)
async def import_api(late: Late, body: ApiImport, response: Response) -> ImportRead:
    """A definition (text or address) becomes a draft API with its first version, every problem named.

    With `dry_run` nothing is kept and the answer has status 200.
    """
    service = ImportService()
    async with open_context(late.parts, late.principal, write=False) as ctx:
        service.check_allowed(ctx, body)
    acquired = await acquire(late.parts, body, rows=not body.dry_run)
    ctx = await late.open(write=not body.dry_run)
    if body.dry_run:
        response.status_code = 200
        return await service.look(ctx, body, acquired)
    return await service.import_api(ctx, body, acquired)


@router.get("", summary="List APIs", responses=problems(400))
async def list_apis(ctx: Ctx, page: Paging, by: Annotated[ApiFilter, Depends(api_filter)]) -> PageRead[ApiRead]:
    """What the caller sees. Sort by `name`, `slug`, `created_at` or `updated_at`."""
    return PageRead.of(await CatalogService().list(ctx, page=page, by=by))


@router.post("", status_code=201, summary="Create a blank API", responses=problems(403, 404, 409))
async def create_api(ctx: Ctx, body: ApiCreate) -> ApiRead:
    """A draft without a version."""
    return await CatalogService().create(ctx, body)


@router.get("/{api_id}", summary="Read an API", responses=problems(404))
async def get_api(ctx: Ctx, api_id: str) -> ApiRead:
    """One API by id or slug."""
    return await CatalogService().get(ctx, api_id)


@router.patch("/{api_id}", summary="Change an API", responses=problems(403, 404, 409, 412, 428))
async def update_api(ctx: Ctx, api_id: str, body: ApiUpdate, revision: IfMatch) -> ApiRead:
    """Only what is given changes."""
    return await CatalogService().update(ctx, api_id, change=body, revision=revision)


@router.delete("/{api_id}", status_code=204, summary="Delete an API", responses=problems(403, 404, 409, 412, 428))
async def delete_api(ctx: Ctx, api_id: str, revision: IfMatch) -> None:
    """With its versions and plans; refused while it is on a gateway or has subscriptions."""
    await CatalogService().delete(ctx, api_id, revision=revision)


ACCESS = {
    "import_api": OWNED,
    "list_apis": OPEN,
    "create_api": OWNED,
    "get_api": OPEN,
    "update_api": OWNED_PUBLIC,
    "delete_api": OWNED_PUBLIC,
}
