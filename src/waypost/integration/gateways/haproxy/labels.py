"""What the engine knows of a caller: ``plan~subscription~app~credential~state``.

The state is ``live``, or the quota's window that is used up and, in a sixth place, the second at which it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from waypost.contracts.ir import Grant
from waypost.contracts.vocab import GrantState, Window
from waypost.integration.gateways.haproxy.text import bare
from waypost.kit.clock import aware

LIVE = "live"
# Positions as the converter ``field`` counts.
PLAN, SUBSCRIPTION, APP, CREDENTIAL, STATE, UNTIL = 1, 2, 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Label:
    """Who a call belongs to; empty without a caller."""

    plan_id: str = ""
    subscription_id: str = ""
    app_id: str = ""
    credential_id: str = ""


def label(grant: Grant) -> str:
    """The label of one grant. ValueError for an id that cannot stand in a map."""
    ids = (grant.plan_id, grant.subscription_id, grant.app_id, grant.credential_id)
    if any("~" in value for value in ids):
        raise ValueError(f"{grant.id}: an id holds '~'")
    return "~".join([*map(bare, ids), *_state(grant)])


def of_stranger(credential_id: str) -> str:
    """The label of a key where it has no grant. ValueError for an id that cannot stand in a map."""
    return f"~~~{bare(credential_id)}~"


def read_label(text: str) -> Label:
    """The caller of a line of the log."""
    parts = text.split("~")
    return Label(*parts[:4]) if len(parts) >= 5 else Label()


def _state(grant: Grant) -> tuple[str, ...]:
    if grant.state is not GrantState.EXHAUSTED:
        return (LIVE,)
    window = grant.window or Window.DAY
    until = aware(grant.resets_at) if grant.resets_at else window_end(window, datetime.now(UTC))
    return window.value, str(int(until.timestamp()))


def window_end(window: Window, now: datetime) -> datetime:
    """When the calendar's window that ``now`` is in ends; weeks begin on Monday."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    ends = {
        Window.HOUR: hour + timedelta(hours=1),
        Window.DAY: day + timedelta(days=1),
        Window.WEEK: day + timedelta(days=7 - day.weekday()),
        Window.MONTH: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
    }
    return ends[window]
