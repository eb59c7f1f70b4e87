"""Places where policies may stand, found for who asks, and who may read and write there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from waypost.application.access import require
from waypost.application.catalog.lookup import find_api, find_operation, find_version
from waypost.application.catalog.permissions import edit_permission
from waypost.application.context import Context
from waypost.application.plans.service import find_plan
from waypost.application.policies.effective import HUB, Place
from waypost.application.teams.service import find_team
from waypost.contracts.vocab import PolicyLevel
from waypost.information.models import ApiRow


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that the caller sees, and the places above it, the nearest first.

    ``owner_id`` owns it (empty: the hub), ``write`` and ``read`` are the permissions for it; ``api`` where it belongs
    to one.
    """

    places: tuple[Place, ...]
    owner_id: str
    read: str
    write: str
    api: ApiRow | None = None

    @property
    def here(self) -> Place:
        """The place itself."""
        return self.places[0]

    @property
    def level(self) -> PolicyLevel:
        """Its level."""
        return PolicyLevel(self.here.level)

    def require_read(self, ctx: Context) -> None:
        """Pass for the provider's side; Forbidden, NotFound or Unauthenticated else."""
        require(ctx, self.read, owner_id=self.owner_id or None, visible=self.api is not None)

    def require_write(self, ctx: Context) -> None:
        """Pass for who may change policies here."""
        require(ctx, self.write, owner_id=self.owner_id or None, visible=self.api is not None)


Find = Callable[[Context], Awaitable[Spot]]
"""Finds a place, for who asks."""


async def hub_spot(_ctx: Context) -> Spot:
    """The hub itself: administrators only."""
    return Spot((HUB,), "", "hub:write", "hub:write")


async def team_spot(ctx: Context, team_id: str) -> Spot:
    """A team: what its members read and its owners set. Raises TeamNotFound."""
    found = await find_team(ctx, team_id, "teams:read")
    return Spot((Place("team", found.team.id, found.entity.name), HUB), found.team.id, "teams:read", "teams:write")


async def api_spot(ctx: Context, api_id: str) -> Spot:
    """An API. Raises ApiNotFound."""
    api, owner = await find_api(ctx, api_id)
    places = (Place("api", api.id, api.name), Place("team", owner.id, owner.name), HUB)
    return Spot(places, api.owner_id, "catalog:read", edit_permission(api.lifecycle), api)


async def version_spot(ctx: Context, version_id: str, *, operation_id: str | None = None) -> Spot:
    """A version, or one of its operations. Raises VersionNotFound, OperationNotFound."""
    version, api, owner = await find_version(ctx, version_id)
    places: tuple[Place, ...] = (
        Place("version", version.id, version.name),
        Place("api", api.id, api.name),
        Place("team", owner.id, owner.name),
        HUB,
    )
    if operation_id is not None:
        row = await find_operation(ctx, version.id, operation_id)
        places = (Place("operation", row.id, row.key), *places)
    return Spot(places, api.owner_id, "catalog:read", edit_permission(version.lifecycle), api)


async def plan_spot(ctx: Context, plan_id: str) -> Spot:
    """A plan; nothing stands above it: what holds for a plan adds to what holds for operations. Raises PlanNotFound."""
    api, found = await find_plan(ctx, plan_id)
    return Spot((Place("plan", found.plan.id, found.plan.name),), api.owner_id, "catalog:read", "plans:write", api)
