"""Policies as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool


class PolicyPut(BaseModel):
    """The whole configuration of one kind at one place; its shape is the kind's schema."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] = Field(examples=[{"origins": ["https://shop.example"], "credentials": False}])
    locked: StrictBool = Field(False, description="Nearer places cannot override it; for the hub and for teams.")


class PolicyTarget(BaseModel):
    """Where a policy stands: ``level`` hub | team | api | version | operation | plan."""

    level: str
    id: str


class PolicyRead(BaseModel):
    """A kept policy. Secrets read as empty text."""

    kind: str
    target: PolicyTarget
    config: dict[str, Any]
    locked: bool
    created_at: datetime
    updated_at: datetime
    revision: int


class PolicyList(BaseModel):
    """The policies of one place; never more than there are kinds."""

    items: list[PolicyRead]
    next_cursor: str | None = None


class PolicyKindRead(BaseModel):
    """A kind, the levels it may stand at, and the JSON Schema of its configuration."""

    model_config = ConfigDict(populate_by_name=True)

    kind: str
    title: str
    levels: list[str]
    merge: str = Field(description="`replace`: the nearest place decides alone; `merge`: lists are built together.")
    position: int = Field(description="Its place in the order of execution, from 1.")
    stage: str
    refuses: list[str] = Field(description="Codes that it may answer with.")
    schema_: dict[str, Any] = Field(alias="schema", serialization_alias="schema")


class PolicyOrigin(BaseModel):
    """Where an effective policy comes from: ``level`` operation | version | api | team | hub | plan | default."""

    level: str
    id: str
    name: str


class PartOrigin(BaseModel):
    """Where one part of an effective configuration comes from."""

    model_config = ConfigDict(populate_by_name=True)

    pointer: str = Field(description="JSON pointer into `config`.", examples=["/deny/0"])
    from_: PolicyOrigin = Field(alias="from", serialization_alias="from")


class EffectivePolicyRead(BaseModel):
    """What holds in the end, and where it comes from."""

    model_config = ConfigDict(populate_by_name=True)

    kind: str
    config: dict[str, Any]
    from_: PolicyOrigin = Field(alias="from", serialization_alias="from")
    locked: bool = Field(False, description="A wider place has locked it.")
    applies_to: str = Field("operation", description="`operation`, or `plan`: what its subscribers have besides.")
    origins: list[PartOrigin] = Field([], description="Parts that come from several places; empty = all from `from`.")
