"""The hub's own settings."""

from __future__ import annotations

from waypost.application.hub.schemas import HubRead, HubUpdate
from waypost.application.hub.service import HubService
from waypost.interaction.api.access_matrix import ADMIN, OPEN, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/hub", tags=["hub"])


@router.get("", summary="Read the hub's settings")
async def read_hub(ctx: Ctx) -> HubRead:
    """Name, brand and sign-up; for everybody."""
    return await HubService().get(ctx)


@router.patch("", summary="Change the hub's settings", responses=problems(401, 403, 412, 422, 428))
async def update_hub(ctx: Ctx, body: HubUpdate, revision: IfMatch) -> HubRead:
    """By administrators."""
    return await HubService().update(ctx, body, revision=revision)


ACCESS: Rows = {"read_hub": OPEN, "update_hub": ADMIN}
