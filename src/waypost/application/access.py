"""Who may do what: one table of roles and permissions, and the few functions every service asks.

A permission is ``<noun>:<verb>``. It is held for an owner (a user's own entity or a team) or for the whole hub. A
personal access token needs the permission's scope besides the role. What others own answers 404, what is visible but
not allowed 403.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from waypost.application.context import Context, Principal
from waypost.contracts.vocab import Lifecycle, Visibility
from waypost.information.models import ApiRow
from waypost.kit.errors import Forbidden, NotFound, Unauthenticated

_VIEW = frozenset({"teams:read", "catalog:read", "apps:read", "subscriptions:read", "analytics:read"})
_DEVELOP = _VIEW | {"apps:write", "subscriptions:write", "catalog:draft"}
_MAINTAIN = _DEVELOP | {"catalog:write", "plans:write", "deployments:write", "subscriptions:approve", "events:read"}
_PERSONAL = frozenset(
    {
        "account:read",
        "account:write",
        "catalog:read",
        "apps:read",
        "apps:write",
        "subscriptions:read",
        "subscriptions:write",
        "analytics:read",
    }
)

TEAM_ROLES: Mapping[str, frozenset[str]] = {
    "viewer": _VIEW,
    "developer": _DEVELOP,
    "maintainer": _MAINTAIN,
    "owner": _MAINTAIN | {"teams:write"},
}
"""Team role -> what its members may do with what the team owns."""

PERSONAL_PERMISSIONS = _PERSONAL
"""What everybody may do with what they own themselves. Providing APIs takes a team (or an administrator)."""

_HUB_MEMBER = frozenset({"gateways:read", "catalog:read"})
_HUB_AUDITOR = _HUB_MEMBER | {"events:read", "users:read", "teams:read", "analytics:read", "subscriptions:read"}
_HUB_ONLY = frozenset({"hub:write", "users:read", "users:write", "gateways:read", "gateways:write", "teams:create"})
_ALL = _HUB_ONLY | _HUB_AUDITOR | _PERSONAL | TEAM_ROLES["owner"]

HUB_ROLES: Mapping[str, frozenset[str]] = {
    "member": _HUB_MEMBER,
    "auditor": _HUB_AUDITOR,
    "administrator": _ALL,
}
"""Hub role -> what it may do anywhere on the hub."""

ROLES: Mapping[str, frozenset[str]] = {
    **{f"hub {role}": held for role, held in HUB_ROLES.items()},
    "oneself": PERSONAL_PERMISSIONS,
    **{f"team {role}": held for role, held in TEAM_ROLES.items()},
}
"""The whole permission table by name of the role."""

PERMISSIONS: frozenset[str] = frozenset(_ALL)
_SCOPE_OF = {"catalog:draft": "catalog:write", "teams:create": "teams:write"}
SCOPES: tuple[str, ...] = tuple(sorted(PERMISSIONS - _SCOPE_OF.keys()))
"""Scopes that a personal access token may carry: the permissions, less those covered by a wider scope."""


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One line of the permission table as it is shown."""

    level: str
    role: str
    permissions: tuple[str, ...]


def role_table() -> list[RoleRow]:
    """The whole table: hub roles, the personal one, team roles."""
    rows = [RoleRow("hub", role, tuple(sorted(held))) for role, held in HUB_ROLES.items()]
    rows.append(RoleRow("personal", "self", tuple(sorted(PERSONAL_PERMISSIONS))))
    rows += [RoleRow("team", role, tuple(sorted(held))) for role, held in TEAM_ROLES.items()]
    return rows


def scope_of(permission: str) -> str:
    """The scope a token needs for ``permission``."""
    if permission not in PERMISSIONS:
        raise ValueError(f"there is no permission {permission!r}")
    return _SCOPE_OF.get(permission, permission)


def _in_scope(principal: Principal, permission: str) -> bool:
    return principal.scopes is None or scope_of(permission) in principal.scopes


def _role_allows(principal: Principal, permission: str, owner_id: str | None) -> bool:
    if principal.is_administrator:
        return True
    if principal.kind != "user":
        return False
    if permission in HUB_ROLES.get(principal.hub_role, frozenset()) and not _is_owned(permission):
        return True
    if owner_id is None:
        return False
    if owner_id == principal.id:
        return permission in PERSONAL_PERMISSIONS
    return permission in TEAM_ROLES.get(principal.memberships.get(owner_id, ""), frozenset())


