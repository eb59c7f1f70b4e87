"""Whether a gateway is there: told by when its agent last spoke."""

from __future__ import annotations

from datetime import datetime, timedelta

from waypost.information.models import GatewayRow

SILENCE = timedelta(seconds=30)
"""Agents speak at least every ten seconds; three misses and the gateway counts as offline."""


def gateway_state(row: GatewayRow, now: datetime) -> str:
    """``awaiting`` (never enrolled), ``online`` or ``offline``."""
    if row.credential_hash is None:
        return "awaiting"
    seen = row.last_seen_at
    return "online" if seen is not None and now - seen <= SILENCE else "offline"
