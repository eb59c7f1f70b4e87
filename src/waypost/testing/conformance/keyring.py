"""Keys of one run: those that sign tokens, and the certificates of a listener and its callers.

Variables: ``${issuer}`` (of the case's tokens), ``${jwks.NAME}`` and ``${jwks.NAME+NAME}`` (public keys as a JWK Set),
``${hs.secret}``, ``${tls}`` (GatewaySettings.tls), ``${certificate.NAME}`` (fingerprint), ``${subject.NAME}``.
Names of keys: ``rs``, ``rs.other``, ``es256``, ``es384``, ``es512``, ``ed``, ``hs``; of certificates ``alice``, ``bob``
and, signed by an authority that the listener does not know, ``mallory``.
"""

from __future__ import annotations

import base64
import functools
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_CURVES: Mapping[str, tuple[ec.EllipticCurve, str, int]] = {
    "es256": (ec.SECP256R1(), "P-256", 32),
    "es384": (ec.SECP384R1(), "P-384", 48),
    "es512": (ec.SECP521R1(), "P-521", 66),
}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_DEFAULT_ALGORITHM = {"rs": "RS256", "es256": "ES256", "es384": "ES384", "es512": "ES512", "ed": "EdDSA", "hs": "HS256"}
HS_SECRET = "a shared secret of more than thirty-two bytes"  # noqa: S105  (shared with nobody)


@functools.cache
def private_key(name: str) -> Any:
    """The key called ``name``, made once per run."""
    kind = name.partition(".")[0]
    if kind == "rs":
        return rsa.generate_private_key(65537, 2048)
    return ed25519.Ed25519PrivateKey.generate() if kind == "ed" else ec.generate_private_key(_CURVES[kind][0])


def jwks(names: str) -> str:
    """Public keys, their names joined with ``+``, as the text of a JWK Set (RFC 7517)."""
    return json.dumps({"keys": [_jwk(name) for name in names.split("+")]})


def token(form: Mapping[str, Any], *, issuer: str) -> str:
    """A signed token (RFC 7519) as a case describes it.

    ``key`` and ``alg`` sign it (``alg: none`` not at all; ``hmac_with_public: NAME`` with a public key's PEM as the
    secret); ``claims`` and ``header`` stand in it, null takes one away; ``expires_in`` and ``valid_in`` are seconds
    from now; ``tamper`` exchanges ``payload`` or ``signature`` afterwards.
    """
    name = form.get("key", "rs")
    algorithm = form.get("alg", _DEFAULT_ALGORITHM[name.partition(".")[0]])
    now = int(time.time())
    claims = {"iss": issuer, "client_id": "client", "exp": now + form.get("expires_in", 300), **form.get("claims", {})}
    if "valid_in" in form:
        claims["nbf"] = now + form["valid_in"]
    head = {"alg": algorithm, "typ": "JWT", "kid": name, **form.get("header", {})}
    signed = b".".join(_encoded(_there(part)) for part in (head, claims))
    signature = _signature(form, name, algorithm, signed)
    if form.get("tamper") == "payload":
        signed = b".".join((signed.split(b".")[0], _encoded({**claims, "admin": True})))
    if form.get("tamper") == "signature":
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return b".".join((signed, _base64(signature))).decode()


def _signature(form: Mapping[str, Any], name: str, algorithm: str, data: bytes) -> bytes:
    if algorithm.lower() == "none":
        return b""
    if algorithm.startswith("HS"):
        confused = form.get("hmac_with_public")
        secret = _pem(confused) if confused else HS_SECRET.encode()
        return hmac.digest(secret, data, f"sha{algorithm[2:]}")
    if algorithm == "EdDSA":
        signed: bytes = private_key(name).sign(data)
        return signed
    return _hashed_signature(name, algorithm, data)


def _hashed_signature(name: str, algorithm: str, data: bytes) -> bytes:
    digest, key = _HASHES[algorithm[2:]], private_key(name)
    if algorithm[:2] in ("RS", "PS"):
        probabilistic = padding.PSS(padding.MGF1(digest), digest.digest_size)
        found: bytes = key.sign(data, probabilistic if algorithm.startswith("PS") else padding.PKCS1v15(), digest)
        return found
    size = _CURVES[name][2]
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _jwk(name: str) -> dict[str, str]:
    public = private_key(name).public_key()
    common = {"kid": name, "use": "sig"}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {**common, "kty": "RSA", "n": _integer(numbers.n, 256), "e": _integer(numbers.e, 3)}
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {**common, "kty": "OKP", "crv": "Ed25519", "x": _base64(public.public_bytes_raw()).decode()}
    _, curve, size = _CURVES[name]
    point = public.public_numbers()
    return {**common, "kty": "EC", "crv": curve, "x": _integer(point.x, size), "y": _integer(point.y, size)}


def _pem(name: str) -> bytes:
    public = private_key(name).public_key()
    found: bytes = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return found


def _there(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value is not None}


def _encoded(part: Mapping[str, Any]) -> bytes:
    return _base64(json.dumps(part).encode())


def _integer(value: int, size: int) -> str:
    return _base64(value.to_bytes(size, "big")).decode()


def _base64(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
