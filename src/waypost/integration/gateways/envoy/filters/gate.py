"""What is asked before it is known who calls: is it open at all, and may this address come in."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import RoutePolicies
from waypost.integration.gateways.envoy.filters import addresses, hours, inner, maintenance, sizes
from waypost.integration.gateways.envoy.names import GATE


def config(policies: RoutePolicies) -> dict[str, Any]:
    """Per-route configuration of the place; empty where nothing is asked."""
    filters = [
        *maintenance.filters(policies.maintenance),
        *hours.filters(policies.hours),
        *addresses.filters(policies.ip),
        *sizes.filters(policies.sizes),
    ]
    return {GATE: inner.fill(filters)} if filters else {}
