"""Scopes and roles per operation: the token's, or the plan's for callers without a token."""

from __future__ import annotations

from waypost.contracts.ir import ApiIR, Plan, Scopes
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import access, claims, labels
from waypost.integration.gateways.envoy.names import CLIENT


def filters(api: ApiIR, scopes: Scopes | None) -> list[access.Filter]:
    """Refuses who has not what the operation asks for."""
    if scopes is None or not (scopes.scopes or scopes.roles) or not api.guarded:
        return []
    enough = [claims.all_of(claims.present(), *_by_token(api, scopes))]
    plans = [plan for plan in api.plans if _suffices(plan, scopes)]
    if plans:
        enough.append(claims.all_of(claims.negated(claims.present()), claims.any_of(*map(_of_plan, plans))))
    return [access.refuse(Refusal.SCOPE_INSUFFICIENT, what=claims.negated(claims.any_of(*enough)))]


def _by_token(api: ApiIR, scopes: Scopes) -> list[access.Condition]:
    claim = api.jwt.scope_claim if api.jwt else "scope"
    held = [claims.holds(claim, scope) for scope in scopes.scopes]
    found = [claims.any_of(*held)] if scopes.any_of and held else held
    roles = [claims.holds(scopes.roles_claim, role) for role in scopes.roles]
    return [*found, *([claims.any_of(*roles)] if roles else [])]


def _suffices(plan: Plan, scopes: Scopes) -> bool:
    """A plan names scopes, never roles."""
    if scopes.roles:
        return False
    held = [scope in plan.scopes for scope in scopes.scopes]
    return any(held) if scopes.any_of else all(held)


def _of_plan(plan: Plan) -> access.Condition:
    """Also with a quota that is used up, which is told later."""
    return {"header": {"name": CLIENT, "string_match": {"contains": labels.names(plan.id)}}}
