"""Who a request says it is, and whether the gateway believes it. Pure; tokens are checked as engines check them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from waypost.application.decisions.request import Credential, Described, Known, Subscribed
from waypost.application.issuers.tokens import TokenRefused, claims_of
from waypost.contracts.ir import ApiIR, KeyAuth, MutualTls
from waypost.contracts.vocab import CredentialKind, PolicyKind, Refusal
from waypost.kit.crypto import sha256_hex

_WAY_OF = {
    CredentialKind.KEY: (PolicyKind.KEY_AUTH,),
    CredentialKind.BASIC: (PolicyKind.BASIC,),
    CredentialKind.CERTIFICATE: (PolicyKind.MTLS,),
    CredentialKind.CLIENT: (PolicyKind.JWT, PolicyKind.INTROSPECTION),
}
_MISSING = {
    PolicyKind.KEY_AUTH: Refusal.KEY_MISSING,
    PolicyKind.BASIC: Refusal.PASSWORD_MISSING,
    PolicyKind.MTLS: Refusal.CERTIFICATE_MISSING,
    PolicyKind.JWT: Refusal.TOKEN_MISSING,
    PolicyKind.INTROSPECTION: Refusal.TOKEN_MISSING,
}
MISSING = frozenset({*_MISSING.values(), Refusal.CREDENTIAL_MISSING})
"""Refusals of calls that sent nothing that says who is calling."""
_UNKNOWN = {
    CredentialKind.KEY: Refusal.KEY_INVALID,
    CredentialKind.BASIC: Refusal.PASSWORD_INVALID,
    CredentialKind.CERTIFICATE: Refusal.CERTIFICATE_INVALID,
    CredentialKind.CLIENT: Refusal.NOT_SUBSCRIBED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What was sent. ``way`` None: nothing. ``digest`` is the SHA-256 of what a grant would hold."""

    way: PolicyKind | None = None
    kind: CredentialKind = CredentialKind.KEY
    digest: str = ""
    claims: Mapping[str, Any] | None = None
    refused: Refusal | None = None
    reason: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The outcome: a right (subscription and plan), a refusal, or nobody (anonymous). ``certain`` False: the hub cannot
    tell, because another server would have to be asked.
    """

    way: PolicyKind | None = None
    credential: Credential | None = None
    right: Subscribed | None = None
    claims: Mapping[str, Any] | None = field(default=None, repr=False)
    refused: Refusal | None = None
    reason: str = ""
    certain: bool = True


def ways(api: ApiIR) -> tuple[PolicyKind, ...]:
    """The ways of authentication that an API takes, in the order in which they are asked."""
    given = (
        (PolicyKind.MTLS, api.mtls),
        (PolicyKind.JWT, api.jwt),
        (PolicyKind.INTROSPECTION, api.introspection),
        (PolicyKind.BASIC, api.basic),
        (PolicyKind.KEY_AUTH, api.key_auth),
    )
    return tuple(kind for kind, config in given if config is not None)


def takes(api: ApiIR | None, kind: CredentialKind) -> bool:
    """Whether the API looks at credentials of the kind."""
    return api is not None and any(way in ways(api) for way in _WAY_OF[kind])


def missing(api: ApiIR) -> Refusal:
    """The code for a call that sends nothing."""
    codes = {_MISSING[way] for way in ways(api)}
    return codes.pop() if len(codes) == 1 else Refusal.CREDENTIAL_MISSING


def presented(api: ApiIR, request: Described) -> Presented:
    """What the request sends that this API looks at: certificate, token, password, key; the first that is there."""
    for look in (_certificate, _token, _password, _key):
        found = look(api, request)
        if found is not None:
            return found
    return Presented()


def caller(api: ApiIR, request: Described, known: Known, *, anonymous: bool) -> Caller:
    """Who is calling. ``anonymous``: calls without any credential pass here."""
    sent = _named(api, known.named) if known.named else presented(api, request)
    if sent.refused is not None:
        return Caller(way=sent.way, refused=sent.refused, reason=sent.reason)
    if sent.way is None:
        refused = None if anonymous or not api.guarded else missing(api)
        nothing = (
            "the API takes no credential of its kind" if known.named else "nothing was sent that says who is calling"
        )
        return Caller(refused=refused, reason=nothing)
    if sent.way is PolicyKind.INTROSPECTION and not known.named:
        return Caller(way=sent.way, reason="only the token's own server knows it, and it is not asked", certain=False)
    credential = known.named or known.by_value.get((sent.kind, sent.digest))
    return _with(api, request, sent, credential)


def _with(api: ApiIR, request: Described, sent: Presented, credential: Credential | None) -> Caller:
    if credential is None:
        return Caller(way=sent.way, refused=_UNKNOWN[sent.kind], reason="the gateway knows nobody with it")
    if credential.expires_at is not None and credential.expires_at <= request.at:
        reason = f"it expired at {credential.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        return Caller(way=sent.way, credential=credential, refused=_UNKNOWN[sent.kind], reason=reason)
    if not credential.rights:
        reason = "its app has no active subscription on this gateway, and engines know no other keys"
        return Caller(way=sent.way, credential=credential, refused=_UNKNOWN[sent.kind], reason=reason)
    right = credential.rights.get(api.id)
    if right is None:
        # Engines know keys of other APIs as such; passwords and certificates they know of this API only.
        refused = Refusal.NOT_SUBSCRIBED if sent.kind is CredentialKind.KEY else _UNKNOWN[sent.kind]
        reason = "its app is not subscribed to this API"
        return Caller(way=sent.way, credential=credential, refused=refused, reason=reason)
    return Caller(way=sent.way, credential=credential, right=right, claims=sent.claims)


def _named(api: ApiIR, credential: Credential) -> Presented:
    way = next((way for way in _WAY_OF[credential.kind] if way in ways(api)), None)
    return Presented(way=way, kind=credential.kind)


def _certificate(api: ApiIR, request: Described) -> Presented | None:
    if api.mtls is None or not request.certificate:
        return None
    refused = _narrowed(api.mtls, request)
    return Presented(
        way=PolicyKind.MTLS,
        kind=CredentialKind.CERTIFICATE,
        digest=sha256_hex(request.certificate.lower()),
        refused=Refusal.CERTIFICATE_INVALID if refused else None,
        reason=refused,
    )


def _narrowed(mtls: MutualTls, request: Described) -> str:
    if mtls.fingerprints and request.certificate.lower() not in mtls.fingerprints:
        return "its fingerprint is none of those that may be used"
    if mtls.subjects and request.subject not in mtls.subjects:
        return "its subject is none of those that may be used"
    return ""


def _token(api: ApiIR, request: Described) -> Presented | None:
    scheme, token = _authorization(request)
    if scheme != "bearer" or not token or (api.jwt is None and api.introspection is None):
        return None
    if api.jwt is None or (api.introspection is not None and token.count(".") != 2):
        return Presented(way=PolicyKind.INTROSPECTION, kind=CredentialKind.CLIENT)
    try:
        issuer, claims = claims_of(api.jwt, token, at=request.at)
    except TokenRefused as error:
        return Presented(
            way=PolicyKind.JWT, kind=CredentialKind.CLIENT, refused=error.code, reason=f"the token: {error.reason}"
        )
    value = f"{issuer.issuer} {claims.get(issuer.client_claim, '')}"
    return Presented(way=PolicyKind.JWT, kind=CredentialKind.CLIENT, digest=sha256_hex(value), claims=claims)


def _password(api: ApiIR, request: Described) -> Presented | None:
    scheme, encoded = _authorization(request)
    if api.basic is None or scheme != "basic" or not encoded:
        return None
    try:
        value = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        reason = "it cannot be read (RFC 7617)"
        return Presented(
            way=PolicyKind.BASIC, kind=CredentialKind.BASIC, refused=Refusal.PASSWORD_INVALID, reason=reason
        )
    return Presented(way=PolicyKind.BASIC, kind=CredentialKind.BASIC, digest=sha256_hex(value))


def _key(api: ApiIR, request: Described) -> Presented | None:
    if api.key_auth is None:
        return None
    for place, found in _places(api.key_auth, request):
        if len(found) > 1:
            reason = f"it stands {len(found)} times in the {place}"
            return Presented(way=PolicyKind.KEY_AUTH, refused=Refusal.KEY_AMBIGUOUS, reason=reason, place=place)
        if found and found[0]:
            return Presented(way=PolicyKind.KEY_AUTH, digest=sha256_hex(found[0]), place=place)
    return None


def _places(auth: KeyAuth, request: Described) -> list[tuple[str, list[str]]]:
    found = []
    if auth.header:
        lines = list(request.headers.get(auth.header.lower(), ()))
        if auth.header.lower() == "authorization":
            lines = [value for scheme, value in map(_scheme, lines) if scheme == "bearer"]
        found.append(("header", lines))
    if auth.query:
        found.append(("query", request.parameters(auth.query)))
    if auth.cookie:
        found.append(("cookie", request.cookie(auth.cookie)))
    return found


def _authorization(request: Described) -> tuple[str, str]:
    return _scheme(request.first("authorization"))


def _scheme(line: str) -> tuple[str, str]:
    scheme, _, rest = line.strip().partition(" ")
    return scheme.lower(), rest.strip()
