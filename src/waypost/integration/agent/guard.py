"""The guard: nobody takes a large part of a gateway down without a person's yes."""

from __future__ import annotations

FEWEST_GUARDED = 10
LARGEST_SHARE = 0.3


def is_large_delete(*, serving: int, removing: int) -> bool:
    """True when more than 30 % of at least ten APIs would go at once."""
    return serving >= FEWEST_GUARDED and removing > serving * LARGEST_SHARE


def held_reason(*, serving: int, removing: int) -> str:
    """What the API's author and the administrator read."""
    return f"delete held: it would take {removing} of {serving} APIs off this gateway; confirm it in the hub"
