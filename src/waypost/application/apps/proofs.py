"""Proof that a client of an issuer, or a client certificate, is the caller's: who shows it need not be believed.

A client is shown by a token that its issuer signed for this hub. A certificate is shown by its private key's signature
over a challenge: a text that the hub seals for one app and one person, good for ten minutes and never stored. What was
shown is checked and forgotten.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256

from waypost.application.apps.errors import IssuerUnreachable, ProofRefused
from waypost.application.context import Context
from waypost.application.issuers.key_sets import key_set
from waypost.application.issuers.refresh import FAILING
from waypost.application.issuers.tokens import SignatureRefused, TokenRefused, claims_of, unverified
from waypost.application.oauth.identity import hub_issuer
from waypost.contracts.ir import JwtAuth, JwtIssuer
from waypost.information.models import IssuerRow
from waypost.information.secrets import SecretUnreadable
from waypost.kit.errors import FieldError
from waypost.kit.text import PRINTABLE

CHALLENGE_LIFE = timedelta(minutes=10)
_CLIENT = re.compile(PRINTABLE)
_CLIENT_CHARACTERS = 255


_OPAQUE = "the hub has no keys of this issuer; an administrator or a maintainer of its team registers its clients"


def wanted_token(ctx: Context, issuer: IssuerRow) -> str:
    """What shows that a client of ``issuer`` is somebody's, in words."""
    return (
        _OPAQUE
        if issuer.source == "opaque"
        else f"give a token of this client with the audience {_audience(ctx, issuer)}"
    )


def named_issuer(token: str) -> str:
    """The issuer that a token names; empty where it names none. Nothing is checked. Raises ProofRefused."""
    try:
        return str(unverified(token).get("iss", ""))
    except TokenRefused as refused:
        raise _bad_token(refused.code, refused.reason) from None


def proven_client(ctx: Context, issuer: IssuerRow, token: str) -> str:
    """The client that ``token`` names, once it is in order. Raises ProofRefused, IssuerUnreachable."""
    if issuer.source == "opaque":
        raise _bad_token("issuer_opaque", _OPAQUE)
    keys, audience = key_set(ctx, issuer), _audience(ctx, issuer)
    wanted = JwtIssuer(
        id=issuer.id,
        issuer=issuer.url,
        jwks=keys.jwks,
        secret=keys.secret,
        algorithms=keys.algorithms,
        audiences=(audience,),
    )
    try:
        _, claims = claims_of(JwtAuth(issuers=(wanted,)), token, at=ctx.clock.now())
    except TokenRefused as refused:
        if isinstance(refused, SignatureRefused) and issuer.state == FAILING:
            raise IssuerUnreachable("Nor did one of the keys that the hub has of it sign this token.") from None
        hint = f"Get a fresh one from {issuer.url} with the audience {audience}."
        raise _bad_token(refused.code, refused.reason, hint) from None
    client = claims.get(issuer.client_claim)
    if not isinstance(client, str) or not 0 < len(client) <= _CLIENT_CHARACTERS or not _CLIENT.fullmatch(client):
        raise _bad_token("client_missing", f"its claim `{issuer.client_claim}` names no client")
    return client


def seal_challenge(ctx: Context, app_id: str) -> tuple[str, datetime]:
    """A text for who asks to sign with a certificate's key, and until when it is good."""
    ends_at = ctx.clock.now() + CHALLENGE_LIFE
    bound = [*_bound_to(ctx, app_id), ends_at.timestamp()]
    return ctx.parts.keyring.seal(orjson.dumps(bound).decode()), ends_at


def check_possession(
    ctx: Context, app_id: str, public_key: CertificatePublicKeyTypes, *, challenge: str, signature: str
) -> None:
    """Pass where the key made ``signature`` (Base64) over a challenge of this app for who asks. Raises ProofRefused."""
    _check_challenge(ctx, app_id, challenge)
    try:
        made = base64.b64decode("".join(signature.split()), validate=True)
        _verify(public_key, made, challenge.encode())
    except (binascii.Error, ValueError, InvalidSignature):
        hint = "Sign the challenge itself, without a line's end, with SHA-256, and give the signature in Base64."
        error = FieldError("/signature", "the certificate's key did not make this over the challenge", hint)
        raise ProofRefused("signature_invalid", error) from None


def _audience(ctx: Context, issuer: IssuerRow) -> str:
    """The ``aud`` of tokens that prove a client: no backend is sent one, so none can show one."""
    return issuer.proof_audience or hub_issuer(ctx.parts.public_url)


def _check_challenge(ctx: Context, app_id: str, challenge: str) -> None:
    hint = "Take a new challenge of this app, and sign that."
    try:
        *bound, ends_at = orjson.loads(ctx.parts.keyring.open(challenge).reveal())
    except (SecretUnreadable, ValueError, TypeError):
        raise ProofRefused("challenge_unknown", FieldError("/challenge", "it is none of this hub", hint)) from None
    if bound != _bound_to(ctx, app_id):
        raise ProofRefused("challenge_foreign", FieldError("/challenge", "it is for another app or person", hint))
    if ends_at <= ctx.clock.now().timestamp():
        raise ProofRefused("challenge_expired", FieldError("/challenge", "it is older than ten minutes", hint))


def _bound_to(ctx: Context, app_id: str) -> list[str]:
    return ["challenge", hub_issuer(ctx.parts.public_url), app_id, ctx.principal.id]


def _verify(key: CertificatePublicKeyTypes, signature: bytes, data: bytes) -> None:
    match key:
        case rsa.RSAPublicKey():
            key.verify(signature, data, padding.PKCS1v15(), SHA256())
        case ec.EllipticCurvePublicKey():
            key.verify(signature, data, ec.ECDSA(SHA256()))
        case ed25519.Ed25519PublicKey():
            key.verify(signature, data)
        case _:
            raise ValueError("no such keys are taken")


def _bad_token(reason: str, message: str, hint: str = "") -> ProofRefused:
    return ProofRefused(reason, FieldError("/token", message, hint))
