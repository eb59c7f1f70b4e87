"""What is asked before it is known who calls: is it open at all, and may this address come in."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import RoutePolicies
from waypost.integration.gateways.envoy.filters import addresses, countries, hours, inner, maintenance, sizes
from waypost.integration.gateways.envoy.names import COUNTRY, GATE, NOW


def config(policies: RoutePolicies) -> dict[str, Any]:
    """Per-route configuration of the place; empty where nothing is asked."""
    filters = [
        *maintenance.filters(policies.maintenance),
        *addresses.filters(policies.ip),
        *countries.filters(policies.countries),
        *hours.filters(policies.hours),
        *sizes.filters(policies.sizes),
    ]
    return {GATE: inner.fill(filters)} if filters else {}


def headers(policies: RoutePolicies) -> list[str]:
    """Internal headers that the place writes; they end here."""
    return [*([NOW] if policies.hours else ()), *([COUNTRY] if policies.countries else ())]
