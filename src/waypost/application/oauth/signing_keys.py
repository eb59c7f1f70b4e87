"""The keys that sign the hub's tokens: made, published ahead of their first signature, kept until the last expired.

A new key stands in the public key set for a lead time before it signs, so that whoever keeps the set for a while knows
it in time. The key before it stays until every token that it may have signed has expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from joserfc import jwk

from waypost.application.context import Context
from waypost.application.oauth.identity import ALGORITHM
from waypost.information.models import SigningKeyRow
from waypost.information.repos.issuers import SigningKeyRepo
from waypost.kit.ids import new_id

TOKEN_LIFE = timedelta(hours=1)
"""How long an access token lives at most."""
LEAD = timedelta(hours=1)
"""How long a key is published before it signs."""
ROTATE_AFTER = timedelta(days=30)
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs now, with its private half."""

    id: str
    key: jwk.ECKey


async def public_jwks(ctx: Context) -> str:
    """The published keys as a JWK Set (RFC 7517), JSON text in canonical form."""
    rows = await SigningKeyRepo(ctx.session).published(ctx.clock.now())
    keys = sorted((dict(row.jwk) for row in rows), key=lambda key: str(key["kid"]))
    return orjson.dumps({"keys": keys}, option=orjson.OPT_SORT_KEYS).decode()


async def signing_key(ctx: Context) -> SigningKey | None:
    """The last made of the keys whose time to sign has come; None on a hub that has none yet.

    A key that another one overtook has its end already and never signs again.
    """
    now = ctx.clock.now()
    row = next((row for row in await SigningKeyRepo(ctx.session).published(now) if row.signs_from <= now), None)
    if row is None:
        return None
    private = ctx.parts.keyring.open(row.sealed).reveal()
    return SigningKey(row.id, jwk.ECKey.import_key(orjson.loads(private)))


async def ensure_signing_key(ctx: Context) -> None:
    """A first key, where there is none."""
    if await signing_key(ctx) is None:
        await make_key(ctx, signs_from=ctx.clock.now())


async def make_key(ctx: Context, *, signs_from: datetime) -> SigningKeyRow:
    """A fresh key, published from this transaction on; the ones before it get their end. Records an event."""
    repo, now = SigningKeyRepo(ctx.session), ctx.clock.now()
    for row in await repo.published(now):
        row.published_until = row.published_until or signs_from + TOKEN_LIFE + _SKEW
    key_id = new_id("sgk")
    key = jwk.ECKey.generate_key("P-256", {"kid": key_id, "use": "sig", "alg": ALGORITHM})
    made = SigningKeyRow(
        id=key_id,
        algorithm=ALGORITHM,
        jwk=dict(key.as_dict(private=False)),
        sealed=ctx.parts.keyring.seal(orjson.dumps(key.as_dict(private=True)).decode()),
        signs_from=signs_from,
        created_at=now,
    )
    ctx.session.add(made)
    await _record(ctx, "signing_key.created", made)
    return made


async def drop_key(ctx: Context, row: SigningKeyRow) -> None:
    """Take a key out of the set; tokens that it signed are refused from then on."""
    await ctx.session.delete(row)
    await _record(ctx, "signing_key.retired", row)


async def _record(ctx: Context, kind: str, row: SigningKeyRow) -> None:
    await ctx.uow.record(kind, object_kind="signing_key", object_id=row.id, data={"algorithm": row.algorithm})
    ctx.uow.after_commit(ctx.parts.changed.pulse)
