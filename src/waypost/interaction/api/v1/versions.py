"""Versions, their definitions, operations and reference."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response

from waypost.application.catalog.acquire import acquire, check_importable
from waypost.application.catalog.import_schemas import DefinitionReplace, ImportRead
from waypost.application.catalog.imports import ImportService
from waypost.application.catalog.operations import OperationService
from waypost.application.catalog.version_schemas import (
    OperationRead,
    OperationUpdate,
    VersionCreate,
    VersionRead,
    VersionUpdate,
)
from waypost.application.catalog.versions import VersionService
from waypost.application.reference.service import ReferenceService
from waypost.application.work import open_context
from waypost.interaction.api.access_matrix import OPEN, OWNED_PUBLIC
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.etag import IfMatch, OptionalIfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["catalog"])

_BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The definition",
        "content": {"application/json": {"schema": {}}, "application/yaml": {"schema": {}}},
    }
}
_OPENAPI: dict[int | str, dict[str, Any]] = {
    200: {"description": "An OpenAPI 3 document", "content": {"application/json": {"schema": {}}}}
}


@router.get("/apis/{api_id}/versions", summary="List an API's versions", responses=problems(404))
async def list_versions(ctx: Ctx, api_id: str) -> PageRead[VersionRead]:
    """Newest first, all on one page; drafts only for the provider's side."""
    return PageRead(items=await VersionService().list(ctx, api_id))


@router.post(
    "/apis/{api_id}/versions", status_code=201, summary="Add a version", responses=problems(403, 404, 409, 413)
)
async def create_version(late: Late, api_id: str, body: VersionCreate) -> VersionRead:
    """A further draft, blank or of a definition (text or address)."""
    service = VersionService()
    async with open_context(late.parts, late.principal, write=False) as ctx:
        await service.check_create(ctx, api_id)
    acquired = None
    if body.given:
        acquired = await acquire(late.parts, body, rows=True)
        check_importable(acquired)
    ctx = await late.open(write=True)
    return await service.create(ctx, api_id, wanted=body, acquired=acquired)


@router.get("/versions/{version_id}", summary="Read a version", responses=problems(404))
async def get_version(ctx: Ctx, version_id: str) -> VersionRead:
    """Upstream, servers and problems are shown to the provider's side only."""
    return await VersionService().get(ctx, version_id)


@router.patch("/versions/{version_id}", summary="Change a version", responses=problems(403, 404, 409, 412, 428))
async def update_version(ctx: Ctx, version_id: str, body: VersionUpdate, revision: IfMatch) -> VersionRead:
    """Only what is given changes."""
    return await VersionService().update(ctx, version_id, change=body, revision=revision)


@router.delete(
    "/versions/{version_id}", status_code=204, summary="Delete a version", responses=problems(403, 404, 409, 412, 428)
)
async def delete_version(ctx: Ctx, version_id: str, revision: IfMatch) -> None:
    """With its operations and policies; refused while it is on a gateway."""
    await VersionService().delete(ctx, version_id, revision=revision)


@router.put(
    "/versions/{version_id}/definition",
    summary="Replace a version's definition",
    responses=problems(403, 404, 409, 412, 413),
)
async def replace_definition(
    late: Late, version_id: str, body: DefinitionReplace, revision: OptionalIfMatch
) -> ImportRead:
    """Operations keep their ids and the hub's own texts stay; the answer says what was added, removed, changed.

    Removing operations of a published version takes `confirm: true`.
    """
    service = ImportService()
    async with open_context(late.parts, late.principal, write=False) as ctx:
        await service.check_replace(ctx, version_id)
    acquired = await acquire(late.parts, body)
    async with open_context(late.parts, late.principal, write=False) as ctx:
        compared = await service.compare(ctx, version_id, acquired)
    ctx = await late.open(write=not body.dry_run)
    return await service.replace(ctx, version_id, wanted=body, acquired=acquired, compared=compared, revision=revision)


@router.get(
    "/versions/{version_id}/definition",
    summary="Download a definition",
    response_class=Response,
    responses={**problems(403, 404), **_BYTES},
)
async def get_definition(
    ctx: Ctx, version_id: str, variant: Annotated[Literal["original", "effective"], Query()] = "original"
) -> Response:
    """The bytes as they came, or OpenAPI 3 as JSON with the hub's overlay. For the provider's side."""
    data, media_type = await VersionService().definition(ctx, version_id, variant=variant)
    suffix = "yaml" if media_type == "application/yaml" else "json"
    headers = {"Content-Disposition": f'attachment; filename="{version_id}-{variant}.{suffix}"'}
    return Response(data, media_type=media_type, headers=headers)


@router.get("/versions/{version_id}/operations", summary="List operations", responses=problems(400, 404))
async def list_operations(
    ctx: Ctx,
    version_id: str,
    page: Paging,
    q: Annotated[str, Query(max_length=200, description="Words in path, summary or operation id")] = "",
    tag: Annotated[str, Query(max_length=100)] = "",
) -> PageRead[OperationRead]:
    """In the definition's order. Sort by `position`, `path` or `method`."""
    return PageRead.of(await OperationService().list(ctx, version_id, page=page, q=q, tag=tag))


@router.get("/versions/{version_id}/operations/{operation_id}", summary="Read an operation", responses=problems(404))
async def get_operation(ctx: Ctx, version_id: str, operation_id: str) -> OperationRead:
    """One operation by its id."""
    return await OperationService().get(ctx, version_id, operation_id)


@router.patch(
    "/versions/{version_id}/operations/{operation_id}",
    summary="Change an operation's texts",
    responses=problems(403, 404, 412, 428),
)
async def update_operation(
    ctx: Ctx, version_id: str, operation_id: str, body: OperationUpdate, revision: IfMatch
) -> OperationRead:
    """The hub's overlay, which re-imports keep. `If-Match` takes the version's ETag; null gives a field back."""
    return await OperationService().update(ctx, version_id, operation_id, change=body, revision=revision)


@router.get(
    "/versions/{version_id}/reference",
    summary="The reference document",
    response_class=Response,
    responses={**problems(404), **_OPENAPI},
)
async def get_reference(ctx: Ctx, version_id: str) -> Response:
    """OpenAPI 3 as consumers use it: servers are the gateways, security is the hub's key."""
    return Response(await ReferenceService().document(ctx, version_id), media_type="application/json")


ACCESS = {
    "list_versions": OPEN,
    "create_version": OWNED_PUBLIC,
    "get_version": OPEN,
    "update_version": OWNED_PUBLIC,
    "delete_version": OWNED_PUBLIC,
    "replace_definition": OWNED_PUBLIC,
    "get_definition": OWNED_PUBLIC,
    "list_operations": OPEN,
    "get_operation": OPEN,
    "update_operation": OWNED_PUBLIC,
    "get_reference": OPEN,
}
