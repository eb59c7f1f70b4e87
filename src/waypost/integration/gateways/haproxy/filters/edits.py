"""What goes through: headers, path and host on the way to the upstream, headers on the way back."""

from __future__ import annotations

from urllib.parse import urlsplit

from waypost.contracts.ir import HeaderEdit, needs, templates
from waypost.integration.gateways.haproxy.context import APART, Context, when
from waypost.integration.gateways.haproxy.filters import queries
from waypost.integration.gateways.haproxy.filters.mock import mocked
from waypost.integration.gateways.haproxy.routing import Kind, PathChange
from waypost.integration.gateways.haproxy.servers import server_name
from waypost.integration.gateways.haproxy.templates import asks_for_host, kept, path_text, text
from waypost.integration.gateways.haproxy.text import literal, word


def request_rules(context: Context) -> list[str]:
    """Path, then host, then headers: the order of ``contracts.ir.order``."""
    templated = [text for kind in context.routing.kinds for text in needs.templated(kind.policies)]
    lines = ["http-request set-var(txn.host) req.fhdr(host)"] if any(map(asks_for_host, templated)) else []
    lines += kept(templated)
    for rewrite, condition in context.by_kind(_template):
        lines.append(f"http-request set-path {word(path_text(rewrite))}{when(condition)}")
    for change, condition in context.by_kind(_change):
        lines += [f"http-request set-path {word(path)}{when(condition, more)}" for path, more in _paths(change)]
    for query, condition in context.by_kind(lambda kind: kind.policies.query):
        lines += queries.rules(query, condition)
    for host, condition in context.by_kind(_host):
        lines.append(f"http-request set-header host {word(literal(host))}{when(condition)}")
    for edit, condition in context.by_kind(lambda kind: kind.policies.headers):
        lines += [line + when(condition) for line in _edit(context, "http-request", edit, "request")]
    return lines


def response_rules(context: Context) -> list[str]:
    """Header edits on answers of the upstream and of mocks, which see no ``http-response``; not on refusals."""
    lines = []
    mocks = any(kind.policies.mock for kind in context.routing.kinds)
    for edit, condition in context.by_kind(lambda kind: kind.policies.headers):
        lines += [line + when(condition) for line in _edit(context, "http-response", edit, "response")]
        if mocks:
            lines += [
                line + when(condition, mocked()) for line in _edit(context, "http-after-response", edit, "response")
            ]
    return lines


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
    if change.added:
        return [(rest, "")]
    longer = f"{{ path -m len gt {change.removed} }}"
    return [("/", f"!{longer}"), (rest, longer)] if change.removed else []


def _host(kind: Kind) -> str | None:
    own = kind.policies.host
    if kind.upstream is None or (own is not None and own.preserve):
        return None
    if own is not None and own.host:
        return own.host
    return urlsplit(kind.upstream.url).netloc.rpartition("@")[2]


def _edit(context: Context, rule: str, edit: HeaderEdit, side: str) -> list[str]:
    """Remove, then set, then add. A set leaves exactly one line. Plain values stand in a map, and change in memory."""

    def said(value: str) -> str:
        plain = "".join(map(str, templates.parse(value))) if templates.is_plain(value) else ""
        return context.told(plain) if plain and APART not in plain else text(value)

    removed: tuple[str, ...] = getattr(edit, f"{side}_remove")
    written: list[tuple[str, tuple[tuple[str, str], ...]]] = [
        ("set-header", getattr(edit, f"{side}_set")),
        ("add-header", getattr(edit, f"{side}_add")),
    ]
    lines = [f"{rule} del-header {name}" for name in removed]
    for action, pairs in written:
        lines += [f"{rule} {action} {name} {word(said(value))}" for name, value in pairs]
    return lines
