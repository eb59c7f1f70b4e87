"""The permission table."""

from __future__ import annotations

from waypost.application.access import SCOPES, require_signed_in, role_table
from waypost.application.teams.schemas import RoleRead, RolesRead
from waypost.interaction.api.access_matrix import SIGNED_IN, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(tags=["people"])


@router.get("/roles", summary="Who may do what", responses=problems(401))
async def list_roles(ctx: Ctx) -> RolesRead:
    """Every role with its permissions, and the scopes that access tokens may carry."""
    require_signed_in(ctx)
    rows = [
        RoleRead.model_validate({"level": row.level, "role": row.role, "permissions": list(row.permissions)})
        for row in role_table()
    ]
    return RolesRead(roles=rows, scopes=list(SCOPES))


ACCESS: Rows = {"list_roles": SIGNED_IN}
