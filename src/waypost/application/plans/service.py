"""Plans: made, changed, given new terms, retired."""

from __future__ import annotations

from typing import Any

from waypost.application.access import can, may, require
from waypost.application.catalog.changes import apply_changes, flush_claim
from waypost.application.catalog.lookup import find_api
from waypost.application.context import Context
from waypost.application.plans.errors import PlanInUse, PlanNotFound, PlanTaken
from waypost.application.plans.schemas import PlanCreate, PlanRead, PlanTerms, PlanUpdate, PlanVersionRead
from waypost.application.plans.terms import check_terms
from waypost.application.revisions import bump, check_revision
from waypost.information.models import ApiRow, PlanRow, PlanVersionRow
from waypost.information.repos.plans import PlanAndVersion, PlanRepo
from waypost.information.repos.policies import PolicyRepo
from waypost.kit.errors import FieldError, NotFound
from waypost.kit.ids import new_id
from waypost.kit.text import slugify


class PlanService:
    """Plans. Never commits."""

    async def of_api(self, ctx: Context, api_id: str) -> list[PlanRead]:
        """An API's plans in their order; retired ones for the provider's side only."""
        api, _ = await find_api(ctx, api_id)
        inside = can(ctx, "plans:write", owner_id=api.owner_id)
        plans = await PlanRepo(ctx.session).of_api(api.id)
        return [plan_read(ctx, api, found) for found in plans if inside or found.plan.lifecycle == "published"]

    async def get(self, ctx: Context, plan_id: str) -> PlanRead:
        """One plan. Raises PlanNotFound."""
        api, found = await find_plan(ctx, plan_id)
        return plan_read(ctx, api, found)

    async def create(self, ctx: Context, api_id: str, *, wanted: PlanCreate) -> PlanRead:
        """A plan with its first terms. Raises PlanTaken, PlanTermsInvalid."""
        api, _ = await find_api(ctx, api_id)
        require(ctx, "plans:write", owner_id=api.owner_id, visible=True)
        check_terms(wanted.version)
        others = await PlanRepo(ctx.session).of_api(api.id)
        plan = self._row(ctx, api, wanted, others)
        ctx.session.add(plan)
        await flush_claim(ctx, PlanTaken)
        version = await self._add_terms(ctx, plan, wanted.version, number=1)
        await self._record(ctx, "plan.created", api, plan, {"name": plan.name, "terms": wanted.version.stored()})
        return plan_read(ctx, api, PlanAndVersion(plan, version))

    def _row(self, ctx: Context, api: ApiRow, wanted: PlanCreate, others: Any) -> PlanRow:
        slug = wanted.slug or slugify(wanted.name, fallback="plan")
        if any(other.plan.slug == slug for other in others):
            detail = f"The plan {slug} exists already."
            raise PlanTaken(detail, errors=[FieldError("/slug", detail, "Choose another slug or name.")])
        last = max((other.plan.position for other in others), default=-1)
        now = ctx.clock.now()
        return PlanRow(
            id=new_id("plan"),
            api_id=api.id,
            slug=slug,
            name=wanted.name,
            description=wanted.description,
            position=min(last + 1, 1000) if wanted.position is None else wanted.position,
            lifecycle="published",
            created_at=now,
            updated_at=now,
            revision=1,
        )

    async def _add_terms(self, ctx: Context, plan: PlanRow, terms: PlanTerms, *, number: int) -> PlanVersionRow:
        version = PlanVersionRow(
            id=new_id("plv"), plan_id=plan.id, number=number, created_at=ctx.clock.now(), **terms.stored()
        )
        ctx.session.add(version)
        plan.current_version_id = version.id
        await ctx.session.flush()
        return version

    async def update(self, ctx: Context, plan_id: str, *, change: PlanUpdate, revision: int) -> PlanRead:
        """Change what is no promise: name, text, order, whether it takes new subscriptions."""
        api, found = await self._find_to_edit(ctx, plan_id, revision)
        changed = apply_changes(ctx, found.plan, change.model_dump(mode="json", exclude_none=True))
        if changed:
            await self._record(ctx, "plan.updated", api, found.plan, {"changes": changed})
        return plan_read(ctx, api, found)

    async def add_version(self, ctx: Context, plan_id: str, *, terms: PlanTerms, revision: int | None) -> PlanRead:
        """New terms for new subscriptions; existing ones keep theirs. Raises PlanTermsInvalid."""
        api, found = await self._find_to_edit(ctx, plan_id, revision)
        check_terms(terms)
        version = await self._add_terms(ctx, found.plan, terms, number=found.version.number + 1)
        bump(ctx, found.plan)
        data = {"number": version.number, "terms": terms.stored()}
        await self._record(ctx, "plan.version_added", api, found.plan, data)
        return plan_read(ctx, api, PlanAndVersion(found.plan, version))

    async def versions(self, ctx: Context, plan_id: str) -> list[PlanVersionRead]:
        """All terms the plan ever had, newest first; for the provider's side."""
        api, found = await find_plan(ctx, plan_id)
        require(ctx, "catalog:read", owner_id=api.owner_id, visible=True)
        rows = await PlanRepo(ctx.session).versions(found.plan.id)
        return [PlanVersionRead.model_validate(row) for row in rows]

    async def delete(self, ctx: Context, plan_id: str, *, revision: int) -> None:
        """Remove a plan that nobody ever subscribed to. Raises PlanInUse."""
        api, found = await self._find_to_edit(ctx, plan_id, revision)
        if await PlanRepo(ctx.session).subscriptions(found.plan.id):
            raise PlanInUse
        await PolicyRepo(ctx.session).forget(found.plan.id)
        await ctx.session.delete(found.plan)
        await self._record(ctx, "plan.deleted", api, found.plan, {"name": found.plan.name})

    async def _find_to_edit(self, ctx: Context, plan_id: str, revision: int | None) -> tuple[ApiRow, PlanAndVersion]:
        api, found = await find_plan(ctx, plan_id)
        require(ctx, "plans:write", owner_id=api.owner_id, visible=True)
        if revision is not None:
            check_revision(found.plan, revision)
        return api, found

    async def _record(self, ctx: Context, kind: str, api: ApiRow, plan: PlanRow, data: dict[str, Any]) -> None:
        data = {"api_id": api.id, **data}
        await ctx.uow.record(kind, object_kind="plan", object_id=plan.id, owner_id=api.owner_id, data=data)
        ctx.uow.after_commit(ctx.parts.changed.pulse)


