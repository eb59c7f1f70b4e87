"""So many calls in flight at once: a stick table counts them, and a call that ends is taken off."""

from __future__ import annotations

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import Context, when
from waypost.integration.gateways.haproxy.filters import rate_limit
from waypost.integration.gateways.haproxy.problems import because, deny
from waypost.integration.gateways.haproxy.text import word

TABLE = "inflight"
MOST_TRACKERS = rate_limit.MOST_SLOTS + 2
"""Those of limits and of calls in flight together."""


def table() -> list[str]:
    """The section that counts. It need not outlive a worker: its calls end with it."""
    return ["stick-table type string len 128 size 200k expire 1h store conn_cur"]


def rules(context: Context) -> list[str]:
    """Refuse with 429; the call that asks is counted as well."""
    lines = []
    tracker = len(rate_limit.slots(context))
    for policy, condition in context.by_kind(lambda kind: kind.policies.concurrency):
        if tracker >= MOST_TRACKERS:
            raise ValueError("this engine tells fewer limits of calls in flight of one API apart")
        key = word(rate_limit.key_of(policy.by, ""))
        lines.append(f"http-request track-sc{tracker} {key} table {TABLE}{when(condition)}")
        over = f"{{ sc_conn_cur({tracker}) gt {policy.calls} }}"
        lines.append(because(Refusal.CONCURRENCY_LIMITED, f"{condition} {over}".strip()))
        tracker += 1
    return [*lines, deny(429, ("retry-after", "1"))] if lines else []
