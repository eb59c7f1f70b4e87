"""What is asked once it is known who calls, before anything is counted."""

from __future__ import annotations

from typing import Any

from waypost.contracts.ir import ApiIR, RoutePolicies
from waypost.integration.gateways.envoy.filters import inner, scopes
from waypost.integration.gateways.envoy.names import PERMISSION


def config(api: ApiIR, policies: RoutePolicies) -> dict[str, Any]:
    """Per-route configuration of the place; empty where nothing is asked."""
    filters = scopes.filters(api, policies.scopes)
    return {PERMISSION: inner.fill(filters)} if filters else {}
