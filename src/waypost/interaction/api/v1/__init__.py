"""The routers of version 1, one per noun. Append yours; each module has ``router`` and ``ACCESS``."""

from __future__ import annotations

from types import ModuleType

from waypost.interaction.api.access_matrix import Access
from waypost.interaction.api.routing import HubRouter

MODULES: tuple[ModuleType, ...] = ()


def build_router() -> HubRouter:
    """All of them under ``/api/v1``."""
    router = HubRouter(prefix="/api/v1")
    for module in MODULES:
        router.include_router(module.router)
    return router


def access_rows() -> dict[str, Access]:
    """Operation id -> expected access, over all modules."""
    return {name: row for module in MODULES for name, row in module.ACCESS.items()}
