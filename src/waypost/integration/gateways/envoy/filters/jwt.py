"""Signed tokens (RFC 7519): verified by the engine with the key sets that the hub keeps fresh, then looked up.

The engine takes the algorithm from the token's header and looks for a key that says the same ``alg``. So a key set is
narrowed before it is sent: only public parts, only keys that fit an algorithm of the issuer's list, each bearing that
``alg``. An issuer without any usable key gets one that nobody has: all its tokens are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envoy.extensions.filters.http.jwt_authn.v3 import config_pb2

from waypost.contracts.ir import ApiIR, JwtAuth, JwtIssuer
from waypost.contracts.vocab import LimitBy, Refusal
from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.filters import access, claims, key_sets, templates
from waypost.integration.gateways.envoy.filters.mutations import Step, Written, remove
from waypost.integration.gateways.envoy.names import ISSUER, TOKEN, TOKEN_CLIENT

KIND = "client"
_CACHED_TOKENS = 1000
_LONGEST_CACHED = 4096
_NESTED = 3
# The engine compares schemes by case; these are the spellings that are in use.
_SCHEMES = ("Bearer ", "bearer ", "BEARER ")


def looked_up(issuer_and_client: str) -> str:
    """What the look-up finds for ``<issuer> <client>``."""
    return f"{KIND} {issuer_and_client}"


def prepare(jwt: JwtAuth | None) -> Iterable[Step]:
    """Steps before the token is read: what only a token may say is removed."""
    return [remove(header) for _, header in jwt.claim_headers] if jwt else ()


def filters(api: ApiIR) -> list[tuple[str, Any]]:
    """The verifier, and the check of claims where one is wanted."""
    jwt = api.jwt
    if jwt is None:
        return []
    written = sorted(templates.claims_of(api) | {claim for claim, _ in jwt.claim_headers})
    bad = [*_lacking(jwt), *(claims.broken(claim) for claim in written)]
    if not jwt.hide:  # of two tokens the upstream might read the one that nobody verified
        bad.append({"header": {"name": "authorization", "string_match": {"contains": ","}}})
    checks = [access.refuse(Refusal.TOKEN_INVALID, what=claims.any_of(*bad))] if bad else []
    return [("jwt", _verifier(api, jwt, payload=bool(bad) or _asks_claims(api))), *checks]


def conclude(jwt: JwtAuth | None, look_up: Written) -> Iterable[Step]:
    """Steps that have the token's client looked up, if one was sent."""
    return look_up(KIND, f"%REQ({ISSUER})%", f"%REQ({ISSUER})% %REQ({TOKEN_CLIENT})%") if jwt else ()


def _asks_claims(api: ApiIR) -> bool:
    """Whether anything behind the verifier looks at the token: what nobody reads is not unpacked."""
    policies = [version.policies for version in api.versions]
    policies += [route.policies for version in api.versions for route in version.routes]
    limits = [limit for plan in api.plans for limit in plan.rate_limits]
    limits += [limit for item in policies for limit in item.rate_limits or ()]
    return any(item.scopes for item in policies) or any(limit.by is LimitBy.CLAIM for limit in limits)


def _verifier(api: ApiIR, jwt: JwtAuth, *, payload: bool) -> Any:
    places = [(TOKEN, "")] if api.introspection else [("authorization", scheme) for scheme in _SCHEMES]
    headers = [config_pb2.JwtHeader(name=name, value_prefix=prefix) for name, prefix in places]
    message = config_pb2.JwtAuthentication()
    for issuer in jwt.issuers:
        provider = message.providers[issuer.id]
        provider.CopyFrom(_provider(jwt, issuer))
        provider.from_headers.extend(headers)
        if payload:
            provider.payload_in_metadata = claims.PAYLOAD
            provider.normalize_payload_in_metadata.space_delimited_claims.append(jwt.scope_claim)
    rule = message.rules.add()
    rule.match.prefix = "/"
    for issuer in jwt.issuers:
        rule.requires.requires_any.requirements.add(provider_name=issuer.id)
    # A call without a token is refused by the look-up, unless another way or anonymous calls are accepted.
    rule.requires.requires_any.requirements.add().allow_missing.SetInParent()
    return wire.pack(message)


def _provider(jwt: JwtAuth, issuer: JwtIssuer) -> Any:
    provider = config_pb2.JwtProvider(
        issuer=issuer.issuer,
        audiences=issuer.audiences,
        require_expiration=True,
        clock_skew_seconds=jwt.clock_skew_seconds,
        forward=True,
    )
    provider.local_jwks.inline_string = key_sets.narrowed(issuer)
    provider.jwt_cache_config.jwt_cache_size = _CACHED_TOKENS
    provider.jwt_cache_config.jwt_max_token_size = _LONGEST_CACHED
    for claim, header in (("iss", ISSUER), (issuer.client_claim, TOKEN_CLIENT), *jwt.claim_headers):
        provider.claim_to_headers.append(_to_header(claim, header))
    return provider


def _to_header(claim: str, header: str) -> Any:
    """By path segments, so that a claim may have any name; that field is younger than our protobuf package."""
    message = config_pb2.JwtClaimToHeader(header_name=header)
    segments = (wire.field(_NESTED, wire.field(1, key.encode())) for key in claims.segments(claim))
    message.MergeFromString(b"".join(segments))
    return message


def _lacking(jwt: JwtAuth) -> list[access.Condition]:
    """Tokens that lack a claim which their issuer's tokens must have."""
    return [
        claims.all_of(claims.equals("iss", issuer.issuer), claims.negated(claims.all_of(*_pairs(issuer))))
        for issuer in jwt.issuers
        if issuer.required_claims
    ]


def _pairs(issuer: JwtIssuer) -> list[Any]:
    return [claims.holds(claim, value) for claim, value in issuer.required_claims]
