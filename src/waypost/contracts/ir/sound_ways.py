"""Pure checks of the ways of authentication."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from waypost.contracts.ir.authentication import ALGORITHMS, Introspection, JwtAuth, JwtIssuer, KeyAuth, MutualTls
from waypost.contracts.ir.gateway import ApiIR
from waypost.contracts.ir.sound import (
    BAD_IN_VALUE,
    CLAIM,
    SENT,
    TOKEN,
    Found,
    address,
    between,
    header,
    issuer,
    plain,
    under,
    words,
)

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a JWK that only its owner may have (RFC 7518, 6)."""
_LONGEST_MS = 60_000


def way_problems(api: ApiIR) -> Found:
    """Everything wrong with who is let in."""
    if api.key_auth is not None:
        yield from under("key_auth", _key_auth(api.key_auth))
    if api.jwt is not None:
        yield from under("jwt", _jwt(api.jwt))
    if api.introspection is not None:
        yield from under("introspection", _introspection(api.introspection))
    if api.mtls is not None:
        yield from under("mtls", _mtls(api.mtls))


def _key_auth(auth: KeyAuth) -> Found:
    if not (auth.header or auth.query or auth.cookie):
        yield "", "names no place for the key"
    for place in ("header", "query", "cookie"):
        name, shape = getattr(auth, place), SENT if place == "header" else TOKEN
        if name and not shape.fullmatch(name):
            yield place, f"{name!r} is not a name that gateways take from callers"


def _jwt(jwt: JwtAuth) -> Found:
    if not jwt.issuers:
        yield "issuers", "there is no issuer whose tokens could be taken"
    for index, item in enumerate(jwt.issuers):
        yield from under(f"issuers[{index}]", _issuer(item))
        if item.issuer in [other.issuer for other in jwt.issuers[:index]]:
            yield f"issuers[{index}].issuer", f"{item.issuer!r} is there twice"
    for index, (claim, name) in enumerate(jwt.claim_headers):
        yield from under(f"claim_headers[{index}]", words((claim,), CLAIM, "claim"))
        yield from under(f"claim_headers[{index}]", header(name))
    yield from under("scope_claim", words((jwt.scope_claim,), CLAIM, "claim"))
    yield from under("clock_skew_seconds", between(jwt.clock_skew_seconds, 0, 3600))


def _issuer(item: JwtIssuer) -> Found:
    yield from under("issuer", issuer(item.issuer))
    yield from under("jwks", _jwks(item.jwks))
    yield from under("client_claim", words((item.client_claim,), CLAIM, "claim"))
    unknown = [name for name in item.algorithms if name not in ALGORITHMS]
    if unknown or not item.algorithms:
        yield "algorithms", f"{unknown[0]!r} is no algorithm" if unknown else "there is none"
    if ("HS256" in item.algorithms) != bool(item.secret):
        yield "secret", "is for HS256, and HS256 needs it"
    for index, text in enumerate(item.audiences):
        yield from under(f"audiences[{index}]", plain(text))
    for index, (claim, value) in enumerate(item.required_claims):
        yield from under(f"required_claims[{index}]", words((claim,), CLAIM, "claim"))
        yield from under(f"required_claims[{index}]", plain(value))


def _jwks(text: str) -> Found:
    try:
        keys = json.loads(text)["keys"]
        sound = isinstance(keys, list) and all(isinstance(key, Mapping) for key in keys)
    except (ValueError, KeyError, TypeError):
        sound, keys = False, []
    if not sound:
        yield "", "is no JWK Set (RFC 7517)"
        return
    yield from _public(keys)


def _public(keys: list[Mapping[str, Any]]) -> Found:
    for index, key in enumerate(keys):
        if _PRIVATE & key.keys():
            yield "", f"key {index} holds private parts"


def _introspection(asked: Introspection) -> Found:
    yield from under("url", address(asked.url))
    yield from under("issuer", issuer(asked.issuer))
    yield from under("cache_seconds", between(asked.cache_seconds, 0, 86_400))
    yield from under("timeout_ms", between(asked.timeout_ms, 1, _LONGEST_MS))
    if not asked.client_id or BAD_IN_VALUE.search(asked.client_id):
        yield "client_id", "is empty or holds a control character"
    if BAD_IN_VALUE.search(asked.client_secret.reveal()):
        yield "client_secret", "holds a control character"


def _mtls(mtls: MutualTls) -> Found:
    yield from under("fingerprints", words(mtls.fingerprints, _FINGERPRINT, "SHA-256 in lower-case hex"))
    for index, text in enumerate(mtls.subjects):
        yield from under(f"subjects[{index}]", plain(text))
