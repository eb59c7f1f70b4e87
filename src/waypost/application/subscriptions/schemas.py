"""What goes in and out of subscriptions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from waypost.application.owners import OwnerRef
from waypost.kit.text import ANY_TEXT


class Side(StrEnum):
    """From which side one looks: as whoever calls, or as whoever offers."""

    CONSUMER = "consumer"
    PROVIDER = "provider"


class SubscriptionCreate(BaseModel):
    """Ask for an API with an app, on a plan."""

    model_config = ConfigDict(extra="forbid")

    app_id: str = Field(max_length=40)
    api_id: str = Field(max_length=63, description="Id or slug.")
    plan_id: str = Field(max_length=40)


class SubscriptionUpdate(BaseModel):
    """Change to another plan of the same API."""

    model_config = ConfigDict(extra="forbid")

    plan_id: str = Field(max_length=40)


class ApproveNote(BaseModel):
    """A word to the consumer."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: str = Field(default="", max_length=1000, pattern=ANY_TEXT)


class RefuseReason(BaseModel):
    """Why not; the consumer reads it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: str = Field(
        min_length=1, max_length=1000, pattern=ANY_TEXT, examples=["Please describe what the data is used for."]
    )


class AppRef(BaseModel):
    """The app of a subscription."""

    id: str
    name: str
    owner: OwnerRef


class ApiRef(BaseModel):
    """The API of a subscription."""

    id: str
    slug: str
    name: str


class PlanRef(BaseModel):
    """The plan version that was promised."""

    id: str
    slug: str
    name: str
    version_id: str
    number: int


class PersonRef(BaseModel):
    """Somebody who did something."""

    id: str
    name: str


class QuotaRead(BaseModel):
    """How much of one of the plan's quotas is used in the window that runs now."""

    limit: int
    window: str = Field(examples=["day"])
    unit: str = Field(description="requests, bytes or header.", examples=["requests"])
    header: str = Field(description="The response header that is counted by, where `unit` is a header.", examples=[""])
    rolling: bool = Field(description="The time before now instead of the calendar's (UTC).")
    used: float
    overage: float = Field(description="What was used beyond the limit.")
    soft_limit: float = Field(description="Where a warning comes; 0 = no warning.")
    stops: bool = Field(description="Calls are refused at the limit; else they pass and count as overage.")
    exhausted: bool = Field(description="Calls are refused now.")
    resets_at: datetime


class SubscriptionRead(BaseModel):
    """A subscription; ``reason`` is what the approver said."""

    id: str
    app: AppRef
    api: ApiRef
    plan: PlanRef
    state: str = Field(description="pending, active, refused or cancelled.", examples=["active"])
    reason: str
    requested_by: PersonRef
    decided_by: PersonRef | None
    decided_at: datetime | None
    quotas: list[QuotaRead]
    quota: QuotaRead | None = Field(description="The first of `quotas`.")
    demo: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = Field(examples=[["cancel", "change_plan"]])


class GatewayRef(BaseModel):
    """A gateway by name."""

    id: str
    name: str


class GrantCredentialRef(BaseModel):
    """The key a grant is for."""

    id: str
    prefix: str


class GrantRead(BaseModel):
    """One key of this subscription on one gateway."""

    id: str
    gateway: GatewayRef
    credential: GrantCredentialRef
    state: str = Field(description="pending, live, exhausted, drifted or revoked.", examples=["live"])
    revision: int
    updated_at: datetime
