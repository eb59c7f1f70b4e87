"""What an operation asks for besides being known: scopes of the token, or of the plan for others, and roles."""

from __future__ import annotations

from waypost.contracts.ir import Scopes
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy import claims, labels
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.problems import because, challenge, deny
from waypost.integration.gateways.haproxy.text import word

_TOKEN = claims.CLAIMS


def rules(context: Context) -> list[str]:
    """403 where something is lacking; callers with a token hear that it is the scope (RFC 6750, 3.1)."""
    asked = list(context.by_kind(lambda kind: kind.policies.scopes))
    if not asked:
        return []
    lines = _held(context)
    for policy, condition in asked:
        lines += [because(Refusal.SCOPE_INSUFFICIENT, f"{condition} {test}".strip()) for test in _lacks(policy)]
        lines += _roles(policy, condition)
    name, value = challenge("Bearer", context.settings)
    refused = [deny(403, (name, f'{value}, error="insufficient_scope"'), when=_TOKEN)] if context.api.jwt else []
    return [*lines, *refused, deny(403)]


def _held(context: Context) -> list[str]:
    """The caller's scopes, in ``s``: words, or a gathered list."""
    plan = f"var(txn.c),field({labels.PLAN},~),concat(/,txn.api,/scopes),map_str({context.files.map('plans')})"
    if context.api.jwt is None:
        return [f"http-request set-var(txn.s) {plan}"]
    claim = context.api.jwt.scope_claim
    return [f"http-request set-var(txn.s) {plan} if !{_TOKEN}", *claims.gathered("s", claim, _TOKEN)]


def _lacks(policy: Scopes) -> list[str]:
    groups = [policy.scopes] if policy.any_of else [(scope,) for scope in policy.scopes]
    return [test for group in groups if group for test in _none_of("s", group)]


def _none_of(name: str, wanted: tuple[str, ...]) -> list[str]:
    """Conditions, one for words and one for a list, under which none of ``wanted`` is there."""
    is_list = found(f"{name}f")
    return [
        f"!{is_list} !{{ var(txn.{name}) -m reg {word(claims.in_words(wanted))} }}",
        f"{is_list} !{{ var(txn.{name}) -m reg {word(claims.in_list(wanted))} }}",
    ]


def _roles(policy: Scopes, condition: str) -> list[str]:
    if not policy.roles:
        return []
    tests = [f"{condition} {test}".strip() for test in _none_of("r", policy.roles)]
    refused = [because(Refusal.SCOPE_INSUFFICIENT, test) for test in tests]
    return [*claims.gathered("r", policy.roles_claim, _TOKEN), *refused]
