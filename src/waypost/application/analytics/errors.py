"""What can go wrong with analytics."""

from __future__ import annotations

from waypost.kit.errors import Invalid


class BadRange(Invalid):
    """The period is empty or too long."""

    code = "bad_range"
    title = "This period cannot be shown"
    hint = "Give one that begins before it ends, of at most 1100 days."
