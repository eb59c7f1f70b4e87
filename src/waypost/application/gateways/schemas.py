"""What goes in and out of gateways and deployments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from waypost.application.gateways.settings import GatewayOptions
from waypost.contracts.vocab import Engine
from waypost.kit.text import ONE_LINE, SLUG_PATTERN, shape


def _origin(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("this must be an absolute http or https address without user, query or fragment")
    return value.rstrip("/")


class GatewayCreate(BaseModel):
    """A gateway to be enrolled."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=100, pattern=ONE_LINE, examples=["Edge Frankfurt"])
    slug: str | None = Field(default=None, pattern=SLUG_PATTERN, description="Made from the name when not given.")
    engine: Engine = Engine.ENVOY
    region: str = Field(default="", max_length=50, pattern=ONE_LINE, examples=["eu-central"])
    environment: str = Field(default="production", max_length=50, pattern=ONE_LINE)
    mode: str = Field(default="remote", pattern=shape("^(embedded|remote)$", "`embedded` or `remote`"))
    public_url: str = Field(default="", max_length=2000, pattern=ONE_LINE, examples=["https://api.example.org"])

    _check_url = field_validator("public_url")(_origin)


class GatewayUpdate(BaseModel):
    """Only what is given changes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = Field(default=None, min_length=1, max_length=100, pattern=ONE_LINE)
    region: str | None = Field(default=None, max_length=50, pattern=ONE_LINE)
    environment: str | None = Field(default=None, max_length=50, pattern=ONE_LINE)
    public_url: str | None = Field(default=None, max_length=2000, pattern=ONE_LINE)
    settings: GatewayOptions | None = Field(default=None, description="Replaces all settings.")

    _check_url = field_validator("public_url")(lambda value: value if value is None else _origin(value))


class GatewayHealthRead(BaseModel):
    """What the agent last said of itself and its engine."""

    engine_running: bool = False
    engine_version: str = ""
    agent_version: str = ""
    engine_restarts: int = 0
    spool_batches: int = 0
    spool_bytes: int = 0
    records_dropped: int = 0
    address: str = ""
    applied_apis: int = 0
    up_to_date: bool | None = Field(
        default=None,
        description="It takes calls with the settings that the hub sent since the agent began; null of an older agent.",
    )


class GatewayRead(BaseModel):
    """A gateway. Members who do not administrate see name, address and engine; the rest is null for them."""

    id: str
    slug: str
    name: str
    engine: str
    region: str
    environment: str
    public_url: str
    state: str = Field(description="awaiting (never enrolled), online or offline.", examples=["online"])
    mode: str | None = None
    last_seen_at: datetime | None = None
    health: GatewayHealthRead | None = None
    deployments_count: int | None = None
    grants_revision: int | None = Field(default=None, description="Grants up to here are in force.")
    desired_grants_revision: int | None = Field(default=None, description="Grants up to here are wanted.")
    capabilities: list[str] | None = Field(
        default=None, description="What its engine can do, as its agent says; null while none has said it."
    )
    settings: GatewayOptions | None = None
    held_deletes: list[str] = Field(default_factory=list, description="APIs whose removal waits for a person's yes.")
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str]


class EnrolmentRead(BaseModel):
    """A one-time token and the command that uses it."""

    token: str = Field(description="Works once, until `expires_at`.")
    expires_at: datetime
    command: str


class GuardConfirmation(BaseModel):
    """Until when the gateway may delete more than its guard allows."""

    confirmed_until: datetime


class LackRead(BaseModel):
    """Something that an API asks for and the gateway's engine cannot do."""

    api_id: str
    capability: str = Field(examples=["countries"])
    where: str = Field(description="Where it is asked for.", examples=["GET /orders of Orders v1"])


class NeedRead(BaseModel):
    """Something that a version asks of the gateway that serves it."""

    capability: str = Field(examples=["jwt"])
    where: str = Field(description="Where it is asked for first.", examples=["GET /orders of Orders v1"])


class GatewayLack(NeedRead):
    """Something that a gateway cannot do, with the way out."""

    hint: str


class ObstacleRead(BaseModel):
    """Something to mend before a version can be published, on whichever gateway."""

    pointer: str
    message: str
    hint: str


class DegradationRead(BaseModel):
    """What this engine does not do, and what happens instead."""

    feature: str
    fallback: str


class GatewayOutlook(BaseModel):
    """What publishing to this gateway would meet. Nothing in `lacks` and `obstacles`: it would be taken."""

    id: str
    slug: str
    name: str
    engine: str
    state: str = Field(description="awaiting (never enrolled), online or offline.", examples=["online"])
    published: bool = Field(description="The version is there, or asked for, already.")
    known: bool = Field(description="Its agent has said what its engine can do; else `lacks` is empty for that reason.")
    lacks: list[GatewayLack]
    obstacles: list[ObstacleRead]
    degradations: list[DegradationRead] = Field(description="What it would be served without there.")


class PublishingOutlook(BaseModel):
    """What a version needs, and which gateways can do it."""

    needs: list[NeedRead]
    open: bool = Field(description="Nobody would be asked who is calling: keys are off, and nothing else is taken.")
    gateways: list[GatewayOutlook] = Field(description="All of them, by name.")


class DeploymentCreate(BaseModel):
    """Publish a version to a gateway."""

    model_config = ConfigDict(extra="forbid")

    gateway_id: str = Field(max_length=63, description="Id or slug.")


class DeploymentGateway(BaseModel):
    """The gateway of a deployment."""

    id: str
    slug: str
    name: str
    public_url: str


class DeploymentRead(BaseModel):
    """A version on a gateway: wanted, applied, observed."""

    id: str
    version_id: str
    api_id: str
    gateway: DeploymentGateway
    state: str = Field(description="pending, live, quarantined, withdrawing or withdrawn.", examples=["live"])
    url: str = Field(description="Where it answers.", examples=["https://api.example.org/weather"])
    desired_hash: str
    applied_hash: str
    reason: str = Field(description="Why it is quarantined.")
    degradations: list[DegradationRead]
    requested_at: datetime
    live_at: datetime | None
    live_after_ms: int | None
    verified: bool
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str]


class IrRead(BaseModel):
    """The compiled intermediate representation, secrets redacted."""

    ir: dict[str, Any]
