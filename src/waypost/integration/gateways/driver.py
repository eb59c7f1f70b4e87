"""What every driver needs: comparing the wanted state with the applied one, by content hash."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from waypost.contracts.drivers import ApiChange
from waypost.contracts.ir import ApiIR, GatewayIR
from waypost.contracts.ir.dump import content_hash

_NOTHING: Mapping[str, ApiIR] = MappingProxyType({})


def changes(
    ir: GatewayIR, applied: Mapping[str, str], serving: Mapping[str, ApiIR] = _NOTHING
) -> tuple[ApiChange, ...]:
    """Changes that lead from ``applied`` (API id -> content hash) to ``ir``: deletes first, then in the IR's order.

    What is the very object that is ``serving`` did not change, and is not hashed again.
    """
    wanted = {api.id for api in ir.apis}
    deletes = [ApiChange(api_id=gone, action="delete") for gone in sorted(set(applied) - wanted)]
    upserts = [_upsert(api, applied.get(api.id)) for api in ir.apis if serving.get(api.id) is not api]
    return (*deletes, *(change for change in upserts if change is not None))


def _upsert(api: ApiIR, before: str | None) -> ApiChange | None:
    after = content_hash(api)
    if after == before:
        return None
    action = "create" if before is None else "update"
    routes = sum(len(version.routes) for version in api.versions)
    summary = f"{api.base_path}: {len(api.versions)} versions, {routes} routes"
    return ApiChange(api_id=api.id, action=action, content_hash=after, summary=summary)
