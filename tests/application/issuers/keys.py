"""Keys of issuers for tests."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jwk


def key(kid: str, *, curve: str = "P-256", private: bool = False, **members: Any) -> dict[str, Any]:
    """An EC key, its private half only where asked for."""
    made = jwk.ECKey.generate_key(curve)
    return {**made.as_dict(private=private), "kid": kid, **members}


def rsa(kid: str, *, bits: int = 2048, **members: Any) -> dict[str, Any]:
    """An RSA public key."""
    return {**jwk.RSAKey.generate_key(bits).as_dict(private=False), "kid": kid, **members}


def jwks(*keys: Any) -> bytes:
    """The set of them."""
    return json.dumps({"keys": keys}).encode()


def kids(text: str) -> list[str]:
    """Ids of the keys in a set, sorted."""
    return sorted(item["kid"] for item in json.loads(text)["keys"])
