"""Who is calling, whether they may, and how much they may. Pure."""

from __future__ import annotations

from typing import Any

from waypost.application.decisions.callers import caller, ways
from waypost.application.decisions.walk import Step, Walk, passed, refused, unknown
from waypost.application.issuers.tokens import values
from waypost.contracts.ir import ApiIR
from waypost.contracts.vocab import PolicyKind, Refusal


def authentication(walk: Walk) -> Step | None:
    """Any one of the ways that the API takes is enough."""
    assert walk.api is not None
    accepted = ways(walk.api)
    if not accepted:
        return None
    anonymous = walk.policies.anonymous is not None and walk.policies.anonymous.allowed
    walk.caller = found = caller(walk.api, walk.request, walk.known, anonymous=anonymous)
    facts = {"accepted": [kind.value for kind in accepted], **_key_places(walk.api)}
    kind = found.way or (accepted[0] if len(accepted) == 1 else None)
    if found.refused is not None and found.refused is not Refusal.NOT_SUBSCRIBED:
        return refused("authentication", found.refused, f"{_sentence(found.reason)}", kind, **facts)
    if not found.certain:
        return unknown("authentication", _sentence(found.reason), kind or accepted[0], **facts)
    if found.way is None:
        return passed("authentication", "Calls without a credential pass here.", PolicyKind.ANONYMOUS, **facts)
    return passed("authentication", "The credential is known and in force.", kind, **facts)


def _key_places(api: ApiIR) -> dict[str, Any]:
    if api.key_auth is None:
        return {}
    named = (("header", api.key_auth.header), ("query", api.key_auth.query), ("cookie", api.key_auth.cookie))
    return {"key_places": [f"{place} {name}" for place, name in named if name]}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def subscription(walk: Walk) -> Step | None:
    """A credential leads to a subscription of its app, and so to a plan."""
    found = walk.caller
    if found.refused is Refusal.NOT_SUBSCRIBED:
        return refused("subscription", Refusal.NOT_SUBSCRIBED, _sentence(found.reason))
    if found.right is None:
        return None
    name = walk.plan.name if walk.plan else ""
    return passed("subscription", f"The app is subscribed, on the plan {name}.", plan=name)


def scopes(walk: Walk) -> Step | None:
    """The token's, or the plan's for callers without a token. An API that asks nobody who they are asks no scopes."""
    rule, kind = walk.policies.scopes, PolicyKind.SCOPES
    if rule is None or not (rule.scopes or rule.roles) or walk.api is None or not walk.api.guarded:
        return None
    asked = {"scopes": list(rule.scopes), "any_of": rule.any_of, "roles": list(rule.roles)}
    if walk.caller.claims is None and walk.caller.way in (PolicyKind.JWT, PolicyKind.INTROSPECTION):
        return unknown("scopes", "Only the token says which scopes it has.", kind, **asked)
    held, roles = _held(walk, rule.roles_claim)
    facts = {**asked, "held_scopes": sorted(held), "held_roles": sorted(roles)}
    wanted = set(rule.scopes)
    scoped = not wanted or (bool(wanted & held) if rule.any_of else wanted <= held)
    if not scoped:
        lacking = ", ".join(sorted(wanted - held))
        return refused("scopes", Refusal.SCOPE_INSUFFICIENT, f"The caller lacks the scope {lacking}.", kind, **facts)
    if rule.roles and not roles & set(rule.roles):
        return refused("scopes", Refusal.SCOPE_INSUFFICIENT, "The caller has none of the roles.", kind, **facts)
    return passed("scopes", "The caller has the scopes.", kind, **facts)


def _held(walk: Walk, roles_claim: str) -> tuple[set[str], set[str]]:
    claims = walk.caller.claims
    if claims is None:
        return set(walk.plan.scopes if walk.plan else ()), set()
    assert walk.api is not None
    scope_claim = walk.api.jwt.scope_claim if walk.api.jwt else "scope"
    return values(claims, scope_claim), values(claims, roles_claim)


def quota(walk: Walk) -> Step | None:
    """Counted by the hub over all gateways."""
    right, plan = walk.caller.right, walk.plan
    if right is None or plan is None or not plan.quotas:
        return None
    if right.exhausted:
        text = "The plan's quota is used up."
        return refused("quota", Refusal.QUOTA_EXCEEDED, text, PolicyKind.QUOTA, resets_at=right.resets_at)
    return passed("quota", "The plan's quota is not used up.", PolicyKind.QUOTA)


def rate_limits(walk: Walk) -> Step | None:
    """Counted on each gateway: the hub cannot say how much is left."""
    plan = walk.plan
    limits = (*(plan.rate_limits if plan else ()), *(walk.policies.rate_limits or ()))
    if not limits:
        return None
    said = [f"{item.requests} in {item.seconds} s per {item.by.value}" for item in limits]
    text = "It passes as long as the limits are not used up, which only the gateway knows at each moment."
    return passed("rate_limit", text, PolicyKind.RATE_LIMIT, limits=said)


def concurrency(walk: Walk) -> Step | None:
    """Counted on each gateway."""
    rule = walk.policies.concurrency
    if rule is None:
        return None
    text = "It passes as long as fewer calls are on their way."
    return passed("concurrency", text, PolicyKind.CONCURRENCY, calls=rule.calls, by=rule.by.value)
