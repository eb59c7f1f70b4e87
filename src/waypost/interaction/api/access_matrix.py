"""Who gets what from every route: the expected outcome for five callers. A route without a row fails the suite.

Rows stand beside their routes (``ACCESS`` in each router's module) and are collected here. The matrix test calls every
route as each of them, on an object that one team owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["allow", 401, 403, 404]
"""``allow`` is any success; otherwise the status of the refusal."""


@dataclass(frozen=True, slots=True)
class Access:
    """Expected outcomes. ``consumer`` is signed in without a team; ``other_team`` owns another team; ``owner`` owns the
    team that owns the object; ``administrator`` administers the hub.
    """

    anonymous: Outcome
    consumer: Outcome
    other_team: Outcome
    owner: Outcome
    administrator: Outcome


OPEN = Access("allow", "allow", "allow", "allow", "allow")
"""For everybody."""
SIGNED_IN = Access(401, "allow", "allow", "allow", "allow")
"""For whoever is signed in."""
ADMIN = Access(401, 403, 403, 403, "allow")
"""A thing of the hub that only administrators reach."""
OWNED = Access(401, 404, 404, "allow", "allow")
"""A team's own; others are not told that it exists."""
OWNED_PUBLIC = Access(401, 403, 403, "allow", "allow")
"""Changing a thing that others see."""

Rows = Mapping[str, Access]
"""Operation id -> row."""
