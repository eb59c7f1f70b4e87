"""The keys that engines get in their configuration: per issuer, what verifies its tokens now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from waypost.application.context import Context
from waypost.application.issuers.jwks import usable_algorithms
from waypost.application.oauth.identity import ALGORITHM, hub_issuer
from waypost.application.oauth.signing_keys import public_jwks
from waypost.information.models import IssuerRow
from waypost.information.repos.issuers import IssuerRepo
from waypost.kit.crypto import Secret

HUB_ISSUER_ID = "hub"
"""The id of the hub's own issuer in policies; it has no row."""
NO_KEYS = '{"keys":[]}'


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """What a ``contracts.ir.JwtIssuer`` is made of. Hashable: it may stand in a fingerprint.

    ``jwks`` is a JWK Set (RFC 7517) as JSON text in canonical form, public keys only; ``algorithms`` are those that are
    allowed and that one of the keys can verify. ``secret`` is the shared secret of HS256, for issuers without keys.
    ``owner_id`` empty = every API may use it, else only APIs of that team.
    """

    issuer_id: str
    issuer: str
    jwks: str
    algorithms: tuple[str, ...]
    client_claim: str = "client_id"
    secret: Secret | None = None
    owner_id: str = ""


async def key_sets(ctx: Context) -> Mapping[str, KeySet]:
    """Issuer id -> its keys as last known, the hub's own issuer as ``hub`` among them. Reads only the store.

    Issuers of opaque tokens have none and are not there.

    A change of any set records an event ``issuer.*`` or ``signing_key.*``, which wakes the gateways' streams.
    Raises SecretUnreadable where a shared secret does not open.
    """
    sets = {row.id: key_set(ctx, row) for row in await IssuerRepo(ctx.session).all() if row.source != "opaque"}
    sets[HUB_ISSUER_ID] = KeySet(
        issuer_id=HUB_ISSUER_ID,
        issuer=hub_issuer(ctx.parts.public_url),
        jwks=await public_jwks(ctx),
        algorithms=(ALGORITHM,),
    )
    return MappingProxyType(sets)


def key_set(ctx: Context, row: IssuerRow) -> KeySet:
    """The keys of one issuer. Raises SecretUnreadable where its shared secret does not open."""
    return KeySet(
        issuer_id=row.id,
        issuer=row.url,
        jwks=row.jwks or NO_KEYS,
        algorithms=tuple(row.algorithms) if row.sealed_secret else usable_algorithms(row.jwks, row.algorithms),
        client_claim=row.client_claim,
        secret=ctx.parts.keyring.open(row.sealed_secret) if row.sealed_secret else None,
        owner_id=row.owner_id or "",
    )
