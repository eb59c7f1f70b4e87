"""One's own account: profile, password, access tokens, signed-in browsers."""

from __future__ import annotations

from fastapi import Request, Response

from waypost.application.accounts.me import MeService, change_password, count_email_change
from waypost.application.accounts.schemas import (
    MeUpdate,
    PasswordChange,
    SessionInfo,
    TokenCreate,
    TokenCreated,
    TokenRead,
    UserRead,
)
from waypost.application.accounts.ways_in import WaysInService
from waypost.interaction.api.access_matrix import SIGNED_IN, Rows
from waypost.interaction.api.auth import client_of
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/me", tags=["account"])


@router.patch("", summary="Change your name or e-mail", responses=problems(401, 403, 409, 429))
async def update_me(late: Late, body: MeUpdate) -> UserRead:
    """Your own profile. An e-mail is changed in a session, not with an access token."""
    await count_email_change(late.parts, late.principal, body)
    return await MeService().update(await late.open(write=True), body)


@router.post("/password", status_code=204, summary="Set your password", responses=problems(401, 403, 422, 429))
async def set_password(request: Request, late: Late, body: PasswordChange) -> Response:
    """Signs your other browsers out. The present password is needed unless one must be set."""
    await change_password(late.parts, late.principal, body, address=client_of(request).address)
    return Response(status_code=204)


@router.get("/tokens", summary="List your access tokens", responses=problems(401, 403))
async def list_tokens(ctx: Ctx, page: Paging) -> PageRead[TokenRead]:
    """Without their values. Sort: created_at, name."""
    return PageRead.of(await WaysInService().tokens(ctx, ctx.principal.id, page=page))


@router.post("/tokens", status_code=201, summary="Make an access token", responses=problems(401, 403, 422))
async def create_token(ctx: Ctx, body: TokenCreate) -> TokenCreated:
    """The value is shown in this answer only."""
    return await MeService().create_token(ctx, body)


@router.delete("/tokens/{token_id}", status_code=204, summary="Revoke an access token", responses=problems(401, 404))
async def delete_token(ctx: Ctx, token_id: str) -> Response:
    """It stops working at once."""
    await WaysInService().delete_token(ctx, ctx.principal.id, token_id)
    return Response(status_code=204)


@router.get("/sessions", summary="List your signed-in browsers", responses=problems(401, 403))
async def list_sessions(ctx: Ctx) -> PageRead[SessionInfo]:
    """The newest first."""
    return PageRead.of(await WaysInService().sessions(ctx, ctx.principal.id))


@router.delete("/sessions/{session_id}", status_code=204, summary="Sign a browser out", responses=problems(401, 404))
async def end_session(ctx: Ctx, session_id: str) -> Response:
    """One of your own."""
    await WaysInService().end_session(ctx, ctx.principal.id, session_id)
    return Response(status_code=204)


ACCESS: Rows = {
    "update_me": SIGNED_IN,
    "set_password": SIGNED_IN,
    "list_tokens": SIGNED_IN,
    "create_token": SIGNED_IN,
    "delete_token": SIGNED_IN,
    "list_sessions": SIGNED_IN,
    "end_session": SIGNED_IN,
}
