"""Issuers of tokens for the tests: keys of every kind, and tokens signed with them."""

from __future__ import annotations

import json
import time
from typing import Any

from joserfc import jwk, jwt

from waypost.contracts.ir import JwtIssuer

ALL = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256"]
_EC = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class Issuer:
    """One issuer with one key per algorithm asked for."""

    def __init__(self, name: str, *algorithms: str) -> None:
        self.url = f"https://{name}.example"
        self.keys = {algorithm: _key(algorithm) for algorithm in algorithms}

    def jwks(self) -> str:
        """The public key set."""
        keys = [{**key.as_dict(private=False), "kid": name} for name, key in self.keys.items()]
        return json.dumps({"keys": keys})

    def ir(self, **changes: Any) -> JwtIssuer:
        """As the IR names it."""
        given = {"id": self.url[8:], "issuer": self.url, "jwks": self.jwks(), "algorithms": tuple(self.keys), **changes}
        return JwtIssuer(**given)

    def token(self, algorithm: str = "", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that is good for a minute; a claim that is None is left out."""
        algorithm = algorithm or next(iter(self.keys))
        known = {"iss": self.url, "client_id": "c1", "exp": int(time.time()) + 60, **claims}
        said = {name: value for name, value in known.items() if value is not None}
        top = {"alg": algorithm, "kid": algorithm, **(header or {})}
        return jwt.encode(top, said, self.keys[algorithm], algorithms=ALL)


def _key(algorithm: str) -> Any:
    if algorithm in _EC:
        return jwk.ECKey.generate_key(_EC[algorithm])
    if algorithm == "EdDSA":
        return jwk.OKPKey.generate_key("Ed25519")
    if algorithm == "HS256":
        return jwk.OctKey.generate_key(256)
    return jwk.RSAKey.generate_key(2048)


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"{scheme} {token}"}
