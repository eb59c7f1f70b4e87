"""What goes in and out of issuers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictInt, StringConstraints

from waypost.application.owners import OwnerRef
from waypost.kit.text import ONE_LINE, PRINTABLE, shape

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256"]
CLAIM = shape(r"^[A-Za-z0-9_.:/-]+$", "letters, digits and `_ . : / -` only, such as `client_id`")
ISSUER = shape(r"^[\x21-\x7e]+$", "an address without spaces, such as `https://login.example.org`")
Claim = Annotated[str, StringConstraints(pattern=CLAIM, max_length=100)]
Url = Annotated[str, StringConstraints(pattern=PRINTABLE, max_length=2000)]
Audience = Annotated[str, StringConstraints(pattern=PRINTABLE, max_length=500)]
PROOF = "The `aud` of tokens that prove a client to be somebody's; empty = the hub's address. No API should take it."
HTTP = "Fetch keys without TLS. Only administrators may say so."
DEFAULT_ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "EdDSA")


class IssuerKeys(BaseModel):
    """Where the keys come from: exactly one of the five; none at all means discovery at the usual place."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    discovery_url: Url = Field(default="", description="OpenID Connect or RFC 8414 metadata, which names the keys.")
    jwks_url: Url = Field(default="", description="Address of the JWK Set.")
    jwks: str = Field(
        default="",
        max_length=262_144,
        description="The JWK Set itself; it is never refreshed; algorithms allowed later need it again.",
    )
    shared_secret: SecretStr = Field(
        default=SecretStr(""), max_length=1000, description="For HS256 only: at least 32 bytes. It is not shown again."
    )
    opaque: StrictBool = Field(
        default=False, description="There are none: gateways ask about its tokens (policy `introspection`)."
    )


class IssuerCreate(IssuerKeys):
    """A new issuer. ``owner_id`` empty = the hub's own list, for every API."""

    url: Annotated[str, StringConstraints(pattern=ISSUER, max_length=500)] = Field(
        description="The `iss` of its tokens, to the letter. It cannot be changed later.",
        examples=["https://login.example.org"],
    )
    name: str = Field(default="", max_length=100, pattern=ONE_LINE, description="For people; empty = the URL.")
    owner_id: str = Field(default="", max_length=40, description="A team; empty = the hub.")
    allow_http: StrictBool = Field(default=False, description=HTTP)
    algorithms: list[Algorithm] = Field(
        default=list(DEFAULT_ALGORITHMS), min_length=1, description="Signatures that its tokens may bear."
    )
    client_claim: Claim = Field(
        default="client_id", description="The claim that tells the client.", examples=["azp", "client_id", "sub"]
    )
    proof_audience: Audience = Field(default="", description=PROOF)
    refresh_seconds: StrictInt = Field(default=300, ge=30, le=86_400, description="How often its keys are fetched.")


class IssuerUpdate(IssuerKeys):
    """Only what is given changes; a new place for the keys replaces the old one."""

    name: str | None = Field(default=None, max_length=100, min_length=1, pattern=ONE_LINE)
    algorithms: list[Algorithm] | None = Field(default=None, min_length=1)
    client_claim: Claim | None = None
    proof_audience: Audience | None = Field(default=None, description=PROOF)
    refresh_seconds: StrictInt | None = Field(default=None, ge=30, le=86_400)
    allow_http: StrictBool | None = Field(default=None, description=HTTP)


class IssuerKeyRead(BaseModel):
    """A key as people tell keys apart."""

    kid: str
    kty: str = Field(examples=["EC"])
    alg: str = Field(description="Empty = any that fits the type.", examples=["ES256"])


class IssuerRead(BaseModel):
    """An issuer with the keys last known. ``address`` and ``error`` only for who may change it."""

    id: str
    owner: OwnerRef | None = Field(description="null = the hub's, for every API")
    name: str
    url: str
    source: str = Field(description="discovery, jwks_url, jwks, secret or opaque.", examples=["discovery"])
    address: str
    allow_http: bool
    algorithms: list[str]
    client_claim: str
    proof_audience: str = Field(description=PROOF)
    refresh_seconds: int
    keys: list[IssuerKeyRead]
    state: str = Field(description="ready; or failing: the last good keys go on.", examples=["ready"])
    error_code: str = Field(description="Why the last refresh failed.", examples=["fetch_timeout"])
    error: str
    checked_at: datetime | None = Field(description="When the keys were last asked for.")
    fetched_at: datetime | None = Field(description="When good keys last came.")
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field(examples=[["update", "refresh", "delete"]])
