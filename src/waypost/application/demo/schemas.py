"""What removing the demo answers."""

from __future__ import annotations

from pydantic import BaseModel


class DemoRemoved(BaseModel):
    """How much went."""

    apis: int
    apps: int
    teams: int
    people: int
