"""Access tokens for apps: the client-credentials grant (RFC 6749, 4.4), JWTs as of RFC 9068.

A token is for the APIs in its ``aud`` and carries only scopes that each of them gives this app, so that what one API
allows never counts at another. A gateway asks for its API in ``aud`` and for the app's grant: a subscription or client
that ends is refused at once, whatever its tokens say.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from joserfc import jwt

from waypost.application.oauth.attempts import Attempts
from waypost.application.oauth.clients import ClientProof, authenticate
from waypost.application.oauth.errors import OAuthError, invalid_request
from waypost.application.oauth.identity import ALGORITHM, api_audience, hub_issuer
from waypost.application.oauth.signing_keys import TOKEN_LIFE, SigningKey, ensure_signing_key, signing_key
from waypost.application.work import ANONYMOUS, SYSTEM, open_context
from waypost.information.models import CredentialRow
from waypost.information.repos.subscriptions import SubscriptionRepo
from waypost.kit.crypto import Secret

if TYPE_CHECKING:
    from waypost.application.parts import Parts

log = structlog.get_logger("oauth")
MAX_AUDIENCES = 20
"""More APIs than this in one token would make it too long for a header; then the client names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a client sent. ``scope`` None = all that it may have; ``resources`` empty = all its APIs."""

    grant_type: str
    proof: ClientProof
    scope: str | None = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """The access token, for how many seconds it lasts, and its scopes."""

    token: Secret
    seconds: int
    scope: str


async def issue_token(parts: Parts, attempts: Attempts, request: TokenRequest) -> IssuedToken:
    """A token for the client. Raises OAuthError."""
    if request.grant_type != "client_credentials":
        raise OAuthError("unsupported_grant_type", "The grant type is client_credentials.")
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        client = (await authenticate(ctx, attempts, request.proof)).credential
        granted = await SubscriptionRepo(ctx.session).scopes_by_api(client.app_id)
        key = await signing_key(ctx)
    return _sign(parts, client, key or await _first_key(parts), *_narrow(parts, request, granted))


async def _first_key(parts: Parts) -> SigningKey:
    async with open_context(parts, SYSTEM, write=True) as ctx:
        await ensure_signing_key(ctx)
        key = await signing_key(ctx)
        await ctx.uow.commit()
    if key is None:
        raise RuntimeError("a signing key was made and is not there")
    return key


def _narrow(
    parts: Parts, request: TokenRequest, granted: Mapping[str, frozenset[str]]
) -> tuple[Sequence[str], frozenset[str]]:
    """(audiences, scopes) for what the client asked for among what it has."""
    issuer = hub_issuer(parts.public_url)
    by_audience = {api_audience(issuer, slug): scopes for slug, scopes in granted.items()}
    if not by_audience:
        raise OAuthError("unauthorized_client", "The app of this client has no active subscription.")
    audiences = tuple(dict.fromkeys(request.resources)) or tuple(sorted(by_audience))
    if any(audience not in by_audience for audience in audiences):
        raise OAuthError("invalid_target", f"A `resource` is {issuer}/apis/<slug> of an API the app is subscribed to.")
    if len(audiences) > MAX_AUDIENCES:
        raise OAuthError("invalid_target", f"Name at most {MAX_AUDIENCES} APIs by `resource`.")
    scopes = frozenset.intersection(*(by_audience[audience] for audience in audiences))
    return audiences, scopes if request.scope is None else _wanted(request.scope, scopes)


def _wanted(scope: str, granted: frozenset[str]) -> frozenset[str]:
    wanted = frozenset(scope.split(" ")) - {""}
    if not wanted:
        raise invalid_request("`scope` is empty; leave it out.")
    if not wanted <= granted:
        raise OAuthError(
            "invalid_scope", "Not every API of this token gives these scopes; name one API by `resource`, or fewer."
        )
    return wanted


def _sign(
    parts: Parts, client: CredentialRow, key: SigningKey, audiences: Sequence[str], scopes: frozenset[str]
) -> IssuedToken:
    now = parts.clock.now()
    seconds = int(TOKEN_LIFE.total_seconds())
    if client.expires_at is not None:
        seconds = min(seconds, max(1, int((client.expires_at - now).total_seconds())))
    scope = " ".join(sorted(scopes))
    claims: dict[str, Any] = {
        "iss": hub_issuer(parts.public_url),
        "aud": audiences[0] if len(audiences) == 1 else list(audiences),
        "sub": client.identifier,
        "client_id": client.identifier,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
        "jti": secrets.token_urlsafe(16),
        "scope": scope,
    }
    token = jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.id}, claims, key.key, algorithms=[ALGORITHM])
    log.info("token.issued", credential=client.id, app=client.app_id, seconds=seconds)
    return IssuedToken(token=Secret(token), seconds=seconds, scope=scope)
