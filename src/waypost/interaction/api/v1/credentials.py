"""Keys by their own id: rotate and revoke."""

from __future__ import annotations

from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import CredentialRead, CredentialRotate, CredentialRotated
from waypost.interaction.api.access_matrix import OWNED
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/credentials", tags=["apps"])


@router.post(
    "/{credential_id}/rotate",
    status_code=201,
    summary="Replace a key by a new one",
    responses=problems(403, 404, 409, 503),
)
async def rotate_credential(ctx: Ctx, credential_id: str, body: CredentialRotate) -> CredentialRotated:
    """Both keys work during the overlap; then the old one ends. The new key is shown this once."""
    return await CredentialService().rotate(ctx, credential_id, body)


@router.post("/{credential_id}/revoke", summary="Revoke a key", responses=problems(403, 404))
async def revoke_credential(ctx: Ctx, credential_id: str) -> CredentialRead:
    """It stops working on every gateway. This cannot be undone."""
    return await CredentialService().revoke(ctx, credential_id)


ACCESS = {"rotate_credential": OWNED, "revoke_credential": OWNED}
