"""Policies as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class PolicyPut(BaseModel):
    """The whole configuration of one kind at one place; its shape is the kind's schema."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] = Field(examples=[{"origins": ["https://shop.example"], "credentials": False}])


class PolicyTarget(BaseModel):
    """Where a policy stands: ``level`` api | version | operation."""

    level: str
    id: str


class PolicyRead(BaseModel):
    """A kept policy."""

    kind: str
    target: PolicyTarget
    config: dict[str, Any]
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
    schema_: dict[str, Any] = Field(alias="schema", serialization_alias="schema")


class PolicyOrigin(BaseModel):
    """Where an effective policy comes from: ``level`` operation | version | api | default."""

    level: str
    id: str
    name: str


class EffectivePolicyRead(BaseModel):
    """What holds in the end, and where it comes from."""

    model_config = ConfigDict(populate_by_name=True)

    kind: str
    config: dict[str, Any]
    from_: PolicyOrigin = Field(alias="from", serialization_alias="from")
