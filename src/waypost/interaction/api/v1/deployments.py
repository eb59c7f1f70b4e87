"""Deployments: publish a version to a gateway, wait for its receipt, withdraw it."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Query

from waypost.application.gateways.deployments import UNSETTLED, DeploymentService
from waypost.application.gateways.outlook import publishing_outlook
from waypost.application.gateways.schemas import DeploymentCreate, DeploymentRead, PublishingOutlook
from waypost.application.work import open_context
from waypost.interaction.api.access_matrix import OPEN, OWNED_PUBLIC, SIGNED_IN
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["deployments"])


@router.get("/versions/{version_id}/deployments", summary="Where a version is", responses=problems(400, 404))
async def list_version_deployments(ctx: Ctx, version_id: str, page: Paging) -> PageRead[DeploymentRead]:
    """Reasons and degradations only for the API's provider."""
    return PageRead.of(await DeploymentService().of_version(ctx, version_id, page=page))


@router.post(
    "/versions/{version_id}/deployments",
    status_code=201,
    summary="Publish a version to a gateway",
    responses=problems(403, 404, 409),
)
async def create_deployment(late: Late, version_id: str, body: DeploymentCreate) -> DeploymentRead:
    """A draft becomes published. Follow the deployment until it is `live`, or `quarantined` with a reason."""
    service = DeploymentService()
    async with open_context(late.parts, late.principal, write=False) as ctx:
        prepared = await service.prepare(ctx, version_id, gateway_id=body.gateway_id)
    ctx = await late.open(write=True)
    return await service.create(ctx, version_id, gateway_id=body.gateway_id, prepared=prepared)


@router.post(
    "/versions/{version_id}/deployments/plan",
    summary="See what publishing would meet",
    responses=problems(403, 404),
)
async def plan_deployments(late: Late, version_id: str) -> PublishingOutlook:
    """Nothing is written: what the version needs, which gateways can do it, and what else is to be mended first."""
    return await publishing_outlook(await late.open(write=False), version_id)


@router.get("/apis/{api_id}/deployments", summary="Where an API is", responses=problems(400, 404))
async def list_api_deployments(ctx: Ctx, api_id: str, page: Paging) -> PageRead[DeploymentRead]:
    """Of all its versions; by id or slug."""
    return PageRead.of(await DeploymentService().of_api(ctx, api_id, page=page))


@router.get("/deployments/{deployment_id}", summary="Read a deployment", responses=problems(404))
async def get_deployment(
    late: Late,
    deployment_id: str,
    wait_seconds: Annotated[float, Query(ge=0, le=30, description="Wait this long for it to settle")] = 0,
) -> DeploymentRead:
    """With `wait_seconds` the answer comes once it is neither `pending` nor `withdrawing`, or when the time is up."""
    deadline = time.monotonic() + wait_seconds
    while True:
        seen = late.parts.changed.version
        async with open_context(late.parts, late.principal, write=False) as ctx:
            found = await DeploymentService().get(ctx, deployment_id)
        left = deadline - time.monotonic()
        if found.state not in UNSETTLED or left <= 0:
            return found
        await late.parts.changed.wait(seen, timeout=min(left, 1.0))


@router.delete("/deployments/{deployment_id}", summary="Withdraw a deployment", responses=problems(403, 404, 409))
async def withdraw_deployment(ctx: Ctx, deployment_id: str) -> DeploymentRead:
    """It is `withdrawing` until the gateway says that it is gone, then `withdrawn`."""
    return await DeploymentService().withdraw(ctx, deployment_id)


# Of a public API everybody sees where it answers; only its provider sees reasons.
ACCESS = {
    "list_version_deployments": OPEN,
    "create_deployment": OWNED_PUBLIC,
    "plan_deployments": OWNED_PUBLIC,
    "list_api_deployments": OPEN,
    "get_deployment": SIGNED_IN,
    "withdraw_deployment": OWNED_PUBLIC,
}
