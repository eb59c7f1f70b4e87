"""What goes in and out of apps and credentials."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, StrictInt

from waypost.application.grants.kinds import AppCredentialKind
from waypost.application.owners import OwnerRef
from waypost.kit.text import ANY_TEXT, ONE_LINE, PRINTABLE


class AppCreate(BaseModel):
    """A new app. ``owner_id`` empty = the caller."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=100, pattern=ONE_LINE, examples=["Trip planner"])
    description: str = Field(default="", max_length=5000, pattern=ANY_TEXT)
    owner_id: str = Field(default="", max_length=40, description="A user or team; empty is the caller.")


class AppUpdate(BaseModel):
    """Only what is given changes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = Field(default=None, min_length=1, max_length=100, pattern=ONE_LINE)
    description: str | None = Field(default=None, max_length=5000, pattern=ANY_TEXT)


class AppRead(BaseModel):
    """An app as its owner sees it."""

    id: str
    name: str
    description: str
    owner: OwnerRef
    demo: bool
    credentials_count: int = Field(description="Credentials that work now.")
    subscriptions_count: int = Field(description="Subscriptions that are pending or active.")
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field(description="What the caller may do with it.", examples=[["update", "delete"]])


CHALLENGE = "`certificate`: the challenge that was signed."
SIGNATURE = "`certificate`: the proof, its key's signature (SHA-256) over the challenge, in Base64."


class CredentialCreate(BaseModel):
    """A new credential. What it takes depends on its kind; the hub makes keys, passwords and client secrets itself."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    kind: AppCredentialKind = Field(default=AppCredentialKind.KEY)
    name: str = Field(default="", max_length=100, pattern=ONE_LINE, examples=["production"])
    expires_at: AwareDatetime | None = Field(default=None, description="When it stops working; null = never.")
    issuer: str = Field(
        default="", max_length=500, description="`external_client`: id or URL of the issuer; a token names it itself."
    )
    client_id: str = Field(
        default="",
        max_length=255,
        pattern=PRINTABLE,
        description="`external_client`: the id it has there; a token names it itself.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        max_length=16_384,
        description="`external_client`: the proof, an access token of the client for this hub. It is not kept.",
    )
    certificate: str = Field(
        default="", max_length=16_384, description="`certificate`: the client's certificate in PEM, without its key."
    )
    fingerprint: str = Field(
        default="",
        max_length=200,
        description="`certificate`: its SHA-256 fingerprint instead, where no proof is given.",
    )
    challenge: str = Field(default="", max_length=1000, description=CHALLENGE)
    signature: str = Field(default="", max_length=4000, description=SIGNATURE)


class CredentialRotate(BaseModel):
    """How long the old credential keeps working beside the new one; a certificate is followed by the one given."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    overlap_seconds: StrictInt = Field(default=0, ge=0, description="0 ends the old one at once.", examples=[86400])
    certificate: str = Field(default="", max_length=16_384, description="`certificate`: the next one, in PEM.")
    fingerprint: str = Field(default="", max_length=200, description="`certificate`: the next one's fingerprint.")
    challenge: str = Field(default="", max_length=1000, description=CHALLENGE)
    signature: str = Field(default="", max_length=4000, description=SIGNATURE)


class ChallengeRead(BaseModel):
    """What shows that a credential is the caller's."""

    challenge: str = Field(
        description="A certificate's key signs this, as it stands here, for this app and the caller."
    )
    ends_at: datetime = Field(description="Until when the signature is taken.")
    audience: str = Field(
        description="The `aud` of a token that proves a client, unless its issuer has another.",
        examples=["https://apis.example.org"],
    )


class CredentialRead(BaseModel):
    """A credential without its secret."""

    id: str
    app_id: str
    kind: AppCredentialKind
    name: str
    prefix: str = Field(description="The first characters, to tell credentials apart.", examples=["k_a7Q2xW9b"])
    identifier: str = Field(description="User name, client id or fingerprint; empty for a key.", examples=[""])
    issuer: str = Field(description="Of a client: the URL of its issuer.", examples=[""])
    subject: str = Field(description="Of a certificate that was uploaded: its subject.", examples=[""])
    proven: bool = Field(
        description="The hub made it, or its possession was shown; else it is taken over by an app that shows that."
    )
    state: str = Field(description="active, rotating, revoked, expired or taken_over.", examples=["active"])
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    created_at: datetime
    may: list[str] = Field(examples=[["rotate", "revoke"]])


class CredentialCreated(CredentialRead):
    """A credential with its secret, which is shown this once. Of the fields, those of its kind are filled."""

    key: str = Field(description="`key`: the key itself. It is shown now and never again.")
    username: str = Field(description="`basic`: the user name.")
    password: str = Field(description="`basic`: the password. It is shown now and never again.")
    client_id: str = Field(description="`oauth_client`: the client's id.")
    client_secret: str = Field(description="`oauth_client`: its secret. It is shown now and never again.")
    token_url: str = Field(description="`oauth_client`: where it gets its access tokens.")


class CredentialRotated(CredentialCreated):
    """The new credential, with the old one beside it."""

    old: CredentialRead
