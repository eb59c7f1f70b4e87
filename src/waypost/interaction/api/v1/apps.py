"""Apps and their credentials."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import (
    AppCreate,
    AppRead,
    AppUpdate,
    ChallengeRead,
    CredentialCreate,
    CredentialCreated,
    CredentialRead,
)
from waypost.application.apps.service import AppService
from waypost.interaction.api.access_matrix import OWNED, SIGNED_IN
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/apps", tags=["apps"])


@router.get("", summary="List apps", responses=problems(400))
async def list_apps(
    ctx: Ctx,
    page: Paging,
    owner_id: Annotated[str, Query(max_length=40, description="Only of this user or team")] = "",
    q: Annotated[str, Query(max_length=100, description="Part of the name")] = "",
) -> PageRead[AppRead]:
    """The apps of the caller and of the caller's teams. Sort by `created_at`, `updated_at` or `name`."""
    return PageRead.of(await AppService().list(ctx, page=page, owner_id=owner_id, q=q))


@router.post("", status_code=201, summary="Create an app", responses=problems(403, 404))
async def create_app(ctx: Ctx, body: AppCreate) -> AppRead:
    """An app holds keys and subscribes to APIs."""
    return await AppService().create(ctx, body)


@router.get("/{app_id}", summary="Read an app", responses=problems(404))
async def get_app(ctx: Ctx, app_id: str) -> AppRead:
    """One app of the caller or of the caller's teams."""
    return await AppService().get(ctx, app_id)


@router.patch("/{app_id}", summary="Change an app", responses=problems(403, 404, 412, 428))
async def update_app(ctx: Ctx, app_id: str, body: AppUpdate, revision: IfMatch) -> AppRead:
    """Only what is given changes."""
    return await AppService().update(ctx, app_id, body, revision=revision)


@router.delete("/{app_id}", status_code=204, summary="Delete an app", responses=problems(403, 404, 412, 428))
async def delete_app(ctx: Ctx, app_id: str, revision: IfMatch) -> None:
    """Its keys stop working on every gateway and its subscriptions end."""
    await AppService().delete(ctx, app_id, revision=revision)


@router.get("/{app_id}/credentials", summary="List an app's keys", responses=problems(400, 404))
async def list_credentials(ctx: Ctx, app_id: str, page: Paging) -> PageRead[CredentialRead]:
    """Without their values; ended ones too."""
    return PageRead.of(await CredentialService().list(ctx, app_id, page=page))


@router.post("/{app_id}/credentials", status_code=201, summary="Create a key", responses=problems(403, 404, 409, 503))
async def create_credential(ctx: Ctx, app_id: str, body: CredentialCreate) -> CredentialCreated:
    """The answer holds the key. It is shown this once.

    A client of an issuer and a certificate take a proof: `token`, or `challenge` and `signature`. It takes them over
    from whoever registered them without. Without proof administrators register them, and maintainers their issuer's
    clients.
    """
    return await CredentialService().create(ctx, app_id, body)


@router.get("/{app_id}/challenge", summary="Read what proves a credential", responses=problems(403, 404))
async def get_challenge(ctx: Ctx, app_id: str) -> ChallengeRead:
    """A certificate's key signs the challenge, for this app and the caller, within ten minutes."""
    return await CredentialService().challenge(ctx, app_id)


ACCESS = {
    "list_apps": SIGNED_IN,
    "create_app": OWNED,
    "get_app": OWNED,
    "update_app": OWNED,
    "delete_app": OWNED,
    "list_credentials": OWNED,
    "create_credential": OWNED,
    "get_challenge": OWNED,
}
