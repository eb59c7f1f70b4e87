"""Signed tokens, verified natively (``jwt_verify``). Keys are files beside the configuration; a new key is a reload.

The token is in ``b``, its claims are decoded once. A token is tried only with keys of its issuer that fit its
algorithm, and where it names one, with that one. EdDSA is not among the algorithms that this engine verifies.

A signature costs more than everything else on a call's way, and callers send the same token again and again. So what
was verified is remembered for some minutes in a stick table, by the SHA-256 of the whole token and of the API's keys;
claims, times and audiences are looked at every time. Nobody's token gets in without a good signature, so nobody can
crowd it. A worker that begins remembers nothing; keys change with a new worker only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from waypost.contracts.ir import JwtAuth, JwtIssuer
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy import claims
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.filters import concurrency
from waypost.integration.gateways.haproxy.names import REFUSED, found
from waypost.integration.gateways.haproxy.problems import because
from waypost.integration.gateways.haproxy.text import word
from waypost.kit.crypto import sha256_hex

_CURVES: dict[str, tuple[type[ec.EllipticCurve], str]] = {
    "P-256": (ec.SECP256R1, "ES256"),
    "P-384": (ec.SECP384R1, "ES384"),
    "P-521": (ec.SECP521R1, "ES512"),
}
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_NO_KID = "-"
_VERIFIED = "{ var(txn.ok) -m int eq 1 }"
TABLE = "verified"
TRACKER = concurrency.MOST_TRACKERS


@dataclass(frozen=True, slots=True)
class _Key:
    kid: str
    algorithms: tuple[str, ...]
    pem: str


def rules(context: Context, jwt: JwtAuth, chosen: str) -> list[str]:
    """Verify the token and note its client in ``client``, where ``chosen`` holds; else note why not."""
    remembered = f"var(txn.b),sha2(256),hex,concat(/{_digest(jwt)})"
    lines = [
        f"http-request set-var(txn.claims) var(txn.b),field(2,.),ub64dec if {chosen}",
        f"http-request set-var(txn.iss) {word(claims.value('iss'))}",
        f"http-request set-var(req.token) {word(remembered)} if {chosen}",
        f"http-request set-var(txn.ok) var(req.token),table_gpt0({TABLE})",
    ]
    verified = [line for issuer in jwt.issuers for line in _verify(context, issuer)]
    lines += [
        f"http-request set-var(txn.alg) {word(_header('alg'))} if {chosen} !{_VERIFIED}",
        f"http-request set-var(txn.kid) {word(_header('kid'))} if {found('alg')}",
        f"http-request set-var(txn.kid) str({_NO_KID}) if {found('alg')} !{found('kid')}",
        *verified,
        f"http-request track-sc{TRACKER} var(req.token) table {TABLE} if {found('alg')} {_VERIFIED}",
        f"http-request sc-set-gpt0({TRACKER}) 1 if {found('alg')} {_VERIFIED}",
    ]
    lines.append(because(Refusal.TOKEN_INVALID, f"{chosen} !{_VERIFIED}"))
    for issuer in jwt.issuers:
        lines += _accept(issuer, f"{chosen} {_VERIFIED} {_of(issuer)}")
    return [*lines, *_times(jwt, f"{chosen} {_VERIFIED}")]


def table() -> list[str]:
    """The section that remembers."""
    return ["stick-table type string len 100 size 100k expire 5m store gpt0"]


def _digest(jwt: JwtAuth) -> str:
    """All that a verification depends on, apart from the token."""
    secrets = [issuer.secret.reveal() if issuer.secret else "" for issuer in jwt.issuers]
    told = [[issuer.issuer, issuer.jwks, *issuer.algorithms] for issuer in jwt.issuers]
    return sha256_hex(json.dumps([told, secrets]))[:32]


def _header(name: str) -> str:
    return f"var(txn.b),jwt_header_query('$.{name}')"


def headers(jwt: JwtAuth | None) -> list[str]:
    """Claims for the upstream; what a caller sends under such a name is removed, and no claim ends a header."""
    lines = []
    for name, header in jwt.claim_headers if jwt else ():
        lines += [
            f"http-request del-header {header}",
            f"http-request set-var(txn.claim) {word(claims.value(name))} if {claims.CLAIMS}",
            f"http-request set-header {header} %[var(txn.claim)] if {found('claim')} "
            f"{{ var(txn.claim) -m len gt 0 }} !{{ var(txn.claim) -m reg [[:cntrl:]] }}",
            "http-request unset-var(txn.claim)",
        ]
    return lines


def _of(issuer: JwtIssuer) -> str:
    return f"{{ var(txn.iss) -m str -- {word(issuer.issuer)} }}"


def _verify(context: Context, issuer: JwtIssuer) -> Iterator[str]:
    asked = set(issuer.algorithms)
    for key in _keys(issuer.jwks):
        fitting = [name for name in key.algorithms if name in asked]
        if not fitting:
            continue
        file = context.file("jwk", key.pem, "pem")
        base = f"{found('alg')} !{_VERIFIED} {_of(issuer)} {context.matches('var(txn.alg)', 'str', fitting)}"
        named = f" {{ var(txn.kid) -m str -- {word(key.kid)} {_NO_KID} }}" if key.kid else ""
        yield f"http-request set-var(txn.ok) var(txn.b),jwt_verify(txn.alg,{file}) if {base}{named}"
    if issuer.secret is not None and "HS256" in asked:
        secret = base64.b64encode(issuer.secret.reveal().encode()).decode()
        base = f"{found('alg')} !{_VERIFIED} {_of(issuer)} {{ var(txn.alg) -m str HS256 }}"
        yield f"http-request set-var(txn.secret) str({secret}),b64dec if {base}"
        yield f"http-request set-var(txn.ok) var(txn.b),jwt_verify(txn.alg,txn.secret) if {base}"
        yield f"http-request unset-var(txn.secret) if {found('secret')}"


def _accept(issuer: JwtIssuer, holds: str) -> Iterator[str]:
    """Audience, required claims, client."""
    if issuer.audiences:
        yield from claims.gathered("aud", "aud", holds)
        one = f"{{ var(txn.aud) -m str -- {' '.join(map(word, issuer.audiences))} }}"
        many = f"{{ var(txn.aud) -m reg {word(claims.in_list(issuer.audiences))} }}"
        yield because(Refusal.TOKEN_INVALID, f"{holds} !{found('audf')} !{one}")
        yield because(Refusal.TOKEN_INVALID, f"{holds} {found('audf')} !{many}")
    for name, wanted in issuer.required_claims:
        yield because(Refusal.TOKEN_INVALID, f"{holds} !{{ {word(claims.value(name))} -m str -- {word(wanted)} }}")
    yield f"http-request set-var(txn.client) {word(claims.value(issuer.client_claim))} if {holds}"


def _times(jwt: JwtAuth, holds: str) -> list[str]:
    skew = jwt.clock_skew_seconds
    return [
        "http-request set-var(txn.now) date",
        f"http-request set-var(txn.exp) {word(claims.value('exp', 'int'))}",
        f"http-request set-var(txn.nbf) {word(claims.value('nbf', 'int'))}",
        because(Refusal.TOKEN_INVALID, f"{holds} !{found('exp')}"),
        because(Refusal.TOKEN_INVALID, f"{holds} {{ var(txn.nbf),sub(txn.now),sub({skew}) -m int gt 0 }}"),
        because(Refusal.TOKEN_EXPIRED, f"{holds} !{REFUSED} {{ var(txn.exp),sub(txn.now),add({skew}) -m int le 0 }}"),
    ]


def _keys(jwks: str) -> Iterator[_Key]:
    """The keys that this engine can use; others (EdDSA, encryption) are passed over."""
    for item in json.loads(jwks).get("keys", []):
        made = _rsa(item) if item.get("kty") == "RSA" else _curve(item) if item.get("kty") == "EC" else None
        if made is not None and item.get("use", "sig") == "sig":
            public, algorithms = made
            pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            only = (item["alg"],) if item.get("alg") in algorithms else algorithms
            yield _Key(kid=str(item.get("kid", "")), algorithms=only, pem=pem)


def _rsa(item: dict[str, Any]) -> tuple[rsa.RSAPublicKey, tuple[str, ...]]:
    return rsa.RSAPublicNumbers(_integer(item["e"]), _integer(item["n"])).public_key(), _RSA


def _curve(item: dict[str, Any]) -> tuple[ec.EllipticCurvePublicKey, tuple[str, ...]] | None:
    known = _CURVES.get(item.get("crv", ""))
    if known is None:
        return None
    curve, algorithm = known
    numbers = ec.EllipticCurvePublicNumbers(_integer(item["x"]), _integer(item["y"]), curve())
    return numbers.public_key(), (algorithm,)


def _integer(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
