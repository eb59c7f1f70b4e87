"""The keys that sign the hub's own tokens."""

from __future__ import annotations

from waypost.application.oauth.rotation import SigningKeyRead, SigningKeyRotate, SigningKeyService
from waypost.interaction.api.access_matrix import ADMIN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.paging import PageRead
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/signing-keys", tags=["issuers"])


@router.get("", summary="List the hub's signing keys", responses=problems(403))
async def list_signing_keys(ctx: Ctx) -> PageRead[SigningKeyRead]:
    """All that stand in the public key set, the newest first and on one page. Private halves are never shown."""
    return PageRead(items=await SigningKeyService().published(ctx))


@router.post("/rotate", status_code=201, summary="Make a new signing key", responses=problems(403))
async def rotate_signing_keys(ctx: Ctx, body: SigningKeyRotate) -> PageRead[SigningKeyRead]:
    """It is published a while before it signs; the old one stays until its last token has expired."""
    return PageRead(items=await SigningKeyService().rotate(ctx, body))


ACCESS = {"list_signing_keys": ADMIN, "rotate_signing_keys": ADMIN}
