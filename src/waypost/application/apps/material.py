"""What credentials are made of: the value that engines compare, and what its owner is shown once.

Every kind ends in one value (``contracts.ir.Grant.key``), so that the rest of the hub need not tell them apart.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from waypost.application.apps.certificates import read_certificate, read_fingerprint
from waypost.application.apps.errors import BadCredential
from waypost.application.apps.keys import new_key, visible_prefix
from waypost.application.apps.schemas import CredentialCreate
from waypost.application.context import Context
from waypost.application.grants.kinds import AppCredentialKind
from waypost.application.oauth.identity import client_value, hub_issuer
from waypost.information.repos.issuers import IssuerRepo
from waypost.kit.crypto import Secret, sha256_hex
from waypost.kit.errors import FieldError

_FIELDS: Mapping[AppCredentialKind, frozenset[str]] = {
    AppCredentialKind.KEY: frozenset(),
    AppCredentialKind.BASIC: frozenset(),
    AppCredentialKind.OAUTH_CLIENT: frozenset(),
    AppCredentialKind.EXTERNAL_CLIENT: frozenset({"issuer", "client_id"}),
    AppCredentialKind.CERTIFICATE: frozenset({"certificate", "fingerprint"}),
}
_OWN = ("issuer", "client_id", "certificate", "fingerprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """``value`` as engines compare it; ``shown`` once; ``identifier``, ``prefix`` and ``subject`` for everybody."""

    value: Secret
    prefix: str
    identifier: str = ""
    issuer_url: str = ""
    subject: str = ""
    secret_sha256: str = ""
    ends_at: datetime | None = None
    shown: Mapping[str, Secret] = field(default_factory=dict)


async def make_material(ctx: Context, wanted: CredentialCreate) -> Material:
    """Fresh material of ``wanted.kind``. Raises BadCredential naming the fields that do not fit."""
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
            return _certificate(ctx, wanted)


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
    missing = [name for name in ("issuer", "client_id") if not getattr(wanted, name)]
    if missing:
        raise BadCredential(errors=[FieldError(f"/{name}", "a client of an issuer needs this") for name in missing])
    repo = IssuerRepo(ctx.session)
    row = await repo.get(wanted.issuer) or await repo.by_url(wanted.issuer)
    if row is None:
        hint = "Give the id or the URL of an issuer that this hub knows; ask whoever provides the API."
        raise BadCredential(errors=[FieldError("/issuer", "this hub knows no such issuer", hint)])
    return Material(
        value=Secret(client_value(row.url, wanted.client_id)),
        identifier=wanted.client_id,
        prefix=wanted.client_id[:12],
        issuer_url=row.url,
    )


def _certificate(ctx: Context, wanted: CredentialCreate) -> Material:
    if bool(wanted.certificate) == bool(wanted.fingerprint):
        raise BadCredential(errors=[FieldError("/certificate", "give either the certificate or its fingerprint")])
    if wanted.fingerprint:
        digest = read_fingerprint(wanted.fingerprint)
        return Material(value=Secret(digest), identifier=digest, prefix=digest[:12])
    found = read_certificate(wanted.certificate, now=ctx.clock.now())
    return Material(
        value=Secret(found.fingerprint),
        identifier=found.fingerprint,
        prefix=found.fingerprint[:12],
        subject=found.subject,
        ends_at=found.ends_at,
    )
