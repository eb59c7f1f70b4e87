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
    demo,
    deployments,
    events,
    gateways,
    hub,
    me,
    organisations,
    plans,
    policies,
    roles,
    search,
    session,
    subscriptions,
    teams,
    users,
    versions,
)

_MIB = 1024 * 1024
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
    subscriptions,
    gateways,
    deployments,
    analytics,
    calls,
    agent,
    demo,
)


def build_router(*, definition_bytes: int = 64 * _MIB) -> HubRouter:
    """All of them under ``/api/v1``; only imports and agents may send more than the application's default."""
    limits = {"apis": 2 * definition_bytes + _MIB, "versions": 2 * definition_bytes + _MIB, "agent": 32 * _MIB}
    router = HubRouter(prefix="/api/v1")
    for module in MODULES:
        name = module.__name__.rpartition(".")[2]
        router.include_router(module.router, max_body_size=limits.get(name))  # JSON escapes: up to twice as long
    return router


def access_rows() -> dict[str, Access]:
    """Operation id -> expected access, over all modules."""
    return {name: row for module in MODULES for name, row in module.ACCESS.items()}
