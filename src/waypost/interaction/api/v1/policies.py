"""Policies at APIs, versions and operations, and what holds in the end."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.policies.schemas import EffectivePolicyRead, PolicyKindRead, PolicyPut, PolicyRead
from waypost.application.policies.service import PolicyService, api_spot, version_spot
from waypost.interaction.api.access_matrix import OPEN, OWNED_PUBLIC
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import OptionalIfMatch
from waypost.interaction.api.paging import PageRead
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["policies"])

OperationId = Annotated[
    str | None, Query(max_length=40, description="The id of one operation; absent = the version as a whole")
]


@router.get("/policy-kinds", summary="List policy kinds")
async def list_policy_kinds() -> PageRead[PolicyKindRead]:
    """The kinds, where each may stand, and the JSON Schema of its configuration."""
    return PageRead(items=PolicyService().kinds())


@router.get("/apis/{api_id}/policies", summary="List an API's policies", responses=problems(403, 404))
async def list_api_policies(ctx: Ctx, api_id: str) -> PageRead[PolicyRead]:
    """Those that are set at the API itself."""
    return PageRead(items=await PolicyService().at(ctx, await api_spot(ctx, api_id)))


@router.get("/apis/{api_id}/policies/{kind}", summary="Read an API's policy", responses=problems(403, 404))
async def get_api_policy(ctx: Ctx, api_id: str, kind: str) -> PolicyRead:
    """One kind (`key_auth` or `cors`)."""
    return await PolicyService().get(ctx, await api_spot(ctx, api_id), kind)


@router.put("/apis/{api_id}/policies/{kind}", summary="Set an API's policy", responses=problems(403, 404, 409, 412))
async def put_api_policy(ctx: Ctx, api_id: str, kind: str, body: PolicyPut, revision: OptionalIfMatch) -> PolicyRead:
    """Replaces the whole configuration of this kind."""
    spot = await api_spot(ctx, api_id)
    return await PolicyService().put(ctx, spot, kind, config=body.config, revision=revision)


@router.delete(
    "/apis/{api_id}/policies/{kind}",
    status_code=204,
    summary="Take an API's policy away",
    responses=problems(403, 404, 412),
)
async def delete_api_policy(ctx: Ctx, api_id: str, kind: str, revision: OptionalIfMatch) -> None:
    """The default holds again."""
    await PolicyService().delete(ctx, await api_spot(ctx, api_id), kind, revision=revision)


@router.get("/versions/{version_id}/policies", summary="List a version's policies", responses=problems(403, 404))
async def list_version_policies(ctx: Ctx, version_id: str, operation_id: OperationId = None) -> PageRead[PolicyRead]:
    """Those that are set at the version, or at one of its operations."""
    spot = await version_spot(ctx, version_id, operation_id=operation_id)
    return PageRead(items=await PolicyService().at(ctx, spot))


@router.get("/versions/{version_id}/policies/{kind}", summary="Read a version's policy", responses=problems(403, 404))
async def get_version_policy(ctx: Ctx, version_id: str, kind: str, operation_id: OperationId = None) -> PolicyRead:
    """One kind (`headers`, `path_rewrite`, `timeout` or `mock`)."""
    return await PolicyService().get(ctx, await version_spot(ctx, version_id, operation_id=operation_id), kind)


@router.put(
    "/versions/{version_id}/policies/{kind}", summary="Set a version's policy", responses=problems(403, 404, 409, 412)
)
async def put_version_policy(
    ctx: Ctx,
    version_id: str,
    kind: str,
    body: PolicyPut,
    revision: OptionalIfMatch,
    operation_id: OperationId = None,
) -> PolicyRead:
    """Replaces the whole configuration of this kind, at the version or at one of its operations."""
    spot = await version_spot(ctx, version_id, operation_id=operation_id)
    return await PolicyService().put(ctx, spot, kind, config=body.config, revision=revision)


@router.delete(
    "/versions/{version_id}/policies/{kind}",
    status_code=204,
    summary="Take a version's policy away",
    responses=problems(403, 404, 412),
)
async def delete_version_policy(
    ctx: Ctx, version_id: str, kind: str, revision: OptionalIfMatch, operation_id: OperationId = None
) -> None:
    """What stands above holds again."""
    spot = await version_spot(ctx, version_id, operation_id=operation_id)
    await PolicyService().delete(ctx, spot, kind, revision=revision)


@router.get("/versions/{version_id}/effective-policies", summary="What holds in the end", responses=problems(403, 404))
async def list_effective_policies(
    ctx: Ctx, version_id: str, operation_id: OperationId = None
) -> PageRead[EffectivePolicyRead]:
    """Per kind the configuration that holds, and where it comes from: operation, version, API or default."""
    spot = await version_spot(ctx, version_id, operation_id=operation_id)
    return PageRead(items=await PolicyService().effective(ctx, spot))


ACCESS = {
    "list_policy_kinds": OPEN,
    "list_api_policies": OWNED_PUBLIC,
    "get_api_policy": OWNED_PUBLIC,
    "put_api_policy": OWNED_PUBLIC,
    "delete_api_policy": OWNED_PUBLIC,
    "list_version_policies": OWNED_PUBLIC,
    "get_version_policy": OWNED_PUBLIC,
    "put_version_policy": OWNED_PUBLIC,
    "delete_version_policy": OWNED_PUBLIC,
    "list_effective_policies": OWNED_PUBLIC,
}
