"""Quotas. The hub counts; a grant that it marked exhausted says so in its label, and its calls answer 429."""

from __future__ import annotations

from waypost.contracts.vocab import QuotaUnit, Refusal
from waypost.integration.gateways.haproxy import labels
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.problems import deny

_EXHAUSTED = found("until")
# Bytes: a line of the log has room for so much and for all that comes after it.
_LONGEST_NUMBER = 64


def rules() -> list[str]:
    """Refuse where the label names an end; a call waits at least one second for it."""
    window = f"str({Refusal.QUOTA_EXCEEDED}.),concat(,txn.window)"
    return [
        f"http-request set-var(txn.until) var(txn.c),field({labels.UNTIL},~),add(0) if {found('c')}",
        f"http-request set-var(txn.window) var(txn.c),field({labels.STATE},~) if {_EXHAUSTED}",
        f"http-request set-var(txn.why) {window} if {_EXHAUSTED}",
        f"http-request set-var(txn.now) date if {_EXHAUSTED}",
        f"http-request set-var(txn.until) var(txn.until),sub(txn.now) if {_EXHAUSTED}",
        f"http-request set-var(txn.until) int(1) if {_EXHAUSTED} {{ var(txn.until) -m int lt 1 }}",
        deny(429, ("retry-after", "%[var(txn.until)]")),
    ]


def response_rules(context: Context) -> list[str]:
    """The number that a plan's quota counts by, in ``units`` for the log, before anybody edits the header."""
    lines = []
    for plan in context.api.plans:
        for header in dict.fromkeys(item.header.lower() for item in plan.quotas if item.unit is QuotaUnit.HEADER):
            mine = f"{{ var(txn.c) -m beg {plan.id}~ }}"
            number = f"res.fhdr({header}),bytes(0,{_LONGEST_NUMBER}),json(utf8s)"
            lines.append(f"http-response set-var(txn.units) {number} if {mine}")
    return lines
