"""From a request to a principal: session cookie with CSRF token, or a bearer access token.

A cookie travels by itself, so a cookie session must also send ``X-CSRF-Token`` with every unsafe method, and its
``Origin`` must be the hub's own. A bearer token never travels by itself and needs neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request
from starlette.requests import cookie_parser

from waypost.application.accounts import authentication
from waypost.application.accounts.authentication import Authenticated
from waypost.application.accounts.sign_in import Client
from waypost.application.context import Principal
from waypost.application.work import ANONYMOUS, SYSTEM, open_context
from waypost.kit.crypto import same
from waypost.kit.errors import Forbidden, Unauthenticated

if TYPE_CHECKING:
    from waypost.application.parts import Parts

COOKIE = "session"
HINT_COOKIE = "signed_in"
"""Readable by the portal's script, worth nothing: a visitor's page need not ask who is signed in, and be refused."""
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfRefused(Forbidden):
    """An unsafe request of a cookie session without its token, or from another origin."""

    code = "csrf_refused"
    title = "This request did not come from the hub's own pages"
    hint = "Send `X-CSRF-Token` with the token from GET /api/v1/session."


async def authenticate(request: Request, parts: Parts) -> Principal:
    """Who asks. Anonymous without credentials; Unauthenticated for wrong ones in ``Authorization``."""
    header = request.headers.get("authorization", "")
    if header:
        return await _by_bearer(parts, header)
    token = session_cookie(request)
    if not token:
        return ANONYMOUS
    return await _by_cookie(request, parts, token)


def client_of(request: Request) -> Client:
    """Where a sign-in comes from; behind trusted proxies the address is the forwarded one."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return Client(address=address, user_agent=agent, request_id=str(getattr(request.state, "request_id", "")))


def session_cookie(request: Request) -> str:
    """The value of the session cookie, or an empty string."""
    for header in request.headers.getlist("cookie"):
        value = cookie_parser(header).get(COOKIE)
        if value:
            return value
    return ""


async def _by_bearer(parts: Parts, header: str) -> Principal:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("The Authorization header is not of the form `Bearer <access token>`.")
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        found = await authentication.by_access_token(ctx, token.strip())
    if found is None:
        raise Unauthenticated("This access token is unknown, expired or revoked.")
    if found.stale:
        async with open_context(parts, SYSTEM, write=True) as ctx:
            await authentication.touch_access_token(ctx, token.strip())
            await ctx.uow.commit()
    return found.principal


async def _by_cookie(request: Request, parts: Parts, token: str) -> Principal:
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        found = await authentication.by_session(ctx, token)
    if found is None:
        return ANONYMOUS
    if request.method not in SAFE_METHODS:
        check_origin(request, parts.public_url)
        _check_csrf(request, found)
    if found.stale:
        await _touch(request, parts, token)
    return found.principal


async def _touch(request: Request, parts: Parts, token: str) -> None:
    async with open_context(parts, SYSTEM, write=True) as ctx:
        fresh = await authentication.touch_session(ctx, token)
        await ctx.uow.commit()
    if fresh:
        set_session_cookie(request, fresh, max_age=parts.limits.session_seconds)


def _check_csrf(request: Request, found: Authenticated) -> None:
    sent = request.headers.get(CSRF_HEADER, "")
    if not sent or not same(sent, found.csrf_token):
        raise CsrfRefused


def check_origin(request: Request, public_url: str) -> None:
    """CsrfRefused when a browser says that the request comes from another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CsrfRefused
    origin = request.headers.get("origin")
    if origin is not None and origin not in {_origin(public_url), _origin(str(request.base_url))}:
        raise CsrfRefused


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def set_session_cookie(request: Request, token: str, *, max_age: int) -> None:
    """Send cookie and hint with whatever answer leaves (the request middleware adds them); an empty token ends both."""
    is_https = request.url.scheme == "https" or request.app.state.parts.public_url.startswith("https:")
    secure = "; Secure" if is_https else ""
    age = max_age if token else 0
    shared = f"Path=/; SameSite=Lax; Max-Age={age}{secure}"
    request.state.set_cookies = (f"{COOKIE}={token}; HttpOnly; {shared}", f"{HINT_COOKIE}=1; {shared}")