def _is_owned(permission: str) -> bool:
    # Hub members hold catalog:read for what visible_apis() shows them, not for everybody's private APIs.
    return permission == "catalog:read"


def allowed(principal: Principal, permission: str, *, owner_id: str | None = None) -> bool:
    """Role and scope both allow ``permission`` on what ``owner_id`` owns (None: on the hub)."""
    in_scope = _in_scope(principal, permission)
    return in_scope and _role_allows(principal, permission, owner_id)


def can(ctx: Context, permission: str, *, owner_id: str | None = None) -> bool:
    """Like :func:`allowed` for who asks."""
    return allowed(ctx.principal, permission, owner_id=owner_id)


def may(ctx: Context, owner_id: str | None, verbs: Mapping[str, str]) -> list[str]:
    """The verbs (verb -> permission) that the caller may do with something of this owner, in the given order."""
    return [verb for verb, permission in verbs.items() if can(ctx, permission, owner_id=owner_id)]


def require(ctx: Context, permission: str, *, owner_id: str | None = None, visible: bool = False) -> None:
    """Pass, or say why not.

    Unauthenticated for nobody; NotFound when the caller has nothing to do with the owner and the object is not
    ``visible`` to them otherwise; Forbidden when they see it but lack role or scope.
    """
    principal = ctx.principal
    require_signed_in(ctx)
    if allowed(principal, permission, owner_id=owner_id):
        return
    if _role_allows(principal, permission, owner_id):
        raise Forbidden(
            f"This access token lacks the scope {scope_of(permission)}.",
            hint="Make an access token that has this scope.",
        )
    if owner_id is not None and not visible and owner_id not in principal.owner_ids():
        raise NotFound
    raise Forbidden(f"This takes the permission {permission}.", hint=_who_has(permission, own=owner_id == principal.id))


def _who_has(permission: str, *, own: bool) -> str:
    roles = " or ".join(role for role, held in TEAM_ROLES.items() if permission in held)
    if own and roles:
        return f"Do it for a team in which you have the role {roles}."
    return f"Ask somebody with the role {roles or 'administrator'}."


def require_signed_in(ctx: Context) -> None:
    """Unauthenticated for nobody; before an object is looked for, so that 404 and 401 tell nothing apart."""
    if ctx.principal.kind == "anonymous":
        raise Unauthenticated


def require_user(ctx: Context) -> Principal:
    """The signed-in person, or Unauthenticated."""
    if ctx.principal.kind != "user":
        raise Unauthenticated
    return ctx.principal


def owners_with(principal: Principal, permission: str) -> tuple[str, ...]:
    """Ids of the entities for which the principal holds ``permission`` by an own role (not as administrator)."""
    held = [owner for owner in principal.owner_ids() if _owner_allows(principal, permission, owner)]
    return tuple(held) if _in_scope(principal, permission) else ()


def _owner_allows(principal: Principal, permission: str, owner_id: str) -> bool:
    if owner_id == principal.id:
        return permission in PERSONAL_PERMISSIONS
    return permission in TEAM_ROLES.get(principal.memberships[owner_id], frozenset())


def sees_all(principal: Principal, permission: str) -> bool:
    """Holds ``permission`` over everybody's things: administrators, and auditors for what they read."""
    return (not _is_owned(permission) and allowed(principal, permission)) or _is_admin_in_scope(principal, permission)


def _is_admin_in_scope(principal: Principal, permission: str) -> bool:
    return principal.is_administrator and _in_scope(principal, permission)


def owned_by(principal: Principal, column: InstrumentedAttribute[str], permission: str) -> ColumnElement[bool]:
    """The one tenant filter: rows whose owner ``column`` is an entity the principal holds ``permission`` for."""
    if sees_all(principal, permission):
        return true()
    owners = owners_with(principal, permission)
    return column.in_(owners) if owners else false()


def visible_apis(principal: Principal) -> ColumnElement[bool]:
    """Where-clause on ``ApiRow``: public for everybody, internal for the signed-in, private and drafts for members."""
    if _is_admin_in_scope(principal, "catalog:read"):
        return true()
    public: ColumnElement[bool] = ApiRow.visibility == Visibility.PUBLIC
    if principal.kind == "user" and _in_scope(principal, "catalog:read"):
        public = or_(public, ApiRow.visibility == Visibility.INTERNAL)
    listed = and_(ApiRow.lifecycle != Lifecycle.DRAFT, public)
    owners = owners_with(principal, "catalog:read")
    return or_(listed, ApiRow.owner_id.in_(owners)) if owners else listed
