"""What goes in and out of apps and credentials."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
ANY_TEXT = r"^[^\x00]*$"


class OwnerRef(BaseModel):
    """Who owns something: a user or a team."""

    id: str = Field(examples=["team_01jd0000000000000000000000"])
    kind: str = Field(examples=["team"])
    slug: str = Field(examples=["payments"])
    name: str = Field(examples=["Payments"])


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


class CredentialCreate(BaseModel):
    """A new key."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(default="", max_length=100, pattern=ONE_LINE, examples=["production"])
    expires_at: AwareDatetime | None = Field(default=None, description="When it stops working; null = never.")


class CredentialRotate(BaseModel):
    """How long the old key keeps working beside the new one."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: int = Field(default=0, ge=0, description="0 ends the old key at once.", examples=[86400])


class CredentialRead(BaseModel):
    """A key without its value."""

    id: str
    app_id: str
    name: str
    prefix: str = Field(description="The first characters of the key, to tell keys apart.", examples=["k_a7Q2xW9b"])
    state: str = Field(description="active, rotating, revoked or expired.", examples=["active"])
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    created_at: datetime
    may: list[str] = Field(examples=[["rotate", "revoke"]])


class CredentialCreated(CredentialRead):
    """A key with its value, which is shown this once."""

    key: str = Field(description="The key itself. It is shown now and never again.")


class CredentialRotated(CredentialCreated):
    """The new key, with the old one beside it."""

    old: CredentialRead
