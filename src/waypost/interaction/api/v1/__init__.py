"""The routers of version 1, one per noun. Append yours; each module has ``router`` and ``ACCESS``."""

from __future__ import annotations

from types import ModuleType

from waypost.interaction.api.access_matrix import Access
from waypost.interaction.api.routing import HubRouter
from waypost.interaction.api.v1 import (
    agent,
    analytics,
    apis,
    apps,
    calls,
    credentials,
    decisions,
    demo,
    deployments,
    events,
    gateways,
    hub,
    issuers,
    me,
    organisations,
    plans,
    policies,
    roles,
    search,
    session,
    signing_keys,
    subscriptions,
    teams,
    users,
    versions,
)

MODULES: tuple[ModuleType, ...] = (
    hub,
    session,
    me,
    users,
    organisations,
    teams,
    roles,
    events,
    apis,
    versions,
    plans,
    policies,
    search,
    apps,
    credentials,
    issuers,
    signing_keys,
    subscriptions,
    gateways,
    deployments,
    analytics,
    calls,
    decisions,
    agent,
    demo,
)


def routers() -> tuple[HubRouter, ...]:
    """All of them, for under ``/api/v1``."""
    return tuple(module.router for module in MODULES)


def access_rows() -> dict[str, Access]:
    """Operation id -> expected access, over all modules."""
    return {name: row for module in MODULES for name, row in module.ACCESS.items()}
