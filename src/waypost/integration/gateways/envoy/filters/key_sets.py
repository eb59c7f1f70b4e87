"""Key sets of issuers (RFC 7517), narrowed to what may verify: public parts, wanted algorithms, one ``alg`` per key."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from waypost.contracts.ir import JwtIssuer

_PUBLIC = {
    "RSA": ("kty", "kid", "n", "e"),
    "EC": ("kty", "kid", "crv", "x", "y"),
    "OKP": ("kty", "kid", "crv", "x"),
}
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_BY_CURVE = {"P-256": ("ES256",), "P-384": ("ES384",), "P-521": ("ES512",), "Ed25519": ("EdDSA",)}
# The field of P-256 and its constant b (SEC 2, 2.4.2).
_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def narrowed(issuer: JwtIssuer) -> str:
    """The key set for the engine, as JSON text; ValueError where it cannot be read."""
    keys = list(_shared(issuer)) if issuer.secret else []
    keys += [found for key in _read(issuer) for found in _usable(key, issuer.algorithms)]
    return json.dumps({"keys": keys or [_nobodys()]}, separators=(",", ":"), sort_keys=True)


def _read(issuer: JwtIssuer) -> list[Any]:
    try:
        keys = json.loads(issuer.jwks)["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"the key set of {issuer.issuer} cannot be read: {error}") from error
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError(f"the key set of {issuer.issuer} is not a list of keys")
    return keys


def _usable(key: dict[str, Any], wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """A key once for each wanted algorithm that it may serve; never a symmetric one out of a public set."""
    kind = key.get("kty")
    if kind not in _PUBLIC or key.get("use", "sig") != "sig":
        return
    fitting = _RSA if kind == "RSA" else _BY_CURVE.get(str(key.get("crv")), ())
    public = {name: key[name] for name in _PUBLIC[kind] if name in key}
    for algorithm in fitting:
        if algorithm in wanted and key.get("alg", algorithm) == algorithm:
            yield {**public, "alg": algorithm}


def _shared(issuer: JwtIssuer) -> Iterator[dict[str, Any]]:
    if issuer.secret is not None and "HS256" in issuer.algorithms:
        text = base64.urlsafe_b64encode(issuer.secret.reveal().encode()).decode().rstrip("=")
        yield {"kty": "oct", "alg": "HS256", "k": text}


@lru_cache
def _nobodys() -> dict[str, str]:
    """A public key whose private half nobody knows: a point made from a hash. (The engine takes no empty set.)"""
    for counter in range(256):
        x = int.from_bytes(hashlib.sha256(b"a key that nobody has %d" % counter).digest(), "big") % _P
        square = (x**3 - 3 * x + _B) % _P
        y = pow(square, (_P + 1) // 4, _P)
        if y * y % _P == square:
            return {
                "kty": "EC",
                "crv": "P-256",
                "alg": "ES256",
                "kid": "nobody",
                "x": _coordinate(x),
                "y": _coordinate(y),
            }
    raise AssertionError("half of all numbers are squares")


def _coordinate(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes(32, "big")).decode().rstrip("=")
