"""The permission table and what it decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.application.access import HUB_ROLES, PERMISSIONS, SCOPES, TEAM_ROLES, allowed, owners_with, scope_of
from waypost.application.context import Principal

ME, MINE, OTHER = "usr_me", "team_mine", "team_other"
OWNERS = (None, ME, MINE, OTHER, "usr_other")
permissions = st.sampled_from(sorted(PERMISSIONS))
principals = st.builds(
    Principal,
    kind=st.just("user"),
    id=st.just(ME),
    hub_role=st.sampled_from(["member", "auditor"]),
    memberships=st.fixed_dictionaries({MINE: st.sampled_from(sorted(TEAM_ROLES))}),
    scopes=st.none() | st.frozensets(st.sampled_from(SCOPES)),
)
WRITES = {name for name in PERMISSIONS if not name.endswith(":read")}


@given(permissions, st.sampled_from(OWNERS))
def test_nobody_may_nothing(permission: str, owner: str | None) -> None:
    assert not allowed(Principal(), permission, owner_id=owner)


@given(principals, st.sampled_from(sorted(WRITES)), st.sampled_from([OTHER, "usr_other"]))
def test_no_member_or_auditor_changes_what_others_own(who: Principal, permission: str, owner: str) -> None:
    assert not allowed(who, permission, owner_id=owner)


@given(principals, permissions, st.sampled_from(OWNERS))
def test_a_token_never_does_more_than_its_scopes(who: Principal, permission: str, owner: str | None) -> None:
    if allowed(who, permission, owner_id=owner) and who.scopes is not None:
        assert scope_of(permission) in who.scopes


@given(principals, permissions)
def test_the_tenant_filter_agrees_with_the_check(who: Principal, permission: str) -> None:
    for owner in owners_with(who, permission):
        assert allowed(who, permission, owner_id=owner)


@given(permissions, st.sampled_from(OWNERS))
def test_scopes_narrow_administrators_too(permission: str, owner: str | None) -> None:
    admin = Principal(kind="user", id=ME, hub_role="administrator")
    assert allowed(admin, permission, owner_id=owner)
    narrowed = Principal(kind="user", id=ME, hub_role="administrator", scopes=frozenset())
    assert not allowed(narrowed, permission, owner_id=owner)


def test_each_team_role_holds_what_the_one_below_holds() -> None:
    viewer, developer, maintainer, owner = (TEAM_ROLES[role] for role in ("viewer", "developer", "maintainer", "owner"))
    assert viewer < developer < maintainer < owner
    assert not viewer & WRITES
    assert HUB_ROLES["member"] < HUB_ROLES["auditor"] < HUB_ROLES["administrator"]
    assert not HUB_ROLES["auditor"] & WRITES


def test_providing_takes_a_team() -> None:
    alone = Principal(kind="user", id=ME, hub_role="member")
    for permission in ("catalog:write", "plans:write", "deployments:write", "subscriptions:approve"):
        assert not allowed(alone, permission, owner_id=ME)
    assert allowed(alone, "apps:write", owner_id=ME)


def test_an_unknown_permission_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no permission"):
        scope_of("catalog:everything")
