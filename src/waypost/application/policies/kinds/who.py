"""Who is calling: the ways of authentication that an API takes. Any one that is enabled is enough."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints

from waypost.application.policies.kinds.base import EVERYWHERE, WHOLE_API, Config, KindInfo
from waypost.application.policies.kinds.fields import (
    Claim,
    ClaimValue,
    Fingerprint,
    Line,
    OptionalHeader,
    OptionalParameter,
)
from waypost.application.policies.names import FRAMING, HOP_BY_HOP, INTERNAL_PREFIXES, EditableHeader, HeaderValue
from waypost.contracts.ir.sound import SENT
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.kit.errors import FieldError

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256"]


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or not value.isascii() or any(char in value for char in " \\#\"'{}\t\r\n"):
        raise ValueError("this must be an absolute http or https address")
    if "@" in value.split("/")[2]:
        raise ValueError("an address has no user name or password; use the fields for them")
    return value


class KeyAuthConfig(Config):
    """Where callers put their key. The first place with a value decides: header, query, cookie."""

    enabled: StrictBool = Field(
        True, description="Off: keys are not taken. With no other way the API is open to everybody."
    )
    header: OptionalHeader = Field("x-api-key", description="Header name; empty = not in a header.")
    query: OptionalParameter = Field("", description="Query parameter; empty = not in the query.")
    cookie: OptionalParameter = Field("", description="Cookie name; empty = not in a cookie.")
    hide: StrictBool = Field(True, description="Remove the key from every place before the upstream sees the request.")


class RequiredClaim(Config):
    """A claim that a token must have, with exactly this value (or this among its values)."""

    claim: Claim
    value: ClaimValue


class TokenIssuer(Config):
    """An issuer whose tokens are taken."""

    issuer: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="The id of an issuer, or `hub` for tokens of this hub.",
        examples=["hub"],
        json_schema_extra={"format": "issuer"},
    )
    algorithms: list[Algorithm] = Field([], max_length=11, description="Narrower than the issuer's own; empty = all.")
    audiences: list[Line] = Field(
        [], max_length=20, description="One of them must be in `aud`. Empty: the API itself (`hub`), or not asked."
    )
    required_claims: list[RequiredClaim] = Field([], max_length=20, description="All of them must be in the token.")


class ClaimHeader(Config):
    """A claim that the upstream gets in a header; what callers send under that name is removed."""

    claim: Claim
    header: EditableHeader


class JwtConfig(Config):
    """Signed tokens in `Authorization: Bearer` (RFC 7519)."""

    enabled: StrictBool = Field(True, description="Off: signed tokens are not taken here.")
    issuers: list[TokenIssuer] = Field([], max_length=20, description="Whose tokens are taken.")
    scope_claim: Claim = Field("scope", description="The claim that holds the scopes.")
    claim_headers: list[ClaimHeader] = Field([], max_length=20, description="Claims that the upstream gets.")
    clock_skew_seconds: StrictInt = Field(30, ge=0, le=300, description="Grace for `exp` and `nbf`.")
    hide: StrictBool = Field(True, description="Remove the token before the upstream sees the request.")


class IntrospectionConfig(Config):
    """Opaque tokens in `Authorization: Bearer`; the gateway asks their issuer about each (RFC 7662)."""

    enabled: StrictBool = Field(True, description="Off: opaque tokens are not taken here.")
    url: Annotated[str, StringConstraints(max_length=2000), AfterValidator(lambda v: _address(v) if v else v)] = Field(
        "", description="The introspection endpoint.", examples=["https://login.example/introspect"]
    )
    issuer: Annotated[str, StringConstraints(max_length=500), AfterValidator(lambda v: _address(v) if v else v)] = (
        Field("", description="The issuer's name in the credentials of apps.", examples=["https://login.example"])
    )
    client_id: HeaderValue = Field("", description="The gateway's own client there.")
    client_secret: HeaderValue = Field(
        "",
        description="Kept sealed and never shown; empty = the one that is kept.",
        json_schema_extra={"writeOnly": True, "format": "password"},
    )
    cache_seconds: StrictInt = Field(60, ge=0, le=3600, description="How long an answer is kept, never beyond `exp`.")
    timeout_ms: StrictInt = Field(2000, ge=50, le=30_000, description="How long the endpoint may take; then 503.")
    hide: StrictBool = Field(True, description="Remove the token before the upstream sees the request.")


class BasicConfig(Config):
    """User name and password in `Authorization: Basic` (RFC 7617)."""

    enabled: StrictBool = Field(True, description="Off: passwords are not taken here.")
    hide: StrictBool = Field(True, description="Remove the password before the upstream sees the request.")


class MutualTlsConfig(Config):
    """A client certificate on the gateway's TLS listener."""

    enabled: StrictBool = Field(True, description="Off: certificates are not taken here.")
    subjects: list[Line] = Field([], max_length=100, description="Subjects (RFC 4514) that may call; empty = all.")
    fingerprints: list[Fingerprint] = Field([], max_length=100, description="SHA-256 that may call; empty = all.")


