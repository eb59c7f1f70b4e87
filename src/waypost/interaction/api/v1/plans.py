"""Plans of APIs."""

from __future__ import annotations

from waypost.application.catalog.lookup import find_api
from waypost.application.gateways.ability import still_able
from waypost.application.plans.schemas import PlanCreate, PlanRead, PlanTerms, PlanUpdate, PlanVersionRead
from waypost.application.plans.service import PlanService
from waypost.interaction.api.access_matrix import OPEN, OWNED_PUBLIC
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch, OptionalIfMatch
from waypost.interaction.api.paging import PageRead
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["plans"])


@router.get("/apis/{api_id}/plans", summary="List an API's plans", responses=problems(404))
async def list_plans(ctx: Ctx, api_id: str) -> PageRead[PlanRead]:
    """In their order, all on one page; retired ones only for the provider's side."""
    return PageRead(items=await PlanService().of_api(ctx, api_id))


@router.post("/apis/{api_id}/plans", status_code=201, summary="Create a plan", responses=problems(403, 404, 409))
async def create_plan(ctx: Ctx, api_id: str, body: PlanCreate) -> PlanRead:
    """A plan with its first terms."""
    api, _ = await find_api(ctx, api_id)
    async with still_able(ctx, [api.id]):
        return await PlanService().create(ctx, api_id, wanted=body)


@router.get("/plans/{plan_id}", summary="Read a plan", responses=problems(404))
async def get_plan(ctx: Ctx, plan_id: str) -> PlanRead:
    """One plan with the terms that new subscriptions get."""
    return await PlanService().get(ctx, plan_id)


@router.patch("/plans/{plan_id}", summary="Change a plan", responses=problems(403, 404, 412, 428))
async def update_plan(ctx: Ctx, plan_id: str, body: PlanUpdate, revision: IfMatch) -> PlanRead:
    """Name, text, order, whether it takes new subscriptions; its terms change by a new version."""
    return await PlanService().update(ctx, plan_id, change=body, revision=revision)


@router.delete(
    "/plans/{plan_id}", status_code=204, summary="Delete a plan", responses=problems(403, 404, 409, 412, 428)
)
async def delete_plan(ctx: Ctx, plan_id: str, revision: IfMatch) -> None:
    """Only a plan that nobody ever subscribed to; others are retired."""
    await PlanService().delete(ctx, plan_id, revision=revision)


@router.post("/plans/{plan_id}/versions", status_code=201, summary="New terms", responses=problems(403, 404, 412))
async def create_plan_version(ctx: Ctx, plan_id: str, body: PlanTerms, revision: OptionalIfMatch) -> PlanRead:
    """For new subscriptions; existing ones keep theirs."""
    service = PlanService()
    async with still_able(ctx, [(await service.get(ctx, plan_id)).api_id]):
        return await service.add_version(ctx, plan_id, terms=body, revision=revision)


@router.get("/plans/{plan_id}/versions", summary="List a plan's terms", responses=problems(403, 404))
async def list_plan_versions(ctx: Ctx, plan_id: str) -> PageRead[PlanVersionRead]:
    """All that it ever had, newest first; for the provider's side."""
    return PageRead(items=await PlanService().versions(ctx, plan_id))


ACCESS = {
    "list_plans": OPEN,
    "create_plan": OWNED_PUBLIC,
    "get_plan": OPEN,
    "update_plan": OWNED_PUBLIC,
    "delete_plan": OWNED_PUBLIC,
    "create_plan_version": OWNED_PUBLIC,
    "list_plan_versions": OWNED_PUBLIC,
}
