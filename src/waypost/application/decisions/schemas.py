"""What explaining and simulating take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StrictInt,
    StringConstraints,
)

from waypost.application.analytics.schemas import NamedRef, OperationRef
from waypost.application.decisions.addresses import parsed
from waypost.kit.text import shape

Result = Literal["allowed", "refused", "unknown"]
Side = Literal["consumer", "provider", "administrator"]


class FactRead(BaseModel):
    """Something that was looked at."""

    name: str = Field(examples=["quota_used"])
    value: Any


class PlaceRead(BaseModel):
    """Where a policy stands: ``level`` hub, team, api, version, operation or plan; ``default`` = built in."""

    level: str
    id: str
    name: str


class DecidedBy(BaseModel):
    """The policy that decided, and where it came from."""

    kind: str = Field(examples=["rate_limit"])
    title: str
    place: PlaceRead
    part: str = Field("", description="The part of the policy that decided, as a JSON pointer; empty = all of it.")
    revision: int | None = Field(None, description="Its revision now; of a plan the number of its version.")
    attached_at: datetime | None = None
    attached_by: NamedRef | None = Field(None, description="Who set it last before the call; for the provider's side.")
    locked: bool = False
    changed_since: bool = Field(False, description="It was changed, moved or taken away after the call.")
    config: dict[str, Any] | None = Field(None, description="As it is now; for the provider's side.")


class StepRead(BaseModel):
    """One step of the order of execution."""

    name: str
    verdict: str = Field(description="passed, refused, answered (by the gateway itself) or unknown.")
    kind: str | None = Field(description="The policy kind that was asked; null = none.")
    text: str
    facts: list[FactRead]


class NowRead(BaseModel):
    """What would become of the same call now."""

    result: Result
    status: int | None
    code: str
    text: str
    same: bool = Field(description="As then.")


class DecisionRead(BaseModel):
    """Why a call was let through or refused."""

    decision_id: str
    at: datetime
    result: Result
    status: int
    code: str = Field(description="Empty = let through.")
    title: str
    seen_as: Side
    api: NamedRef | None
    operation: OperationRef | None
    app: NamedRef | None
    gateway: NamedRef | None
    decided_by: DecidedBy | None = Field(
        description="null: no policy decided, but a fact such as a missing subscription."
    )
    facts: list[FactRead]
    way_out: list[str] = Field(description="What the reader can do about it.")
    now: NowRead | None = Field(description="null: the gateway or the API is gone.")


PATH = shape(r"^/[^\x00-\x20\x7f]*$", "a path that begins with a slash and has no spaces")
METHOD = shape(r"^[A-Z][A-Z-]{0,31}$", "a method in capital letters, such as `GET`")
HEADER = shape(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "a header's name, such as `accept`")
Name = Annotated[str, StringConstraints(max_length=256, pattern=HEADER)]


HeaderLine = Annotated[SecretStr, Field(max_length=16_384)]


def _address(value: str) -> str:
    if value and parsed(value) is None:
        raise ValueError("this must be one address such as 203.0.113.7 or 2001:db8::7, or empty")
    return value


class SimulateRequest(BaseModel):
    """A request that is only described. Nothing is sent, and nothing of it is kept."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    api: str = Field("", max_length=80, description="Id or slug; empty = by the path's first segment.")
    gateway: str = Field("", max_length=80, description="Id or slug; empty = the first that serves the API.")
    method: Annotated[str, StringConstraints(pattern=METHOD)] = "GET"
    path: str = Field(
        max_length=8000,
        pattern=PATH,
        description="As it would be called: base path first, query included.",
        examples=["/orders/v1/orders?limit=5"],
    )
    headers: dict[Name, HeaderLine] = Field({}, max_length=100, examples=[{"x-api-key": "…"}])
    credential: str = Field("", max_length=40, description="Id of a credential of yours, in place of its value.")
    app: str = Field("", max_length=40, description="Id of an app of yours: the newest credential that works here.")
    address: Annotated[str, AfterValidator(_address)] = Field(
        "", max_length=64, description="Where the call comes from; of the provider's side only."
    )
    country: str = Field("", max_length=2, description="What a GeoIP database would say; of the provider's side only.")
    certificate: str = Field("", max_length=200, description="SHA-256 fingerprint of a client certificate.")
    subject: str = Field("", max_length=1000, description="Its subject (RFC 4514).")
    body_bytes: StrictInt | None = Field(None, ge=0, le=2**53)
    at: AwareDatetime | None = Field(None, description="When; now if left out.")


class SimulationRead(BaseModel):
    """What would become of a described request."""

    result: Result
    status: int | None = Field(description="null = the API's server says.")
    code: str
    title: str
    text: str
    seen_as: Side
    api: NamedRef | None
    operation: OperationRef | None
    app: NamedRef | None
    gateway: NamedRef
    decided_by: DecidedBy | None
    steps: list[StepRead]
    way_out: list[str]
