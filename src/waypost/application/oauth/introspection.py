"""What a token of the hub is good for (RFC 7662), for its own client and for whoever provides an API in its ``aud``.

Everybody else, and every token that is not valid, gets ``active: false`` and nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from waypost.application.context import Context
from waypost.application.oauth.attempts import Attempts
from waypost.application.oauth.clients import Client, ClientProof, authenticate, working_client
from waypost.application.oauth.identity import ALGORITHM, api_audience, hub_issuer
from waypost.application.oauth.signing_keys import public_jwks
from waypost.application.work import ANONYMOUS, open_context
from waypost.information.repos.subscriptions import SubscriptionRepo

if TYPE_CHECKING:
    from waypost.application.parts import Parts

INACTIVE: dict[str, Any] = {"active": False}
_SHOWN = ("iss", "sub", "client_id", "scope", "iat", "exp", "jti")


async def introspect(parts: Parts, attempts: Attempts, proof: ClientProof, token: str) -> dict[str, Any]:
    """The answer's members. ``aud`` holds the APIs that the token opens now. Raises OAuthError for a wrong caller."""
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        caller = await authenticate(ctx, attempts, proof)
        claims = await _claims(ctx, token)
        client = await working_client(ctx, str(claims.get("client_id"))) if claims else None
        if client is None:
            return INACTIVE
        audiences = await _open_audiences(ctx, caller, client, claims)
    if not audiences:
        return INACTIVE
    shown = {name: claims[name] for name in _SHOWN if name in claims}
    return {"active": True, "token_type": "Bearer", "aud": audiences, **shown}


async def _claims(ctx: Context, token: str) -> dict[str, Any]:
    """The claims of a token that the hub signed and that has not ended; else none."""
    keys = jwk.KeySet.import_key_set(orjson.loads(await public_jwks(ctx)))
    try:
        claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError):  # TypeError: a header that is no object
        return {}
    is_ours = claims.get("iss") == hub_issuer(ctx.parts.public_url)
    return dict(claims) if is_ours and claims.get("exp", 0) > ctx.clock.now().timestamp() else {}


async def _open_audiences(ctx: Context, caller: Client, client: Client, claims: dict[str, Any]) -> list[str]:
    """What of ``aud`` the client is still subscribed to, as far as the caller may know."""
    issuer = hub_issuer(ctx.parts.public_url)
    owners = await SubscriptionRepo(ctx.session).api_owners(client.app.id)
    is_own = caller.app.id == client.app.id
    known = {api_audience(issuer, slug) for slug, owner in owners.items() if is_own or owner == caller.app.owner_id}
    audience = claims.get("aud", [])
    return [name for name in ([audience] if isinstance(audience, str) else audience) if name in known]
