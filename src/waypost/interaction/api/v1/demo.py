"""Demo content."""

from __future__ import annotations

from waypost.application.demo.schemas import DemoRemoved
from waypost.application.demo.service import DemoService
from waypost.interaction.api.access_matrix import ADMIN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/demo", tags=["hub"])


@router.delete("", summary="Remove the demo content", responses=problems(403))
async def remove_demo(ctx: Ctx) -> DemoRemoved:
    """APIs, apps, teams and people marked as demo, with their subscriptions and calls, go for good."""
    return await DemoService().remove(ctx)


ACCESS = {"remove_demo": ADMIN}
