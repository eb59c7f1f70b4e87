"""Who is calling. Every way that an API accepts leads to a grant: app, subscription and plan.

An API may accept several ways at once (any of them): what a caller sent decides which one is asked, in the order
certificate, token, password, key. A credential that is sent and wrong is refused even where anonymous calls pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from waypost.kit.crypto import Secret

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "HS256"),
)
"""Signatures a token may bear (RFC 7518, RFC 8037). ``none`` is not one of them and never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAuth:
    """Where a key is looked for, first non-empty place wins in the order header, query, cookie.

    ``header``, ``query``, ``cookie`` are names, empty = not there. A header value may carry the scheme ``Bearer ``
    where ``header`` is ``authorization``. With ``hide`` the key is removed from every place before the upstream.
    """

    header: str = "x-api-key"
    query: str = ""
    cookie: str = ""
    hide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtIssuer:
    """One issuer of tokens. ``jwks`` is a JWK Set (RFC 7517) as JSON text with public keys only, kept fresh by the hub.

    ``secret`` is the shared secret of HS256 and of nothing else. A token is taken when its ``iss`` equals ``issuer``,
    one of its ``aud`` is in ``audiences`` (empty = not asked), its ``alg`` is in ``algorithms`` and fits the key, and
    every pair of ``required_claims`` (claim, value) is in it. ``client_claim`` names the claim that tells the client;
    the grant's value is ``<issuer> <client>`` with one space between.

    ``required_algorithms`` are those that somebody asked for by name. Of the others an engine may leave out what it
    cannot verify (:func:`.needs.left_out`): an issuer's key set changes without a word from anybody.
    """

    id: str
    issuer: str
    jwks: str = '{"keys":[]}'
    secret: Secret | None = None
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    audiences: tuple[str, ...] = ()
    required_claims: tuple[tuple[str, str], ...] = ()
    client_claim: str = "client_id"
    required_algorithms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtAuth:
    """Signed tokens in ``Authorization: Bearer`` (RFC 6750, RFC 7519).

    ``claim_headers`` are pairs (claim, request header) for the upstream; what a client sends under such a name is
    removed. ``scope_claim`` holds the scopes, space-separated text or a list. ``hide`` keeps the token from the
    upstream. ``exp`` and ``nbf`` are checked with ``clock_skew_seconds`` of grace; a token without ``exp`` is refused.
    """

    issuers: tuple[JwtIssuer, ...]
    claim_headers: tuple[tuple[str, str], ...] = ()
    scope_claim: str = "scope"
    clock_skew_seconds: int = 30
    hide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Introspection:
    """Opaque tokens in ``Authorization: Bearer``, asked for at ``url`` (RFC 7662) with the gateway's own client.

    By its nature this asks another server; answers are kept for ``cache_seconds``, never beyond the token's ``exp``.
    ``issuer`` names the tokens' issuer in grants (``<issuer> <client_id>``). When the server cannot be asked the call
    is refused with 503.
    """

    url: str
    issuer: str
    client_id: str
    client_secret: Secret
    cache_seconds: int = 60
    timeout_ms: int = 2_000
    hide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """User name and password in ``Authorization: Basic`` (RFC 7617); grants hold ``user:password``."""

    hide: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MutualTls:
    """A client certificate on the gateway's TLS listener, known by the SHA-256 fingerprint in a grant.

    ``fingerprints`` (lower-case hex) and ``subjects`` (RFC 4514 text, exact) narrow which may be used; empty = all that
    the listener's authority signed.
    """

    subjects: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """Whether a call without any credential passes. It then has no app and no plan; route limits still hold."""

    allowed: bool = True
