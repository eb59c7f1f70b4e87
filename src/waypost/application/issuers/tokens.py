"""Signed tokens as a gateway checks them (RFC 7519): the claims, or why not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from waypost.contracts.ir import JwtAuth, JwtIssuer
from waypost.contracts.vocab import Refusal


class TokenRefused(Exception):
    """Why a token is not taken: a refusal's code and a sentence without anything of the token's secret part."""

    def __init__(self, code: Refusal, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class SignatureRefused(TokenRefused):
    """None of the keys that are known of the issuer made its signature."""

    def __init__(self) -> None:
        super().__init__(Refusal.TOKEN_INVALID, "its signature is not the issuer's")


def claims_of(auth: JwtAuth, token: str, *, at: datetime) -> tuple[JwtIssuer, dict[str, Any]]:
    """The issuer and the claims of a token that is in order at ``at``; raises TokenRefused."""
    claims = unverified(token)
    issuer = next((item for item in auth.issuers if item.issuer == claims.get("iss")), None)
    if issuer is None:
        raise TokenRefused(Refusal.TOKEN_INVALID, "its issuer is none of those that this API takes")
    _check_signature(issuer, token)
    _check_times(claims, at.timestamp(), auth.clock_skew_seconds)
    _check_content(issuer, claims)
    return issuer, claims


def unverified(token: str) -> dict[str, Any]:
    """What a token says of itself, which anybody could have written. Raises TokenRefused where it is none."""
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
    except (JoseError, ValueError) as error:
        raise TokenRefused(Refusal.TOKEN_INVALID, "it is no signed token") from error
    if not isinstance(claims, dict):
        raise TokenRefused(Refusal.TOKEN_INVALID, "it is no signed token")
    return claims


def values(claims: Mapping[str, Any], name: str) -> set[str]:
    """What a claim holds: space-separated text or a list; ``a.b`` looks inside ``a`` where there is no such claim."""
    found = claims.get(name)
    if found is None and "." in name:
        head, _, rest = name.partition(".")
        inner = claims.get(head)
        return values(inner, rest) if isinstance(inner, Mapping) else set()
    if isinstance(found, str):
        return set(found.split())
    return {str(item) for item in found} if isinstance(found, list) else set()


def _check_signature(issuer: JwtIssuer, token: str) -> None:
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm = header.get("alg")
        if algorithm not in issuer.algorithms:
            raise TokenRefused(Refusal.TOKEN_INVALID, "its algorithm is none of the issuer's")
        keys = _keys(issuer, algorithm, header.get("kid"))
    except (JoseError, ValueError) as error:
        raise SignatureRefused from error
    if not any(_signed(token, key, algorithm) for key in keys):
        raise SignatureRefused


def _keys(issuer: JwtIssuer, algorithm: str, kid: str | None) -> list[Any]:
    """The key that the token names, or all where it names none."""
    if algorithm == "HS256":
        return [OctKey.import_key(issuer.secret.reveal() if issuer.secret else "")]
    return [key for key in KeySet.import_key_set(json.loads(issuer.jwks)).keys if kid in (None, key.kid)]


def _signed(token: str, key: Any, algorithm: str) -> bool:
    try:
        jwt.decode(token, key, algorithms=[algorithm])
    except (JoseError, ValueError):
        return False
    return True


def _check_times(claims: Mapping[str, Any], now: float, skew: int) -> None:
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or not isinstance(begins, int | float):
        raise TokenRefused(Refusal.TOKEN_INVALID, "it does not say when it expires")
    if now >= expires + skew:
        raise TokenRefused(Refusal.TOKEN_EXPIRED, "it has expired")
    if now < begins - skew:
        raise TokenRefused(Refusal.TOKEN_INVALID, "it is not in force yet")


def _check_content(issuer: JwtIssuer, claims: Mapping[str, Any]) -> None:
    audience = claims.get("aud", [])
    held = audience if isinstance(audience, list) else [audience]
    if issuer.audiences and not any(item in held for item in issuer.audiences):
        raise TokenRefused(Refusal.TOKEN_INVALID, "its audience is another")
    for name, wanted in issuer.required_claims:
        if claims.get(name) != wanted and wanted not in values(claims, name):
            raise TokenRefused(Refusal.TOKEN_INVALID, f"its claim `{name}` is not what the policy requires")