async def find_plan(ctx: Context, plan_id: str) -> tuple[ApiRow, PlanAndVersion]:
    """A plan of an API that the caller sees; retired ones for the provider's side. Raises PlanNotFound."""
    found = None if "\x00" in plan_id else await PlanRepo(ctx.session).find(plan_id)
    if found is None:
        raise PlanNotFound
    try:
        api, _ = await find_api(ctx, found.plan.api_id)
    except NotFound as error:
        raise PlanNotFound from error
    if found.plan.lifecycle != "published" and not can(ctx, "catalog:read", owner_id=api.owner_id):
        raise PlanNotFound
    return api, found


def plan_read(ctx: Context, api: ApiRow, found: PlanAndVersion) -> PlanRead:
    """A plan as the caller sees it."""
    plan, version = found
    verbs = {"update": "plans:write", "delete": "plans:write", "add_version": "plans:write"}
    return PlanRead(
        id=plan.id,
        api_id=plan.api_id,
        slug=plan.slug,
        name=plan.name,
        description=plan.description,
        position=plan.position,
        lifecycle="published" if plan.lifecycle == "published" else "retired",
        current_version=PlanVersionRead.model_validate(version),
        created_at=plan.created_at,
        updated_at=plan.updated_at,
        revision=plan.revision,
        may=may(ctx, api.owner_id, verbs),
    )
