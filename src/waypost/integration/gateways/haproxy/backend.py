"""One API as a section of the configuration: its policies in the order of ``contracts.ir.order``, then its servers."""

from __future__ import annotations

from waypost.contracts.ir import Timeout
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy import servers
from waypost.integration.gateways.haproxy.context import Context, when
from waypost.integration.gateways.haproxy.filters import (
    authentication,
    concurrency,
    cors,
    edits,
    gate,
    jwt,
    mock,
    quota,
    rate_limit,
    scopes,
    sizes,
)
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.problems import because, deny
from waypost.integration.gateways.haproxy.routing import ANY

# Milliseconds; the engine's timers end at 2^31 (24 days), and a call that may take for ever takes so long.
_FOREVER = 2_000_000_000


def lines(context: Context) -> list[str]:
    """The section's lines, without its name. ValueError for what this engine cannot do."""
    return [
        f"http-request set-var(txn.api) str({context.api.id})",
        *cors.request_rules(context),
        *_operation(context),
        *gate.rules(context),
        *_unmatched(context),
        *sizes.request_rules(context),
        *authentication.rules(context),
        *scopes.rules(context),
        *quota.rules(context),
        *rate_limit.rules(context),
        *concurrency.rules(context),
        "http-request set-var(txn.through) bool(true)",
        *mock.rules(context),
        *authentication.hide(context),
        *jwt.headers(context.api.jwt),
        *edits.request_rules(context),
        *_timeouts(context),
        "http-request set-var(txn.t1) date(0,us)",
        "http-response set-var(txn.t2) date(0,us)",
        *sizes.response_rules(context),
        *(f"http-response del-header {name}" for name in ("keep-alive", "proxy-connection")),
        *edits.response_rules(context),
        *rate_limit.response_rules(context),
        *cors.response_rules(context),
        *edits.servers(context),
        *servers.lines(context.api),
    ]


def _operation(context: Context) -> list[str]:
    """Find the operation and its kind; what no operation takes is of its version's own kind, for the gate's sake."""
    files, routing = context.files, context.routing
    templates = f"http-request set-var(txn.p) path,map_reg({files.map(f'templates-{context.api.id}')})"
    operation = f"http-request set-var(txn.op) {{}},map_str({files.map('operations')})"
    lines = [f"{templates} if !{found('p')}"] if routing.templates else []
    lines.append(operation.format("var(txn.p),concat(/,txn.m)"))
    if routing.passing:
        lines.append(operation.format(f"var(txn.p),concat(/{ANY})") + f" if !{found('op')}")
    if len(routing.kinds) > 1 or any(kind.policies.rate_limits for kind in routing.kinds):
        lines.append("http-request set-var(txn.k) var(txn.op),field(1,~)")
        lines.append(f"http-request set-var(txn.k) str({routing.general}) if !{found('k')}")
    return lines


def _unmatched(context: Context) -> list[str]:
    """404 for a path that nobody has, 405 for a method that the path does not have."""
    allowed = f"%[var(txn.p),map_str({context.files.map('allowed')})]"
    return [
        because(Refusal.NOT_FOUND, f"!{found('p')}"),
        deny(404),
        because(Refusal.METHOD_NOT_ALLOWED, f"!{found('op')}"),
        deny(405, ("allow", allowed)),
    ]


def _timeouts(context: Context) -> list[str]:
    lines = []
    for timeout, condition in context.by_kind(lambda kind: kind.policies.timeout or Timeout()):
        limit = timeout.request_ms or _FOREVER
        lines.append(f"http-request set-timeout server {limit}ms{when(condition)}")
    return lines
