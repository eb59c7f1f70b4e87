"""A JWK Set (RFC 7517) as it came from outside, cut down to what an engine may trust. Pure.

Only public halves, only keys for signatures, only members that say what the key is, in an order that does not depend
on the issuer's: the same keys give the same text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk
from joserfc.errors import JoseError

from waypost.application.issuers.errors import KeysRefused

ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
SYMMETRIC = "HS256"
MAX_KEYS = 100
_RSA_BITS = range(2048, 8193)
_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
_PUBLIC = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")
_KID_CHARACTERS = 500


def read_jwks(content: bytes | str, *, algorithms: Collection[str]) -> str:
    """Canonical JSON of the usable keys in ``content``. Raises KeysRefused where it is no key set or none is left."""
    keys = _keys(content)
    found = [made for made in (_usable(item, algorithms) for item in keys) if made is not None]
    if not found:
        raise KeysRefused(
            "keys_none",
            f"None of the {len(keys)} keys is a public key for signatures with {', '.join(sorted(algorithms))}.",
            hint="Give the set of public keys, and allow the algorithms that the issuer signs with.",
        )
    found.sort(key=lambda key: orjson.dumps(key, option=orjson.OPT_SORT_KEYS))
    return orjson.dumps({"keys": found}, option=orjson.OPT_SORT_KEYS).decode()


def usable_algorithms(jwks: str, algorithms: Sequence[str]) -> tuple[str, ...]:
    """Those of ``algorithms`` that a key in the set can verify: an engine need not know what no token can bear."""
    keys = orjson.loads(jwks)["keys"] if jwks else []
    fitting = set().union(*({key["alg"]} if "alg" in key else _fitting(key) for key in keys))
    return tuple(name for name in algorithms if name in fitting)


def key_names(jwks: str) -> list[dict[str, str]]:
    """``kid``, ``kty`` and ``alg`` of each key, for people."""
    keys = orjson.loads(jwks)["keys"] if jwks else []
    return [{name: str(key.get(name, "")) for name in ("kid", "kty", "alg")} for key in keys]


def _keys(content: bytes | str) -> list[Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise KeysRefused("keys_not_json", "What came is not JSON, so it is no JWK Set.") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise KeysRefused("keys_malformed", "What came is no JWK Set: it has no list `keys`.")
    if len(keys) > MAX_KEYS:
        raise KeysRefused("keys_too_many", f"The set holds {len(keys)} keys; {MAX_KEYS} are allowed.")
    return keys


def _usable(item: Any, algorithms: Collection[str]) -> dict[str, str] | None:
    """The key's public members, or None where it is no key that these algorithms verify with."""
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or "verify" not in _operations(item):
        return None
    public = {name: value for name in _PUBLIC if isinstance(value := item.get(name), str)}
    if public.get("alg") == "Ed25519":  # RFC 9864; engines know its older name
        public["alg"] = "EdDSA"
    fitting = _fitting(public)
    alg = public.get("alg")
    is_wanted = alg in fitting and alg in algorithms if alg else bool(fitting & set(algorithms))
    if not is_wanted or len(public.get("kid", "")) > _KID_CHARACTERS or not _is_sound(public):
        return None
    return public | {"use": "sig"}


def _operations(item: Mapping[str, Any]) -> list[Any]:
    operations = item.get("key_ops", ["verify"])
    return operations if isinstance(operations, list) else []


def _fitting(key: Mapping[str, str]) -> set[str]:
    """Algorithms that a key of this type can verify (RFC 7518, RFC 8037)."""
    match key.get("kty"):
        case "RSA":
            return {name for name in ASYMMETRIC if name.startswith(("RS", "PS"))}
        case "EC" if key.get("crv", "").startswith("P-"):
            return {_CURVES[key["crv"]]} if key["crv"] in _CURVES else set()
        case "OKP" if key.get("crv") == "Ed25519":
            return {"EdDSA"}
        case _:
            return set()


def _is_sound(public: dict[str, str]) -> bool:
    """Whether it is a key at all: numbers that are numbers, a point on its curve, an RSA modulus of a sane size."""
    try:
        key = jwk.import_key({**public})
        raw = key.public_key
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return False
    return not isinstance(raw, rsa.RSAPublicKey) or raw.key_size in _RSA_BITS
