"""What credentials are made of: the value that engines compare, and what its owner is shown once.

Every kind ends in one value (``contracts.ir.Grant.key``), so that the rest of the hub need not tell them apart.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from waypost.application import access
from waypost.application.apps.certificates import read_certificate, read_fingerprint
from waypost.application.apps.errors import BadCredential, ProofNeeded, ProofRefused
from waypost.application.apps.keys import new_key, visible_prefix
from waypost.application.apps.proofs import check_possession, named_issuer, proven_client, wanted_token
from waypost.application.apps.schemas import CredentialCreate
from waypost.application.context import Context
from waypost.application.grants.kinds import AppCredentialKind
from waypost.application.oauth.identity import client_value, hub_issuer
from waypost.information.models import IssuerRow
from waypost.information.repos.issuers import IssuerRepo
from waypost.kit.crypto import Secret, sha256_hex
from waypost.kit.errors import FieldError

_FIELDS: Mapping[AppCredentialKind, frozenset[str]] = {
    AppCredentialKind.KEY: frozenset(),
    AppCredentialKind.BASIC: frozenset(),
    AppCredentialKind.OAUTH_CLIENT: frozenset(),
    AppCredentialKind.EXTERNAL_CLIENT: frozenset({"issuer", "client_id", "token"}),
    AppCredentialKind.CERTIFICATE: frozenset({"certificate", "fingerprint", "challenge", "signature"}),
}
_OWN = ("issuer", "client_id", "token", "certificate", "fingerprint", "challenge", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """``value`` as engines compare it; ``shown`` once; ``identifier``, ``prefix`` and ``subject`` for everybody.

    ``proven``: nobody else can have it. False where somebody who may do so registers it without proof.
    """

    value: Secret
    prefix: str
    identifier: str = ""
    issuer_url: str = ""
    subject: str = ""
    secret_sha256: str = ""
    ends_at: datetime | None = None
    proven: bool = True
    shown: Mapping[str, Secret] = field(default_factory=dict)


async def make_material(ctx: Context, app_id: str, wanted: CredentialCreate) -> Material:
    """Fresh material of ``wanted.kind`` for an app.

    Raises BadCredential naming the fields that do not fit, ProofNeeded, ProofRefused, IssuerUnreachable.
    """
    _check_fields(wanted)
    match wanted.kind:
        case AppCredentialKind.KEY:
            return _key()
        case AppCredentialKind.BASIC:
            return _basic()
        case AppCredentialKind.OAUTH_CLIENT:
            return _client(hub_issuer(ctx.parts.public_url))
        case AppCredentialKind.EXTERNAL_CLIENT:
            return await _external_client(ctx, wanted)
        case AppCredentialKind.CERTIFICATE:
            return _certificate(ctx, app_id, wanted)


def _check_fields(wanted: CredentialCreate) -> None:
    allowed = _FIELDS[wanted.kind]
    foreign = [name for name in _OWN if getattr(wanted, name) and name not in allowed]
    if foreign:
        errors = [FieldError(f"/{name}", f"a credential of the kind {wanted.kind} has none") for name in foreign]
        raise BadCredential(errors=errors)


def _key() -> Material:
    key = new_key()
    return Material(value=key, prefix=visible_prefix(key), shown={"key": key})


def _basic() -> Material:
    user, password = f"u_{secrets.token_hex(10)}", Secret(secrets.token_urlsafe(32))
    shown = {"username": Secret(user), "password": password}
    return Material(value=Secret(f"{user}:{password.reveal()}"), identifier=user, prefix=user[:12], shown=shown)


def _client(issuer: str) -> Material:
    client_id, secret = f"c_{secrets.token_hex(10)}", Secret(f"cs_{secrets.token_urlsafe(32)}")
    return Material(
        value=Secret(client_value(issuer, client_id)),
        identifier=client_id,
        prefix=client_id[:12],
        issuer_url=issuer,
        secret_sha256=sha256_hex(secret.reveal()),
        shown={"client_id": Secret(client_id), "client_secret": secret},
    )


async def _external_client(ctx: Context, wanted: CredentialCreate) -> Material:
    token = wanted.token.get_secret_value()
    missing = [name for name in ("issuer", "client_id") if not (getattr(wanted, name) or token)]
    if missing:
        raise BadCredential(errors=[FieldError(f"/{name}", "a client of an issuer needs this") for name in missing])
    issuer = await _issuer(ctx, wanted.issuer or named_issuer(token))
    client_id = proven_client(ctx, issuer, token) if token else wanted.client_id
    if wanted.client_id not in ("", client_id):
        raise ProofRefused("client_other", FieldError("/client_id", "the token is one of another client"))
    if not token and not access.can(ctx, "catalog:write" if issuer.owner_id else "hub:write", owner_id=issuer.owner_id):
        raise ProofNeeded(errors=[FieldError("/token", wanted_token(ctx, issuer))])
    return Material(
        value=Secret(client_value(issuer.url, client_id)),
        identifier=client_id,
        prefix=client_id[:12],
        issuer_url=issuer.url,
        proven=bool(token),
    )


async def _issuer(ctx: Context, wanted: str) -> IssuerRow:
    repo = IssuerRepo(ctx.session)
    row = await repo.get(wanted) or await repo.by_url(wanted)
    if row is None:
        hint = "Give the id or the URL of an issuer that this hub knows; ask whoever provides the API."
        raise BadCredential(errors=[FieldError("/issuer", "this hub knows no such issuer", hint)])
    return row


def _certificate(ctx: Context, app_id: str, wanted: CredentialCreate) -> Material:
    if bool(wanted.certificate) == bool(wanted.fingerprint):
        raise BadCredential(errors=[FieldError("/certificate", "give either the certificate or its fingerprint")])
    if wanted.fingerprint and wanted.signature:
        raise BadCredential(errors=[FieldError("/fingerprint", "a proof takes the whole certificate")])
    digest = read_fingerprint(wanted.fingerprint) if wanted.fingerprint else ""
    found = read_certificate(wanted.certificate, now=ctx.clock.now()) if wanted.certificate else None
    if found and wanted.signature:
        check_possession(ctx, app_id, found.key, challenge=wanted.challenge, signature=wanted.signature)
    elif not access.can(ctx, "hub:write"):
        hint = "Sign a challenge of this app, and give both with the whole certificate."
        raise ProofNeeded(errors=[FieldError("/signature", "give its key's signature over a challenge", hint)])
    if found is None:
        return Material(value=Secret(digest), identifier=digest, prefix=digest[:12], proven=False)
    return Material(
        value=Secret(found.fingerprint),
        identifier=found.fingerprint,
        prefix=found.fingerprint[:12],
        subject=found.subject,
        ends_at=found.ends_at,
        proven=bool(wanted.signature),
    )
