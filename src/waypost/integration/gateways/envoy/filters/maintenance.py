"""Maintenance: 503 with ``Retry-After`` for everybody but the addresses that may pass."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import Maintenance
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import access
from waypost.integration.gateways.envoy.names import METADATA

MESSAGE = f"%METADATA(ROUTE:{METADATA}:maintenance)%"
_UNTIL = f"xds.route_metadata.filter_metadata['{METADATA}']['until']"
_SOON = 60
_DEFAULT = "Work is being done on this API."
RETRY_AFTER = f"%CEL({_UNTIL} > double(int(request.time)) ? int({_UNTIL}) - int(request.time) : {_SOON})%"


def filters(maintenance: Maintenance | None) -> list[access.Filter]:
    """Refuses everybody else."""
    if maintenance is None or not maintenance.enabled:
        return []
    allowed = maintenance.allow
    return [access.refuse(Refusal.MAINTENANCE, who={"not_id": access.within(allowed)} if allowed else access.ANY)]


def tell(route: Any, maintenance: Maintenance | None) -> None:
    """Write what the refusal says into the route's metadata."""
    if maintenance is not None and maintenance.enabled:
        until = maintenance.until.timestamp() if maintenance.until else 0
        route.metadata.filter_metadata[METADATA].update(
            {"maintenance": maintenance.message or _DEFAULT, "until": until}
        )
