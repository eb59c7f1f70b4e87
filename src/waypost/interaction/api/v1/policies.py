"""Policies at the hub, teams, APIs, versions, operations and plans, and what holds in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Depends, Query

from waypost.application.changes.schemas import ChangePlan, PolicyDraft, PolicySaved
from waypost.application.changes.service import ChangeService
from waypost.application.policies.schemas import EffectivePolicyRead, PolicyKindRead, PolicyPut, PolicyRead
from waypost.application.policies.service import PolicyService
from waypost.application.policies.spots import Find, api_spot, hub_spot, plan_spot, team_spot, version_spot
from waypost.application.work import open_context
from waypost.interaction.api.access_matrix import ADMIN, OPEN, OWNED, OWNED_PUBLIC, Access
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.etag import OptionalIfMatch
from waypost.interaction.api.paging import PageRead
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["policies"])

OperationId = Annotated[
    str | None, Query(max_length=40, description="The id of one operation; absent = the version as a whole")
]

PlanId = Annotated[
    str | None, Query(max_length=40, description="A plan of the API: adds what holds besides for its subscribers")
]


def at_hub() -> Find:
    """The hub."""
    return hub_spot


def at_team(team_id: str) -> Find:
    """A team."""
    return partial(team_spot, team_id=team_id)


def at_api(api_id: str) -> Find:
    """An API."""
    return partial(api_spot, api_id=api_id)


def at_version(version_id: str, operation_id: OperationId = None) -> Find:
    """A version or one of its operations."""
    return partial(version_spot, version_id=version_id, operation_id=operation_id)


def at_plan(plan_id: str) -> Find:
    """A plan."""
    return partial(plan_spot, plan_id=plan_id)


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its noun in operation ids, its path, how its spot is found, who gets in."""

    noun: str
    path: str
    whose: str
    find: Callable[..., Find]
    access: Access


LEVELS = (
    Level("hub", "/hub", "the hub's", at_hub, ADMIN),
    Level("team", "/teams/{team_id}", "a team's", at_team, OWNED),
    Level("api", "/apis/{api_id}", "an API's", at_api, OWNED_PUBLIC),
    Level("version", "/versions/{version_id}", "a version's", at_version, OWNED_PUBLIC),
    Level("plan", "/plans/{plan_id}", "a plan's", at_plan, OWNED_PUBLIC),
)


@router.get("/policy-kinds", summary="List policy kinds")
async def list_policy_kinds() -> PageRead[PolicyKindRead]:
    """The kinds in the order of execution, where each may stand, and the JSON Schema of its configuration."""
    return PageRead(items=PolicyService().kinds())


def _add_reads(level: Level) -> None:
    path, find_of = f"{level.path}/policies", Depends(level.find)

    @router.get(
        path,
        name=f"list_{level.noun}_policies",
        summary=f"List {level.whose} policies",
        responses=problems(403, 404),
    )
    async def list_policies(ctx: Ctx, find: Find = find_of) -> PageRead[PolicyRead]:
        """Those that are set at this very place."""
        return PageRead(items=await PolicyService().at(ctx, await find(ctx)))

    @router.get(
        f"{path}/{{kind}}",
        name=f"get_{level.noun}_policy",
        summary=f"Read {level.whose} policy",
        responses=problems(403, 404),
    )
    async def get_policy(ctx: Ctx, kind: str, find: Find = find_of) -> PolicyRead:
        """One kind. Secrets read as empty text."""
        return await PolicyService().get(ctx, await find(ctx), kind)


def _add_writes(level: Level) -> None:
    path, find_of = f"{level.path}/policies/{{kind}}", Depends(level.find)

    @router.put(
        path,
        name=f"put_{level.noun}_policy",
        summary=f"Set {level.whose} policy",
        responses=problems(403, 404, 409, 412),
    )
    async def put_policy(
        late: Late, kind: str, body: PolicyPut, revision: OptionalIfMatch, find: Find = find_of
    ) -> PolicySaved:
        """Replaces the whole configuration of this kind. A secret that is sent empty stays as it is.

        The answer names what it touched: APIs, gateways, callers of the last 30 days.
        """
        service = ChangeService()
        async with open_context(late.parts, late.principal, write=False) as ctx:
            prepared = await service.prepare(ctx, find, kind, wanted=body, revision=revision)
        return await service.put(await late.open(write=True), prepared)

    @router.delete(
        path,
        name=f"delete_{level.noun}_policy",
        status_code=204,
        summary=f"Take {level.whose} policy away",
        responses=problems(403, 404, 412),
    )
    async def delete_policy(late: Late, kind: str, revision: OptionalIfMatch, find: Find = find_of) -> None:
        """What stands above holds again, or the default."""
        service = ChangeService()
        async with open_context(late.parts, late.principal, write=False) as ctx:
            prepared = await service.prepare(ctx, find, kind, wanted=None, revision=revision)
        await service.delete(await late.open(write=True), prepared)

    @router.post(
        f"{path}/plan",
        name=f"plan_{level.noun}_policy",
        summary=f"What a change of {level.whose} policy would touch",
        responses=problems(403, 404, 409),
    )
    async def plan_policy(late: Late, kind: str, body: PolicyDraft, find: Find = find_of) -> ChangePlan:
        """Nothing is written: which APIs, which gateways, which callers of the last 30 days, and what would hold."""
        ctx = await late.open(write=False)
        return await ChangeService().plan(ctx, await find(ctx), kind, draft=body)


for each in LEVELS:
    _add_reads(each)
    _add_writes(each)


@router.get("/apis/{api_id}/effective-policies", summary="What holds for an API", responses=problems(403, 404))
async def list_effective_api_policies(ctx: Ctx, api_id: str, plan_id: PlanId = None) -> PageRead[EffectivePolicyRead]:
    """Per kind the configuration that holds, and where each part comes from: API, team, hub or default."""
    return PageRead(items=await PolicyService().effective(ctx, await api_spot(ctx, api_id), plan_id=plan_id))


@router.get("/versions/{version_id}/effective-policies", summary="What holds in the end", responses=problems(403, 404))
async def list_effective_policies(
    ctx: Ctx, version_id: str, operation_id: OperationId = None, plan_id: PlanId = None
) -> PageRead[EffectivePolicyRead]:
    """Per kind the configuration that holds, and where each part comes from: operation, version, API, team, hub."""
    spot = await version_spot(ctx, version_id, operation_id=operation_id)
    return PageRead(items=await PolicyService().effective(ctx, spot, plan_id=plan_id))


ACCESS = {
    "list_policy_kinds": OPEN,
    **{
        name: level.access
        for level in LEVELS
        for name in (
            f"list_{level.noun}_policies",
            *(f"{verb}_{level.noun}_policy" for verb in ("get", "put", "delete", "plan")),
        )
    },
    "list_effective_api_policies": OWNED_PUBLIC,
    "list_effective_policies": OWNED_PUBLIC,
}
