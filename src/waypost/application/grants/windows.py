"""Calendar windows of quotas, in UTC. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from waypost.contracts.vocab import Window


def window_start(window: Window, at: datetime) -> datetime:
    """When the window that holds ``at`` began: midnight, or the first of the month, UTC."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(day=1) if window is Window.MONTH else midnight


def window_end(window: Window, at: datetime) -> datetime:
    """When the window that holds ``at`` ends, which is when the next one begins."""
    start = window_start(window, at)
    if window is Window.DAY:
        return start + timedelta(days=1)
    return (start + timedelta(days=32)).replace(day=1)
