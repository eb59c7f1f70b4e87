"""People, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from waypost.application.accounts.schemas import (
    HubRole,
    OneTimeLogin,
    SessionInfo,
    TokenRead,
    UserCreate,
    UserCreated,
    UserRead,
    UserUpdate,
)
from waypost.application.accounts.service import AccountsService
from waypost.application.accounts.ways_in import WaysInService
from waypost.interaction.api.access_matrix import ADMIN, OWNED, Access, Rows
from waypost.interaction.api.deps import Ctx
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter

router = HubRouter(prefix="/users", tags=["people"])


@router.get("", summary="List people", responses=problems(401, 403))
async def list_users(
    ctx: Ctx,
    page: Paging,
    q: Annotated[str, Query(max_length=200, description="Part of name or e-mail")] = "",
    hub_role: HubRole | None = None,
) -> PageRead[UserRead]:
    """For administrators and auditors. Sort: email, name, created_at."""
    return PageRead.of(await AccountsService().find(ctx, page=page, q=q, hub_role=hub_role or ""))


@router.post("", status_code=201, summary="Add a person", responses=problems(401, 403, 409, 422))
async def create_user(ctx: Ctx, body: UserCreate) -> UserCreated:
    """The answer has the link with which they sign in first; hand it over."""
    return await AccountsService().create(ctx, body)


@router.get("/{user_id}", summary="Read a person", responses=problems(401, 404))
async def read_user(ctx: Ctx, user_id: str) -> UserRead:
    """Yourself, or anybody for administrators and auditors."""
    return await AccountsService().get(ctx, user_id)


@router.patch("/{user_id}", summary="Change a person", responses=problems(401, 403, 404, 409, 412, 422, 428))
async def update_user(ctx: Ctx, user_id: str, body: UserUpdate, revision: IfMatch) -> UserRead:
    """A change of role or state signs them out everywhere."""
    return await AccountsService().update(ctx, user_id, body, revision=revision)


@router.delete(
    "/{user_id}", status_code=204, summary="Delete a person", responses=problems(401, 403, 404, 409, 412, 428)
)
async def delete_user(ctx: Ctx, user_id: str, revision: IfMatch) -> Response:
    """Only who owns nothing any more; else disable the account."""
    await AccountsService().delete(ctx, user_id, revision=revision)
    return Response(status_code=204)


@router.post(
    "/{user_id}/one-time-login", status_code=201, summary="Make a one-time link", responses=problems(401, 403, 404)
)
async def create_one_time_login(ctx: Ctx, user_id: str) -> OneTimeLogin:
    """Signs the person in once, who then chooses a new password. Earlier links stop working."""
    return await AccountsService().make_one_time_login(ctx, user_id)


@router.get("/{user_id}/tokens", summary="List a person's access tokens", responses=problems(401, 404))
async def list_user_tokens(ctx: Ctx, user_id: str, page: Paging) -> PageRead[TokenRead]:
    """Your own, or anybody's for administrators and auditors; without their values. Sort: created_at, name."""
    return PageRead.of(await WaysInService().tokens(ctx, user_id, page=page))


@router.delete(
    "/{user_id}/tokens", status_code=204, summary="Revoke all access tokens of a person", responses=problems(403, 404)
)
async def delete_user_tokens(ctx: Ctx, user_id: str) -> Response:
    """Whatever uses one of them stops working at once."""
    await WaysInService().delete_tokens(ctx, user_id)
    return Response(status_code=204)


@router.delete(
    "/{user_id}/tokens/{token_id}",
    status_code=204,
    summary="Revoke an access token of a person",
    responses=problems(403, 404),
)
async def delete_user_token(ctx: Ctx, user_id: str, token_id: str) -> Response:
    """Those that were made with it end with it."""
    await WaysInService().delete_token(ctx, user_id, token_id)
    return Response(status_code=204)


@router.get("/{user_id}/sessions", summary="List a person's signed-in browsers", responses=problems(401, 404))
async def list_user_sessions(ctx: Ctx, user_id: str) -> PageRead[SessionInfo]:
    """Your own, or anybody's for administrators and auditors; the newest first."""
    return PageRead.of(await WaysInService().sessions(ctx, user_id))


@router.delete(
    "/{user_id}/sessions", status_code=204, summary="Sign a person out everywhere", responses=problems(403, 404)
)
async def end_user_sessions(ctx: Ctx, user_id: str) -> Response:
    """In every browser; a one-time link that was not used no longer works. Access tokens stay what they are."""
    await WaysInService().end_sessions(ctx, user_id)
    return Response(status_code=204)


@router.delete(
    "/{user_id}/sessions/{session_id}",
    status_code=204,
    summary="Sign a person out of a browser",
    responses=problems(403, 404),
)
async def end_user_session(ctx: Ctx, user_id: str, session_id: str) -> Response:
    """One of theirs."""
    await WaysInService().end_session(ctx, user_id, session_id)
    return Response(status_code=204)


_PERSON = Access(401, 404, 404, 404, "allow")
ACCESS: Rows = {
    "list_users": ADMIN,
    "create_user": ADMIN,
    "read_user": OWNED,  # the matrix reads the team owner: themselves, or an administrator
    "update_user": _PERSON,
    "delete_user": _PERSON,
    "create_one_time_login": _PERSON,
    "list_user_tokens": OWNED,
    "delete_user_tokens": OWNED,
    "delete_user_token": OWNED,
    "list_user_sessions": OWNED,
    "end_user_sessions": OWNED,
    "end_user_session": OWNED,
}
