"""Policies: set, taken away, explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.application.policies.checks import (
    check_addresses,
    check_issuers,
    check_lock,
    check_together,
    check_until,
)
from waypost.application.policies.drafts import Draft
from waypost.application.policies.effective import Effective, Place, default_configs, resolve
from waypost.application.policies.errors import PolicyNotFound
from waypost.application.policies.kinds import KINDS
from waypost.application.policies.of_plans import effective_of_plan
from waypost.application.policies.registry import kind_info, read_config
from waypost.application.policies.scene import Scene, read_scenes
from waypost.application.policies.schemas import (
    EffectivePolicyRead,
    PartOrigin,
    PolicyKindRead,
    PolicyOrigin,
    PolicyRead,
    PolicyTarget,
)
from waypost.application.policies.secrets import fill, seal, split, unseal
from waypost.application.policies.spots import Spot
from waypost.application.revisions import check_revision
from waypost.contracts.ir.order import ORDER, POSITION
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.information.models import PolicyRow
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.policies import PolicyRepo
from waypost.kit.errors import Conflict, PreconditionFailed
from waypost.kit.ids import new_id

_AT_THE_SAME_MOMENT = Conflict("Somebody set this policy at the same moment.")


class PolicyService:
    """Policies. Never commits."""

    def kinds(self) -> list[PolicyKindRead]:
        """All kinds with their schemas, in the order of execution."""
        return [
            PolicyKindRead(
                kind=step.kind,
                title=KINDS[step.kind].title,
                levels=list(KINDS[step.kind].levels),
                merge=KINDS[step.kind].merge,
                position=POSITION[step.kind],
                stage=step.stage,
                refuses=list(step.refuses),
                schema_=KINDS[step.kind].model.model_json_schema(),
            )
            for step in ORDER
        ]

    async def at(self, ctx: Context, spot: Spot) -> list[PolicyRead]:
        """What is set here, for the provider's side."""
        spot.require_read(ctx)
        return [read_policy(row) for row in await PolicyRepo(ctx.session).at([spot.here.id])]

    async def get(self, ctx: Context, spot: Spot, kind: str) -> PolicyRead:
        """One kind here. Raises PolicyNotFound."""
        spot.require_read(ctx)
        return read_policy(await self._one(ctx, spot, kind))

    async def put(
        self,
        ctx: Context,
        spot: Spot,
        kind: str,
        *,
        config: Mapping[str, Any],
        locked: bool = False,
        revision: int | None,
    ) -> PolicyRead:
        """Set or replace. Raises as :meth:`draft`, and PolicyContradicts.

        Whether engines can do it is asked by :mod:`waypost.application.changes`.
        """
        draft = await self.draft(ctx, spot, kind, config=config, locked=locked, revision=revision)
        check_together(kind, *await scenes_of(ctx, spot, draft))
        return read_policy(await self.keep(ctx, spot, draft))

    async def delete(self, ctx: Context, spot: Spot, kind: str, *, revision: int | None) -> None:
        """Take it away; what stands above holds again. Raises as :meth:`without`, and PolicyContradicts."""
        draft = await self.without(ctx, spot, kind, revision=revision)
        check_together(kind, *await scenes_of(ctx, spot, draft))
        await self.drop(ctx, spot, draft)

    async def draft(
        self, ctx: Context, spot: Spot, kind: str, *, config: Mapping[str, Any], locked: bool, revision: int | None
    ) -> Draft:
        """The policy as it would be. Raises PolicyKindUnknown, PolicyInvalid, PolicyLocked, PreconditionFailed."""
        spot.require_write(ctx)
        info = kind_info(kind, level=spot.level)
        standing = await PolicyRepo(ctx.session).of_kind([place.id for place in spot.places], kind)
        row = next((row for row in standing if row.target_id == spot.here.id), None)
        if revision is not None:
            if row is None:
                raise PreconditionFailed(f"You read revision {revision}; it was taken away since.")
            check_revision(row, revision)
        kept = unseal(ctx.parts.keyring, row.sealed) if row else {}
        checked = read_config(info, fill(config, kept), level=spot.level)
        masked, secrets = split(checked)
        check_lock(spot, info, checked, standing, locked=locked)
        await check_issuers(ctx, spot, kind, checked)
        check_addresses(ctx, kind, checked)
        check_until(ctx, kind, checked)
        made = _new_row(ctx, spot, kind) if row is None else _copy(ctx, row)
        made.config, made.locked = masked, locked
        if secrets != kept:
            made.sealed = seal(ctx.parts.keyring, secrets)
        return Draft(spot.here.id, kind, made, row.revision if row else None)

    async def without(self, ctx: Context, spot: Spot, kind: str, *, revision: int | None) -> Draft:
        """The place as it would be without this policy. Raises PolicyNotFound, PreconditionFailed."""
        spot.require_write(ctx)
        row = await self._one(ctx, spot, kind)
        if revision is not None:
            check_revision(row, revision)
        return Draft(spot.here.id, kind, None, row.revision)

    async def keep(self, ctx: Context, spot: Spot, draft: Draft) -> PolicyRow:
        """Write it down. Raises Conflict where somebody was faster."""
        made = draft.row
        assert made is not None
        if draft.base is None:
            ctx.session.add(made)
            try:
                await ctx.session.flush()
            except IntegrityError as error:
                raise _AT_THE_SAME_MOMENT from error
        elif not await PolicyRepo(ctx.session).replace(made, base=draft.base):
            raise _AT_THE_SAME_MOMENT
        await self._record(ctx, "policy.set", spot, draft.kind)
        return made

    async def drop(self, ctx: Context, spot: Spot, draft: Draft) -> None:
        """Take it away. Raises Conflict where somebody was faster."""
        if draft.base is None or not await PolicyRepo(ctx.session).remove(draft.target_id, draft.kind, base=draft.base):
            raise _AT_THE_SAME_MOMENT
        await self._record(ctx, "policy.removed", spot, draft.kind)

    async def effective(self, ctx: Context, spot: Spot, *, plan_id: str | None = None) -> list[EffectivePolicyRead]:
        """What holds here in the end, and where each part comes from; for the provider's side.

        With ``plan_id`` also what holds besides for the subscribers of that plan. Raises PlanNotFound.
        """
        spot.require_read(ctx)
        items = [_effective_read(item) for item in (await effective_at(ctx, spot)).values()]
        if plan_id is None:
            return items
        of_plan = [_effective_read(item) for item in await effective_of_plan(ctx, spot, plan_id)]
        return items + [item.model_copy(update={"applies_to": "plan"}) for item in of_plan]

    async def _one(self, ctx: Context, spot: Spot, kind: str) -> PolicyRow:
        kind_info(kind, level=spot.level)
        row = await PolicyRepo(ctx.session).one(spot.here.id, kind)
        if row is None:
            raise PolicyNotFound(f"No policy `{kind}` is set at this {spot.level}.")
        return row

    async def _record(self, ctx: Context, kind: str, spot: Spot, policy: str) -> None:
        # Without the configuration: it may name what is nobody else's business.
        api = {"api_id": spot.api.id} if spot.api else {}
        data = {**api, "policy": policy, "level": spot.here.level, "name": spot.here.name}
        seq = await ctx.uow.record(
            kind, object_kind=spot.here.level, object_id=spot.here.id, owner_id=spot.owner_id, data=data
        )
        if policy == PolicyKind.QUOTA and spot.api is not None:  # who is over it now, and who no longer is
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(api_id=spot.api.id))
        ctx.uow.after_commit(ctx.parts.changed.pulse)


