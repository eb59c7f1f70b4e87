"""What happened, as it is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class EventActor(BaseModel):
    """Who did it; the name is today's, empty when they are gone."""

    id: str
    kind: str
    name: str


class EventObject(BaseModel):
    """What it was done to."""

    kind: str
    id: str
    label: str = Field(description="What people call it, with what it belongs to: `Storefront · Weather`")


class EventRead(BaseModel):
    """One event of the chain."""

    seq: int
    id: str
    at: datetime
    kind: str = Field(examples=["subscription.approved"])
    actor: EventActor
    object: EventObject
    owner_id: str
    request_id: str
    data: dict[str, Any]
    hash: str = Field(description="SHA-256 over the previous event's hash and this event")


class ChainRead(BaseModel):
    """Whether the chain of events is whole."""

    ok: bool
    checked: int
    broken_at: int | None = Field(description="Number of the first event that does not fit")