class AnonymousConfig(Config):
    """Whether a call without any credential passes. It has no app and no plan."""

    allowed: StrictBool = Field(True, description="A credential that is sent and wrong is refused even so.")


def _key_auth(config: KeyAuthConfig, _level: PolicyLevel) -> list[FieldError]:
    if config.enabled and not (config.header or config.query or config.cookie):
        return [
            FieldError("/config/header", "no place is left where a key could be", "Name a header, query or cookie.")
        ]
    if config.header in HOP_BY_HOP | FRAMING | {"cookie"} or config.header.startswith(INTERNAL_PREFIXES):
        return [FieldError("/config/header", f"`{config.header}` has another meaning", "Use a header like x-api-key.")]
    if config.header and not SENT.fullmatch(config.header):
        message = f"gateways take no `{config.header}` from callers: its name has more than letters, digits and hyphens"
        return [FieldError("/config/header", message, "Use a header like x-api-key.")]
    return []


def _jwt(config: JwtConfig, _level: PolicyLevel) -> list[FieldError]:
    errors = []
    if config.enabled and not config.issuers:
        errors.append(FieldError("/config/issuers", "no issuer is named", "Name one, such as `hub`."))
    for field, names in (
        ("issuers", [item.issuer for item in config.issuers]),
        ("claim_headers", [item.header for item in config.claim_headers]),
    ):
        errors += [
            FieldError(f"/config/{field}/{index}", f"`{name}` is there twice", "Keep one of them.")
            for index, name in enumerate(names)
            if name in names[:index]
        ]
    return errors


def _introspection(config: IntrospectionConfig, _level: PolicyLevel) -> list[FieldError]:
    wanted = ("url", "issuer", "client_id") if config.enabled else ()
    return [
        FieldError(f"/config/{name}", "introspection needs this", "Fill it in, or switch `enabled` off.")
        for name in wanted
        if not getattr(config, name)
    ]


KINDS = (
    KindInfo(PolicyKind.KEY_AUTH, "API key", WHOLE_API, KeyAuthConfig, _key_auth),
    KindInfo(PolicyKind.JWT, "Signed tokens (JWT)", WHOLE_API, JwtConfig, _jwt),
    KindInfo(PolicyKind.INTROSPECTION, "Token introspection", WHOLE_API, IntrospectionConfig, _introspection),
    KindInfo(PolicyKind.BASIC, "User name and password", WHOLE_API, BasicConfig),
    KindInfo(PolicyKind.MTLS, "Client certificate (mutual TLS)", WHOLE_API, MutualTlsConfig),
    KindInfo(PolicyKind.ANONYMOUS, "Anonymous calls", EVERYWHERE, AnonymousConfig),
)