def _new_row(ctx: Context, spot: Spot, kind: str) -> PolicyRow:
    now = ctx.clock.now()
    row = PolicyRow(id=new_id("pol"), level=spot.level, target_id=spot.here.id, kind=kind, revision=1, sealed="")
    row.api_id = spot.api.id if spot.api else None
    row.team_id = spot.here.id if spot.level is PolicyLevel.TEAM else None
    row.created_at, row.updated_at = now, now
    return row


def _copy(ctx: Context, row: PolicyRow) -> PolicyRow:
    """What the row would be after a change; it belongs to no session."""
    values = {column.key: getattr(row, column.key) for column in PolicyRow.__table__.columns}
    return PolicyRow(**values | {"revision": row.revision + 1, "updated_at": ctx.clock.now()})


async def scenes_of(ctx: Context, spot: Spot, draft: Draft) -> tuple[Scene, Scene]:
    """Everything that a policy at ``spot`` bears upon, as it is and as it would be."""
    above = () if spot.api else spot.places
    api_ids = await _concerned(ctx, spot)
    defaults = default_configs(ctx.parts.public_url)
    before, after = await read_scenes(ctx.session, api_ids, (None, draft), above=above, defaults=defaults)
    return before, after


async def _concerned(ctx: Context, spot: Spot) -> Sequence[str]:
    """Ids of the APIs that a policy at ``spot`` bears upon."""
    if spot.api is not None:
        return [spot.api.id]
    return await PolicyRepo(ctx.session).apis_under(spot.level, spot.here.id)


async def effective_at(ctx: Context, spot: Spot) -> dict[str, Effective]:
    """The effective policies at a place, by kind; no question is asked of who may know."""
    rows = await PolicyRepo(ctx.session).at([place.id for place in spot.places])
    return resolve(rows, places=spot.places, defaults=default_configs(ctx.parts.public_url))


def read_policy(row: PolicyRow) -> PolicyRead:
    """A kept policy as it is shown."""
    return PolicyRead(
        kind=row.kind,
        target=PolicyTarget(level=row.level, id=row.target_id),
        config=row.config,
        locked=row.locked,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
    )


def _effective_read(item: Effective) -> EffectivePolicyRead:
    return EffectivePolicyRead(
        kind=item.kind,
        config=dict(item.config),
        from_=origin(item.place),
        locked=item.locked,
        origins=[PartOrigin(pointer=pointer, from_=origin(place)) for pointer, place in item.origins.items()],
    )


def origin(place: Place) -> PolicyOrigin:
    """A place as it is shown."""
    return PolicyOrigin(level=place.level, id=place.id, name=place.name)
