"""Policies: set, taken away, explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from waypost.application.access import require
from waypost.application.catalog.lookup import find_api, find_operation, find_version
from waypost.application.catalog.permissions import require_edit
from waypost.application.context import Context
from waypost.application.policies.effective import Effective, Place, default_configs, resolve
from waypost.application.policies.errors import PolicyNotFound
from waypost.application.policies.registry import KINDS, kind_info, read_config
from waypost.application.policies.schemas import (
    EffectivePolicyRead,
    PolicyKindRead,
    PolicyOrigin,
    PolicyRead,
    PolicyTarget,
)
from waypost.application.revisions import bump, check_revision
from waypost.information.models import ApiRow, PolicyRow
from waypost.information.repos.policies import PolicyRepo
from waypost.kit.errors import Conflict
from waypost.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of an API that the caller sees, the places above it, and how far along it is."""

    api: ApiRow
    places: tuple[Place, ...]
    lifecycle: str

    @property
    def here(self) -> Place:
        """The place itself, the most specific one."""
        return self.places[0]


async def api_spot(ctx: Context, api_id: str) -> Spot:
    """The level of an API. Raises ApiNotFound."""
    api, _ = await find_api(ctx, api_id)
    return Spot(api, (Place("api", api.id, api.name),), api.lifecycle)


async def version_spot(ctx: Context, version_id: str, *, operation_id: str | None = None) -> Spot:
    """The level of a version, or of one of its operations. Raises VersionNotFound, OperationNotFound."""
    version, api, _ = await find_version(ctx, version_id)
    places: tuple[Place, ...] = (Place("version", version.id, version.name), Place("api", api.id, api.name))
    if operation_id is not None:
        row = await find_operation(ctx, version.id, operation_id)
        places = (Place("operation", row.id, row.key), *places)
    return Spot(api, places, version.lifecycle)


class PolicyService:
    """Policies. Never commits."""

    def kinds(self) -> list[PolicyKindRead]:
        """All kinds with their schemas."""
        return [
            PolicyKindRead(
                kind=info.kind, title=info.title, levels=list(info.levels), schema_=info.model.model_json_schema()
            )
            for info in KINDS.values()
        ]

    async def at(self, ctx: Context, spot: Spot) -> list[PolicyRead]:
        """What is set here, for the provider's side."""
        self._require_read(ctx, spot)
        return [_read(row) for row in await PolicyRepo(ctx.session).at([spot.here.id])]

    async def get(self, ctx: Context, spot: Spot, kind: str) -> PolicyRead:
        """One kind here. Raises PolicyNotFound."""
        self._require_read(ctx, spot)
        return _read(await self._one(ctx, spot, kind))

    async def put(
        self, ctx: Context, spot: Spot, kind: str, *, config: Mapping[str, Any], revision: int | None
    ) -> PolicyRead:
        """Set or replace. Raises PolicyKindUnknown, PolicyInvalid, PreconditionFailed."""
        require_edit(ctx, spot.api, lifecycle=spot.lifecycle)
        info = kind_info(kind, level=spot.here.level)
        checked = read_config(info, config)
        row = await PolicyRepo(ctx.session).one(spot.here.id, kind)
        if row is None:
            row = await self._add(ctx, spot, kind, checked)
        else:
            if revision is not None:
                check_revision(row, revision)
            row.config = checked
            bump(ctx, row)
        await self._record(ctx, "policy.set", spot, kind)
        return _read(row)

    async def _add(self, ctx: Context, spot: Spot, kind: str, config: dict[str, Any]) -> PolicyRow:
        now = ctx.clock.now()
        row = PolicyRow(id=new_id("pol"), api_id=spot.api.id, level=spot.here.level, target_id=spot.here.id, revision=1)
        row.kind, row.config, row.created_at, row.updated_at = kind, config, now, now
        ctx.session.add(row)
        try:
            await ctx.session.flush()
        except IntegrityError as error:
            raise Conflict("Somebody set this policy at the same moment.") from error
        return row

    async def delete(self, ctx: Context, spot: Spot, kind: str, *, revision: int | None) -> None:
        """Take it away; what stands above holds again. Raises PolicyNotFound, PreconditionFailed."""
        require_edit(ctx, spot.api, lifecycle=spot.lifecycle)
        row = await self._one(ctx, spot, kind)
        if revision is not None:
            check_revision(row, revision)
        await ctx.session.delete(row)
        await self._record(ctx, "policy.removed", spot, kind)

    async def effective(self, ctx: Context, spot: Spot) -> list[EffectivePolicyRead]:
        """What holds here in the end, and where each part comes from; for the provider's side."""
        self._require_read(ctx, spot)
        return [_effective_read(item) for item in (await effective_at(ctx, spot)).values()]

    async def _one(self, ctx: Context, spot: Spot, kind: str) -> PolicyRow:
        kind_info(kind, level=spot.here.level)
        row = await PolicyRepo(ctx.session).one(spot.here.id, kind)
        if row is None:
            raise PolicyNotFound(f"No policy `{kind}` is set at this {spot.here.level}.")
        return row

    def _require_read(self, ctx: Context, spot: Spot) -> None:
        require(ctx, "catalog:read", owner_id=spot.api.owner_id, visible=True)

    async def _record(self, ctx: Context, kind: str, spot: Spot, policy: str) -> None:
        # Without the configuration: a header policy may hold the upstream's password.
        data = {"api_id": spot.api.id, "policy": policy, "level": spot.here.level, "name": spot.here.name}
        await ctx.uow.record(
            kind, object_kind=spot.here.level, object_id=spot.here.id, owner_id=spot.api.owner_id, data=data
        )
        ctx.uow.after_commit(ctx.parts.changed.pulse)


async def effective_at(ctx: Context, spot: Spot) -> dict[str, Effective]:
    """The effective policies at a place, by kind; no question is asked of who may know."""
    rows = await PolicyRepo(ctx.session).at([place.id for place in spot.places])
    return resolve(rows, places=spot.places, defaults=default_configs(ctx.parts.public_url))


def _read(row: PolicyRow) -> PolicyRead:
    return PolicyRead(
        kind=row.kind,
        target=PolicyTarget(level=row.level, id=row.target_id),
        config=row.config,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
    )


def _effective_read(item: Effective) -> EffectivePolicyRead:
    place = item.place
    origin = PolicyOrigin(level=place.level, id=place.id, name=place.name)
    return EffectivePolicyRead(kind=item.kind, config=dict(item.config), from_=origin)
