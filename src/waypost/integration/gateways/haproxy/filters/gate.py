"""Before anybody is asked who calls: maintenance, addresses, hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from waypost.contracts.ir import IpRules, Maintenance, OpenHours
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.names import REFUSED
from waypost.integration.gateways.haproxy.problems import because, deny, maintenance_body
from waypost.integration.gateways.haproxy.text import literal, word
from waypost.kit.clock import aware

_DEFAULT_SECONDS = 60
# The epoch began on a Thursday; weeks here begin on Monday.
_MINUTE_OF_WEEK = "date,add(259200),div(60),mod(10080)"


def rules(context: Context) -> list[str]:
    """In the order of ``contracts.ir.order``."""
    return [*_maintenance(context), *_addresses(context), *_hours(context)]


def _maintenance(context: Context) -> list[str]:
    lines = []
    for policy, condition in context.by_kind(lambda kind: kind.policies.maintenance):
        if not policy.enabled:
            continue
        strangers = f"!{context.matches('src', 'ip', policy.allow)}" if policy.allow else ""
        conditions = " ".join(filter(None, [condition, strangers])) or "TRUE"
        lines += [because(Refusal.MAINTENANCE, conditions), *_announce(context, policy)]
    return lines


def _announce(context: Context, policy: Maintenance) -> list[str]:
    """503 with the policy's own words."""
    said = maintenance_body(context.settings, literal(json.dumps(policy.message)) if policy.message else "")
    seconds, lines = str(_DEFAULT_SECONDS), []
    if policy.until is not None:
        seconds = "%[var(txn.until)]"
        lines = _wait(policy.until)
    answer = f"content-type application/problem+json lf-string {word(said)} hdr retry-after {word(seconds)}"
    return [*lines, f"http-request deny deny_status 503 {answer} if {REFUSED}"]


def _wait(until: datetime) -> list[str]:
    end = int(aware(until).timestamp())
    return [
        f"http-request set-var(txn.until) date,neg,add({end}) if {REFUSED}",
        f"http-request set-var(txn.until) int(1) if {REFUSED} {{ var(txn.until) -m int lt 1 }}",
    ]


def _addresses(context: Context) -> list[str]:
    lines = []
    for policy, condition in context.by_kind(lambda kind: kind.policies.ip):
        lines += [because(Refusal.ADDRESS_DENIED, f"{condition} {test}".strip()) for test in _outside(context, policy)]
    return [*lines, deny(403)] if lines else []


def _outside(context: Context, policy: IpRules) -> Iterator[str]:
    if policy.deny:
        yield context.matches("src", "ip", policy.deny)
    if policy.allow:
        yield f"!{context.matches('src', 'ip', policy.allow)}"


def _hours(context: Context) -> list[str]:
    lines = []
    for policy, condition in context.by_kind(lambda kind: kind.policies.hours):
        if policy.open:
            ranges = [item for stretch in policy.open for item in _minutes(stretch)]
            closed = f"!{context.matches(_MINUTE_OF_WEEK, 'int', ranges)}" if ranges else "TRUE"
            lines.append(because(Refusal.CLOSED, f"{condition} {closed}".strip()))
    return [*lines, deny(403)] if lines else []


def _minutes(stretch: OpenHours) -> Iterator[str]:
    """Minutes of the week as ranges, both ends included."""
    for day in stretch.days:
        first = (day - 1) * 1440
        if stretch.end_minute > stretch.start_minute:
            yield f"{first + stretch.start_minute}:{first + stretch.end_minute - 1}"
