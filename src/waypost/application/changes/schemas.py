"""What a change of a policy touches, as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from waypost.application.policies.schemas import PolicyOrigin, PolicyPut, PolicyRead


class PolicyDraft(PolicyPut):
    """A change that is only thought of: a configuration, or taking the policy away."""

    config: dict[str, Any] = Field({}, examples=[{"origins": ["https://shop.example"]}])
    remove: StrictBool = Field(False, description="Take the policy away; `config` then says nothing.")


class TouchedApi(BaseModel):
    """An API for which something else would hold."""

    id: str
    name: str
    opened: bool = Field(description="Anybody could call it then without a credential, and nobody before.")


class Missing(BaseModel):
    """What a gateway's engine cannot do, and where it is asked for."""

    capability: str
    api_id: str
    where: str


class TouchedGateway(BaseModel):
    """A gateway that would get another configuration; `missing` says what its engine cannot do."""

    id: str
    slug: str
    name: str
    engine: str
    api_ids: list[str]
    missing: list[Missing]


class TouchedCaller(BaseModel):
    """Who called what would be touched. No app: calls without a known credential."""

    subscription_id: str | None
    app_id: str | None
    app_name: str
    calls: int


class Callers(BaseModel):
    """Calls of the last 30 days to what would be touched, the busiest callers first."""

    since: datetime
    calls: int
    apps: int
    items: list[TouchedCaller] = Field(description="At most 50.")


class Difference(BaseModel):
    """One place at which another configuration would hold. Places that only inherit it are left out."""

    model_config = ConfigDict(populate_by_name=True)

    api_id: str
    place: PolicyOrigin
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ChangePlan(BaseModel):
    """What a change touches."""

    kind: str
    apis: list[TouchedApi]
    gateways: list[TouchedGateway]
    callers: Callers
    differences: list[Difference] = Field(description="At most 100.")


class PolicySaved(PolicyRead):
    """A kept policy, and what saving it touched."""

    change: ChangePlan
