"""Windows of quotas, in UTC: of the calendar, or rolling (the time before now of the same length). Pure.

A rolling window is counted in steps: everything in a step counts until the whole step lies outside of the window, so
never more passes in any true window than its quota says, and a call is forgotten at most one step late.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from waypost.contracts.ir.grants import Grant
from waypost.contracts.vocab import Window

LENGTHS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
    Window.WEEK: timedelta(days=7),
    Window.MONTH: timedelta(days=30),
}
"""How long a rolling window is."""
STEPS = {
    Window.HOUR: timedelta(minutes=1),
    Window.DAY: timedelta(minutes=30),
    Window.WEEK: timedelta(hours=3),
    Window.MONTH: timedelta(hours=12),
}
"""How finely a rolling window is counted; each divides a day."""


def window_start(window: Window, at: datetime) -> datetime:
    """When the calendar's window that holds ``at`` began: the hour, midnight, Monday, or the first of the month."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if window is Window.HOUR:
        return hour
    midnight = hour.replace(hour=0)
    if window is Window.WEEK:
        return midnight - timedelta(days=midnight.weekday())
    return midnight.replace(day=1) if window is Window.MONTH else midnight


def window_end(window: Window, at: datetime) -> datetime:
    """When the calendar's window that holds ``at`` ends, which is when the next one begins."""
    start = window_start(window, at)
    if window is Window.MONTH:
        return (start + timedelta(days=32)).replace(day=1)
    return start + LENGTHS[window]


def step_start(window: Window, at: datetime) -> datetime:
    """When the step of a rolling window that holds ``at`` began."""
    midnight = window_start(Window.DAY, at)
    step = STEPS[window]
    return midnight + (at - midnight) // step * step


def rolling_start(window: Window, at: datetime) -> datetime:
    """The first step that counts at ``at``."""
    return step_start(window, at) - LENGTHS[window]


def step_leaves(window: Window, step: datetime) -> datetime:
    """When a step that began at ``step`` counts no longer."""
    return step + LENGTHS[window] + STEPS[window]


def resets_at(grant: Grant, now: datetime | None = None) -> datetime:
    """When an exhausted grant is expected to be live again: as the hub says, else when the calendar's window ends."""
    return grant.resets_at or window_end(grant.window or Window.DAY, now or datetime.now(UTC))
