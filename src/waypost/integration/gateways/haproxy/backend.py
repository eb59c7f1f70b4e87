"""One API as a section of the configuration: its policies in the order of ``contracts.ir.order``, then its servers."""

from __future__ import annotations

from waypost.contracts.ir import Timeout
from waypost.integration.gateways.haproxy import common, servers
from waypost.integration.gateways.haproxy.bootstrap import Files
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
from waypost.integration.gateways.haproxy.routing import ANY, OF
from waypost.integration.gateways.haproxy.text import word

# Milliseconds; the engine's timers end at 2^31 (24 days), and a call that may take for ever takes so long.
_FOREVER = 2_000_000_000


def lines(context: Context) -> list[str]:
    """The section's lines, without its name. ValueError for what this engine cannot do."""
    return [
        *(_common(context) if context.common else _own(context)),
        *mock.rules(context),
        *edits.request_rules(context),
        *_timeouts(context),
        *cors.own_rules(context.api),
        *sizes.response_rules(context),
        *quota.response_rules(context),
        *edits.response_rules(context),
        *edits.servers(context),
        *servers.lines(context.api),
    ]


def _common(context: Context) -> list[str]:
    return [*_kind(context), *authentication.hide(context), *edits.kept_rules(context)]


def _own(context: Context) -> list[str]:
    """Everything that a common API leaves to the frontend."""
    return [
        *_operation(context),
        *_kind(context),
        *gate.rules(context),
        *common.unmatched(context.files),
        *sizes.request_rules(context),
        *authentication.rules(context),
        *scopes.rules(context),
        *authentication.hide(context),
        *jwt.headers(context.api.jwt),
        *edits.kept_rules(context),
        *(quota.rules() if context.api.guarded else ()),
        *rate_limit.rules(context),
        *concurrency.rules(context),
    ]


def _operation(context: Context) -> list[str]:
    """Operations that the frontend cannot find: by a regular expression, or whatever is left over."""
    files, routing = context.files, context.routing
    lines = []
    if routing.templates:
        templates = f"http-request set-var(txn.p) path,map_reg({files.map(f'templates-{context.api.id}')})"
        lines = [f"{templates} if !{found('op')} !{found('p')}", _named(files, "txn.m")]
    return [*lines, _named(files, ANY)] if routing.passing else lines


def _named(files: Files, method: str) -> str:
    """The operation of the path's id and a method, where it is not known yet."""
    key = f"concat({OF},{method})" if method.startswith("txn.") else f"concat({OF}{method})"
    return f"http-request set-var(txn.op) var(txn.p),{key},map_str({files.map('operations')}) if !{found('op')}"


def _kind(context: Context) -> list[str]:
    """The operation's kind; what no operation takes is of its version's own kind, for the gate's sake."""
    routing = context.routing
    if len(routing.kinds) == 1 and not routing.kinds[0].policies.rate_limits:
        return []
    lines = [f"http-request set-var(txn.k) var(txn.op),field(1,~) if !{found('k')}"]
    for prefix, number in routing.general:
        below = f" {{ path,concat(/) -m beg -- {word(f'{prefix}/')} }}" if prefix else ""
        lines.append(f"http-request set-var(txn.k) str({number}) if !{found('k')}{below}")
    return lines


def _timeouts(context: Context) -> list[str]:
    lines = []
    for timeout, condition in context.by_kind(lambda kind: kind.policies.timeout or Timeout()):
        limit = timeout.request_ms or _FOREVER
        if condition or timeout != Timeout():
            lines.append(f"http-request set-timeout server {limit}ms{when(condition)}")
    return lines
