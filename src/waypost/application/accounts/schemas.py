"""What people's routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from waypost.application.access import SCOPES
from waypost.kit.text import ONE_LINE, shape

HubRole = Literal["administrator", "auditor", "member"]
EMAIL = shape(r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}$", "an e-mail address such as `ada@example.org`")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=ONE_LINE)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=EMAIL)]
Password = Annotated[str, Field(max_length=1000, description="12 characters or more; any characters")]


class Input(BaseModel):
    """Base of what comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class UserRead(BaseModel):
    """A person."""

    id: str
    email: str
    name: str
    slug: str
    hub_role: str
    state: str = Field(description="active | disabled")
    has_password: bool
    last_login_at: datetime | None
    demo: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field(default=[], description="What the caller may do: update, delete, one_time_login")


class UserCreate(Input):
    """A new person; they sign in by the link in the answer."""

    email: Email = Field(examples=["ada@example.org"])
    name: Name = Field(examples=["Ada Lovelace"])
    hub_role: HubRole = "member"


class UserUpdate(Input):
    """What an administrator changes of a person."""

    email: Email | None = None
    name: Name | None = None
    hub_role: HubRole | None = None
    state: Literal["active", "disabled"] | None = None


class MeUpdate(Input):
    """What people change of themselves."""

    name: Name | None = None
    email: Email | None = None


class PasswordChange(Input):
    """The present password is not needed while one has to be set after a one-time login."""

    current_password: str | None = Field(default=None, max_length=1000)
    new_password: Password


class OneTimeLogin(BaseModel):
    """A link that signs in once."""

    one_time_login_url: str
    expires_at: datetime


class UserCreated(OneTimeLogin):
    """The new person and the link to hand over."""

    user: UserRead


class SessionCreate(Input):
    """E-mail and password, or the token of a one-time link."""

    email: Email | None = None
    password: str | None = Field(default=None, max_length=1000)
    one_time_token: str | None = Field(default=None, max_length=200)


class Signup(Input):
    """A new account where the hub's sign-up is open."""

    email: Email
    name: Name
    password: Password


class SignedUp(BaseModel):
    """The same for every address."""

    message: str = Field(description="What to do now, for people")


class Membership(BaseModel):
    """A team of the signed-in person."""

    team_id: str
    team_slug: str
    team_name: str
    role: str


class SessionRead(BaseModel):
    """Who is signed in. Send `csrf_token` as `X-CSRF-Token` with every unsafe request of the cookie session."""

    user: UserRead
    csrf_token: str = Field(description="Empty when an access token was used")
    hub_role: str
    memberships: list[Membership]
    must_set_password: bool
    permissions: list[str] = Field(description="What the hub role and own entity allow, less what the token lacks")


class SessionInfo(BaseModel):
    """One signed-in browser."""

    id: str
    current: bool
    address: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class TokenCreate(Input):
    """A personal access token."""

    name: Name = Field(examples=["CI"])
    scopes: list[str] = Field(min_length=1, max_length=len(SCOPES), examples=[["catalog:read", "catalog:write"]])
    expires_at: AwareDatetime | None = None

    @field_validator("scopes")
    @classmethod
    def _known(cls, scopes: list[str]) -> list[str]:
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown:
            raise ValueError(f"unknown scopes: {', '.join(unknown)[:200]}; known are {', '.join(SCOPES)}")
        return sorted(set(scopes))


class TokenRead(BaseModel):
    """A personal access token without its value."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class TokenCreated(TokenRead):
    """The only time the value is shown."""

    token: str
