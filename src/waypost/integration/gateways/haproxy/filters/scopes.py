"""What an operation asks for besides being known: scopes of the token, or of the plan for others, and roles."""

from __future__ import annotations

from waypost.contracts.ir import Scopes
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy import claims, labels
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.problems import because, challenge, deny
from waypost.integration.gateways.haproxy.text import word

_TOKEN = found("b")


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
    """The caller's scopes: as words in ``sw``, or as the JSON text of a list in ``sl``."""
    plan = f"var(txn.c),field({labels.PLAN},~),concat(/{context.api.id}/scopes),map_str({context.files.map('limits')})"
    if context.api.jwt is None:
        return [f"http-request set-var(txn.sw) {plan}"]
    claim = context.api.jwt.scope_claim
    return [
        f"http-request set-var(txn.sw) {plan} if !{_TOKEN}",
        *_list_or_words("s", claim),
    ]


def _list_or_words(name: str, claim: str) -> list[str]:
    return [
        f"http-request set-var(txn.{name}f) {word(claims.first(claim))} if {_TOKEN}",
        f"http-request set-var(txn.{name}l) {word(claims.value(claim))} if {_TOKEN} {found(f'{name}f')}",
        f"http-request set-var(txn.{name}w) {word(claims.value(claim))} if {_TOKEN} !{found(f'{name}f')}",
    ]


def _lacks(policy: Scopes) -> list[str]:
    groups = [policy.scopes] if policy.any_of else [(scope,) for scope in policy.scopes]
    return [_none_of("s", group) for group in groups if group]


def _none_of(name: str, wanted: tuple[str, ...]) -> str:
    words = f"!{{ var(txn.{name}w) -m reg {word(claims.in_words(wanted))} }}"
    return f"{words} !{{ var(txn.{name}l) -m reg {word(claims.in_list(wanted))} }}"


def _roles(policy: Scopes, condition: str) -> list[str]:
    if not policy.roles:
        return []
    test = f"{condition} {_none_of('r', policy.roles)}".strip()
    return [*_list_or_words("r", policy.roles_claim), because(Refusal.SCOPE_INSUFFICIENT, test)]
