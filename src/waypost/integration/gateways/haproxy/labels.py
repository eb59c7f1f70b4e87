"""What the engine knows of a caller: ``plan~subscription~app~credential~state``; a used-up window is a state."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.contracts.ir import Grant
from waypost.contracts.vocab import GrantState, Window
from waypost.integration.gateways.haproxy.text import bare

_LIVE = "live"
# Positions as the converter ``field`` counts.
PLAN, SUBSCRIPTION, APP, CREDENTIAL = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Label:
    """Who a call belongs to; empty without a caller."""

    plan_id: str = ""
    subscription_id: str = ""
    app_id: str = ""
    credential_id: str = ""


def label(grant: Grant) -> str:
    """The label of one grant. ValueError for an id that cannot stand in a map."""
    mark = (grant.window or Window.DAY).value if grant.state is GrantState.EXHAUSTED else _LIVE
    ids = (grant.plan_id, grant.subscription_id, grant.app_id, grant.credential_id)
    if any("~" in value for value in ids):
        raise ValueError(f"{grant.id}: an id holds '~'")
    return "~".join([*map(bare, ids), mark])


def read_label(text: str) -> Label:
    """The caller of a line of the log."""
    parts = text.split("~")
    return Label(*parts[:4]) if len(parts) == 5 else Label()
