"""What every driver needs: comparing the wanted state with the applied one, by content hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from waypost.contracts.drivers import ApiChange
from waypost.contracts.ir import ApiIR, GatewayIR
from waypost.contracts.ir.dump import content_hash


class Applied(Protocol):
    """One API as an engine serves it."""

    @property
    def api(self) -> ApiIR:
        """What was applied."""

    @property
    def content_hash(self) -> str:
        """Its content hash."""


def changes(ir: GatewayIR, applied: Mapping[str, Applied]) -> tuple[ApiChange, ...]:
    """Changes that lead from ``applied`` (by API id) to ``ir``: deletes first, then in the IR's order."""
    wanted = {api.id for api in ir.apis}
    deletes = [ApiChange(api_id=gone, action="delete") for gone in sorted(set(applied) - wanted)]
    upserts = [_upsert(api, applied.get(api.id)) for api in ir.apis]
    return (*deletes, *(change for change in upserts if change is not None))


def _upsert(api: ApiIR, applied: Applied | None) -> ApiChange | None:
    if applied is not None and applied.api is api:
        return None  # the very object: with hundreds of APIs hashing them all costs more than the change
    before = applied.content_hash if applied else None
    after = content_hash(api)
    if after == before:
        return None
    action = "create" if before is None else "update"
    routes = sum(len(version.routes) for version in api.versions)
    summary = f"{api.base_path}: {len(api.versions)} versions, {routes} routes"
    return ApiChange(api_id=api.id, action=action, content_hash=after, summary=summary)
