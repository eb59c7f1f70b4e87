"""The order in which every engine asks its policies. One table: engines build by it, the documentation is made of it.

A call passes the stages from first to last; the first one that refuses answers, and nothing after it happens. A
refusal at one stage uses up nothing that a later stage counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from waypost.contracts.vocab import PolicyKind, Refusal


@dataclass(frozen=True, slots=True)
class Step:
    """One kind's place in the order; ``refuses`` are the codes that it may answer with."""

    kind: PolicyKind
    stage: str
    refuses: tuple[Refusal, ...] = ()


_CREDENTIAL = (Refusal.CREDENTIAL_MISSING, Refusal.NOT_SUBSCRIBED)
_TOKEN = (Refusal.TOKEN_MISSING, Refusal.TOKEN_INVALID)

ORDER: tuple[Step, ...] = (
    Step(PolicyKind.CORS, "preflight"),
    Step(PolicyKind.MAINTENANCE, "gate", (Refusal.MAINTENANCE,)),
    Step(PolicyKind.IP, "gate", (Refusal.ADDRESS_DENIED,)),
    Step(PolicyKind.COUNTRIES, "gate", (Refusal.COUNTRY_DENIED,)),
    Step(PolicyKind.HOURS, "gate", (Refusal.CLOSED,)),
    Step(PolicyKind.UNMATCHED, "route", (Refusal.NOT_FOUND, Refusal.METHOD_NOT_ALLOWED)),
    Step(PolicyKind.SIZES, "route", (Refusal.TOO_LARGE, Refusal.RESPONSE_TOO_LARGE)),
    Step(PolicyKind.ANONYMOUS, "who"),
    Step(PolicyKind.MTLS, "who", (Refusal.CERTIFICATE_MISSING, Refusal.CERTIFICATE_INVALID, *_CREDENTIAL)),
    Step(PolicyKind.JWT, "who", (*_TOKEN, Refusal.TOKEN_EXPIRED, *_CREDENTIAL)),
    Step(PolicyKind.INTROSPECTION, "who", (*_TOKEN, Refusal.ISSUER_UNAVAILABLE, *_CREDENTIAL)),
    Step(PolicyKind.BASIC, "who", (Refusal.PASSWORD_MISSING, Refusal.PASSWORD_INVALID, *_CREDENTIAL)),
    Step(
        PolicyKind.KEY_AUTH,
        "who",
        (Refusal.KEY_MISSING, Refusal.KEY_INVALID, Refusal.KEY_AMBIGUOUS, *_CREDENTIAL),
    ),
    Step(PolicyKind.SCOPES, "may", (Refusal.SCOPE_INSUFFICIENT,)),
    Step(PolicyKind.QUOTA, "how much", (Refusal.QUOTA_EXCEEDED,)),
    Step(PolicyKind.COST, "how much"),
    Step(PolicyKind.RATE_LIMIT, "how much", (Refusal.RATE_LIMITED,)),
    Step(PolicyKind.CONCURRENCY, "how much", (Refusal.CONCURRENCY_LIMITED,)),
    Step(PolicyKind.MOCK, "answer"),
    Step(PolicyKind.PATH_REWRITE, "edit"),
    Step(PolicyKind.QUERY, "edit"),
    Step(PolicyKind.HOST, "edit"),
    Step(PolicyKind.HEADERS, "edit"),
    Step(PolicyKind.TIMEOUT, "upstream", (Refusal.UPSTREAM_TIMEOUT,)),
)
"""Every kind, once, in the order of execution."""

POSITION = {step.kind: number for number, step in enumerate(ORDER, start=1)}
"""Kind -> its number in the order, from 1."""
