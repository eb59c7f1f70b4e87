"""What the routes of organisations, teams and members take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from waypost.kit.text import ANY_TEXT, ONE_LINE, SLUG_PATTERN

TeamRole = Literal["owner", "maintainer", "developer", "viewer"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=ONE_LINE)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Text = Annotated[str, StringConstraints(max_length=5000, pattern=ANY_TEXT)]


class Input(BaseModel):
    """Base of what comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class OrganisationCreate(Input):
    """A company or department that has teams."""

    name: Name
    slug: Slug | None = None


class OrganisationUpdate(Input):
    """What may change."""

    name: Name | None = None
    slug: Slug | None = None


class OrganisationRead(BaseModel):
    """An organisation."""

    id: str
    slug: str
    name: str
    teams_count: int
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str]


class OrganisationRef(BaseModel):
    """An organisation by name."""

    id: str
    slug: str
    name: str


class TeamCreate(Input):
    """A team. Without a slug one is made of the name; without an organisation it joins the first."""

    name: Name = Field(examples=["Payments"])
    slug: Slug | None = Field(default=None, examples=["payments"])
    organisation_id: str | None = Field(default=None, max_length=40)
    description: Text = ""


class TeamUpdate(Input):
    """What may change."""

    name: Name | None = None
    slug: Slug | None = None
    description: Text | None = None


class TeamRead(BaseModel):
    """A team."""

    id: str
    slug: str
    name: str
    organisation: OrganisationRef
    description: str
    demo: bool
    members_count: int
    role: str | None = Field(description="The caller's own role in it")
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field(description="update, delete, manage_members, create_api, create_app")


class MemberUpdate(Input):
    """The role to give."""

    role: TeamRole


class MemberRead(BaseModel):
    """Somebody in a team."""

    user_id: str
    name: str
    email: str
    role: str
    state: str


class RoleRead(BaseModel):
    """One row of the permission table."""

    level: Literal["hub", "personal", "team"]
    role: str
    permissions: list[str]


class RolesRead(BaseModel):
    """The whole permission table, and the scopes that access tokens may carry."""

    roles: list[RoleRead]
    scopes: list[str]
