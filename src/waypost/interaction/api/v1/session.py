"""Signing in and out."""

from __future__ import annotations

from fastapi import Request, Response

from waypost.application.accounts import sign_in
from waypost.application.accounts.authentication import by_session
from waypost.application.accounts.me import MeService
from waypost.application.accounts.schemas import SessionCreate, SessionRead, SignedUp, Signup
from waypost.application.work import ANONYMOUS, open_context
from waypost.interaction.api.access_matrix import OPEN, SIGNED_IN, Rows
from waypost.interaction.api.auth import check_origin, client_of, set_session_cookie
from waypost.interaction.api.deps import Ctx, PartsDep
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter
from waypost.kit.crypto import Secret
from waypost.kit.errors import FieldError, Invalid, Unauthenticated

_SIGNED_UP = (
    "If this address had no account, it has one now: sign in with your password. If that does not work, the address "
    "has an account already: use its password, or ask an administrator for a sign-in link."
)
router = HubRouter(tags=["session"])


@router.post("/session", status_code=201, summary="Sign in", responses=problems(401, 403, 422, 429))
async def create_session(request: Request, parts: PartsDep, body: SessionCreate) -> SessionRead:
    """By e-mail and password, or by the token of a one-time link. Sets the session cookie."""
    check_origin(request, parts.public_url)
    if body.one_time_token:
        token = await sign_in.by_one_time_token(parts, token=body.one_time_token, client=client_of(request))
    elif body.email and body.password:
        token = await sign_in.by_password(parts, email=body.email, password=body.password, client=client_of(request))
    else:
        message = "Send `email` and `password`, or `one_time_token`."
        raise Invalid(message, errors=[FieldError("", message)])
    return await _signed_in(request, parts, token)


@router.post("/signup", status_code=202, summary="Make an account", responses=problems(403, 422, 429))
async def sign_up(request: Request, parts: PartsDep, body: Signup) -> SignedUp:
    """Where the hub's sign-up is open. The answer is the same whether the address has an account already or not."""
    check_origin(request, parts.public_url)
    await sign_in.by_sign_up(parts, body, client=client_of(request))
    return SignedUp(message=_SIGNED_UP)


async def _signed_in(request: Request, parts: PartsDep, token: Secret) -> SessionRead:
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        found = await by_session(ctx, token.reveal())
        if found is None:
            raise Unauthenticated
        ctx.principal = request.state.principal = found.principal
        read = await MeService().session(ctx)
    set_session_cookie(request, token.reveal(), max_age=parts.limits.session_seconds)
    return read


@router.get("/session", summary="Who is signed in", responses=problems(401))
async def read_session(ctx: Ctx) -> SessionRead:
    """With the CSRF token of a cookie session, the caller's teams, and what they may do."""
    return await MeService().session(ctx)


@router.delete("/session", status_code=204, summary="Sign out", responses=problems(401, 403))
async def delete_session(request: Request, ctx: Ctx) -> Response:
    """Ends the cookie session; an access token stays what it is."""
    await sign_in.sign_out(ctx)
    set_session_cookie(request, "", max_age=0)
    return Response(status_code=204)


ACCESS: Rows = {
    "create_session": OPEN,
    "sign_up": OPEN,
    "read_session": SIGNED_IN,
    "delete_session": SIGNED_IN,
}
