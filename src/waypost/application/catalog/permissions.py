"""Who may change what in the catalog: drafts take less than what consumers already see."""

from __future__ import annotations

from waypost.application.access import may, require
from waypost.application.context import Context
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, VersionRow


def edit_permission(lifecycle: str) -> str:
    """Developers edit drafts; the rest takes a maintainer."""
    return "catalog:draft" if lifecycle == Lifecycle.DRAFT else "catalog:write"


def require_edit(ctx: Context, api: ApiRow, *, lifecycle: str) -> None:
    """Pass for whoever may edit something in ``lifecycle`` of this API, which the caller sees."""
    require(ctx, edit_permission(lifecycle), owner_id=api.owner_id, visible=True)


def api_may(ctx: Context, api: ApiRow) -> list[str]:
    """What the caller may do with the API."""
    edit = edit_permission(api.lifecycle)
    verbs = {"update": edit, "delete": edit, "add_version": "catalog:draft", "publish": "deployments:write"}
    verbs |= {"edit_plans": "plans:write", "approve": "subscriptions:approve", "read_usage": "analytics:read"}
    held = may(ctx, api.owner_id, verbs)
    if ctx.principal.kind == "user" and api.lifecycle in {Lifecycle.PUBLISHED, Lifecycle.DEPRECATED}:
        held.append("subscribe")
    return held


def version_may(ctx: Context, api: ApiRow, version: VersionRow) -> list[str]:
    """What the caller may do with the version."""
    edit = edit_permission(version.lifecycle)
    verbs = {"update": edit, "delete": edit, "replace_definition": edit, "read_definition": "catalog:read"}
    return may(ctx, api.owner_id, verbs | {"publish": "deployments:write"})
