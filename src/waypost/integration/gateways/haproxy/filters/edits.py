"""What goes through: headers, path and host on the way to the upstream, headers on the way back."""

from __future__ import annotations

from urllib.parse import urlsplit

from waypost.contracts.ir import HeaderEdit, needs, templates
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import APART, Context, when
from waypost.integration.gateways.haproxy.filters import queries
from waypost.integration.gateways.haproxy.filters.mock import mocked
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.problems import because, deny
from waypost.integration.gateways.haproxy.routing import Kind, PathChange
from waypost.integration.gateways.haproxy.servers import server_name
from waypost.integration.gateways.haproxy.templates import asks_for_host, kept, path_text, text
from waypost.integration.gateways.haproxy.text import literal, word
from waypost.integration.gateways.refusals import OWN_HEADERS

# A variable that is `.` or `..` would lead out of where the template leads.
_CLIMBS = r"{ path -m reg '/\.\.?(/|$)' }"


def kept_rules(context: Context) -> list[str]:
    """What templates say of the request, kept before anything is edited, and noted that it is known."""
    kinds = context.routing.kinds
    templated = [text for kind in kinds for text in needs.templated(kind.policies)]
    lines = ["http-request set-var(txn.host) req.fhdr(host)"] if any(map(asks_for_host, templated)) else []
    told = any(says_of_the_call(kind.policies.headers) for kind in kinds)
    return [*lines, *kept(templated), *(["http-request set-var(txn.told) bool(true)"] if told else [])]


def request_rules(context: Context) -> list[str]:
    """Path, then host, then headers: the order of ``contracts.ir.order``."""
    lines = []
    for rewrite, condition in context.by_kind(_template):
        lines.append(f"http-request set-path {word(path_text(rewrite))}{when(condition)}")
        if not templates.is_plain(rewrite):
            lines += [because(Refusal.BAD_REQUEST, f"{condition} {_CLIMBS}".strip()), deny(400)]
    for change, condition in context.by_kind(_change):
        lines += [f"http-request set-path {word(path)}{when(condition, more)}" for path, more in _paths(change)]
    for query, condition in context.by_kind(lambda kind: kind.policies.query):
        lines += queries.rules(query, condition)
    for host, condition in context.by_kind(_host):
        lines.append(f"http-request set-header host {word(literal(host))}{when(condition)}")
    for edit, condition in context.by_kind(lambda kind: kind.policies.headers):
        changes = _changes(context, "request", edit)
        lines += [f"http-request {change}{when(condition)}" for _, change, _ in changes]
    return lines


def response_rules(context: Context) -> list[str]:
    """Header edits on answers, the gateway's own included, but for what these say themselves."""
    lines = []
    mocks = any(kind.policies.mock for kind in context.routing.kinds)
    kind_of = "var(txn.op),field(1,~)" if context.common else "var(txn.k)"
    for edit, condition in context.by_kind(lambda kind: kind.policies.headers, kind_of):
        for name, change, variable in _changes(context, "response", edit):
            if name not in OWN_HEADERS:
                lines.append(f"http-after-response {change}{when(condition, found('told') if variable else '')}")
                continue
            lines.append(f"http-response {change}{when(condition)}")
            lines += [f"http-after-response {change}{when(condition, mocked())}"] if mocks else []
    return lines


def says_of_the_call(edit: HeaderEdit | None) -> bool:
    """Whether an edit of answers holds variables."""
    return edit is not None and not all(
        templates.is_plain(text) for _, text in (*edit.response_set, *edit.response_add)
    )


def of_answers(edit: HeaderEdit | None) -> bool:
    """Whether an edit concerns answers."""
    return edit is not None and bool(edit.response_set or edit.response_add or edit.response_remove)


def servers(context: Context) -> list[str]:
    """Which server takes which kind, where there are several."""
    chosen = list(context.by_kind(lambda kind: server_name(kind.upstream) if kind.upstream else None))
    if len(chosen) < 2:
        return []
    return [f"use-server {name}{when(condition)}" for name, condition in chosen]


def _template(kind: Kind) -> str | None:
    rewrite = kind.policies.rewrite
    if kind.upstream is None or rewrite is None or not rewrite.template:
        return None
    return urlsplit(kind.upstream.url).path.rstrip("/") + rewrite.template


def _change(kind: Kind) -> PathChange | None:
    return kind.change if kind.upstream and kind.policies.mock is None and _template(kind) is None else None


def _paths(change: PathChange) -> list[tuple[str, str]]:
    """New paths with the condition of each; what is left of a path is never empty."""
    if change.fixed:
        return [(literal(change.fixed), "")]
    if change.only_base:
        return [(f"{literal(change.added)}/%[path,field(3,/,0)]", "")]
    rest = f"{literal(change.added)}%[path,bytes({change.removed})]"
    if change.added and not change.slash:
        return [(rest, "")]
    longer = f"{{ path -m len gt {change.removed} }}"
    return [(f"{literal(change.added)}/", f"!{longer}"), (rest, longer)] if change.removed else []


def _host(kind: Kind) -> str | None:
    own = kind.policies.host
    if kind.upstream is None or (own is not None and own.preserve):
        return None
    if own is not None and own.host:
        return own.host
    return urlsplit(kind.upstream.url).netloc.rpartition("@")[2]


def _changes(context: Context, side: str, edit: HeaderEdit) -> list[tuple[str, str, bool]]:
    """Remove, then set, then add: name, what is done, and whether it says something of the call.

    A set leaves exactly one line. Plain values stand in a map, and change in memory.
    """
    removed: tuple[str, ...] = getattr(edit, f"{side}_remove")
    changes = [(name, f"del-header {name}", False) for name in removed]
    for action in ("set", "add"):
        for name, value in getattr(edit, f"{side}_{action}"):
            said = word(_said(context, value))
            changes.append((name, f"{action}-header {name} {said}", not templates.is_plain(value)))
    return changes


def _said(context: Context, value: str) -> str:
    plain = "".join(map(str, templates.parse(value))) if templates.is_plain(value) else ""
    return context.told(plain) if plain and APART not in plain else text(value)
