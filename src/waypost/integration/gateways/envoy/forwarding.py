"""Where a call goes, or what is answered in its place."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from envoy.config.core.v3 import base_pb2
from google.protobuf import duration_pb2

from waypost.contracts.ir import ApiIR, HostRewrite, Mock, Timeout
from waypost.contracts.ir.templates import parse
from waypost.integration.gateways.envoy import clusters
from waypost.integration.gateways.envoy.filters import edits, headers
from waypost.integration.gateways.envoy.operations import Operation
from waypost.integration.gateways.envoy.paths import rewriting, upstream_path


def mock(route: Any, answer: Mock) -> None:
    """Answer by the gateway itself."""
    route.direct_response.status = answer.status
    if answer.body:
        route.direct_response.body.CopyFrom(base_pb2.DataSource(inline_string=answer.body))
        route.response_headers_to_add.append(headers.option("content-type", answer.content_type))
    route.response_headers_to_add.extend(headers.option(*pair) for pair in answer.headers)
    # The engine would name the path as what was created, or as where to go.
    route.response_headers_to_remove.append("location")


def forward(route: Any, api: ApiIR, operation: Operation) -> None:
    """Send on to the version's upstream; ValueError where there is none."""
    aim = clusters.target(api, operation.version, operation.route)
    if aim is None:
        raise ValueError(f"{operation.route.method} {operation.route.path} has neither an upstream nor a mock")
    url, policies = urlsplit(aim.upstream.url), operation.policies
    route.route.cluster = aim.cluster
    _host(route.route, url.netloc.rpartition("@")[2], policies.host)
    _path(route.route, url.path, operation, slash=route.match.path.endswith("/"))
    _time_limit(route.route, policies.timeout or Timeout())


def _host(action: Any, upstream: str, rewrite: HostRewrite | None) -> None:
    """Without a literal the engine leaves the caller's own."""
    if rewrite is None or not rewrite.preserve:
        action.host_rewrite_literal = (rewrite.host if rewrite else "") or upstream


def _path(action: Any, base: str, operation: Operation, *, slash: bool) -> None:
    """``slash``: the route is for the path with a slash at its end, which goes on."""
    template, rewrite = operation.route.path, operation.policies.rewrite
    if edits.makes_path(operation):
        return
    if rewrite is not None and rewrite.template:
        whole = base.rstrip("/") + "/" + "".join(str(piece) for piece in parse(rewrite.template)).lstrip("/")
        action.regex_rewrite.pattern.regex = "^.+$"
        action.regex_rewrite.substitution = whole.replace("\\", "\\\\")
        return
    if operation.path.literal:
        path = upstream_path(base, template, rewrite)
        action.prefix_rewrite = f"{path.removesuffix('/')}/" if slash else path
        return
    removed, added = rewriting(base, template, rewrite)
    gone = operation.prefix + removed
    if operation.looked_up and operation.head.startswith(gone):
        action.prefix_rewrite = added + operation.head.removeprefix(gone)
        return
    # Of a mount, or of a prefix that is taken away, there may be nothing left: then the slash is all there is.
    bare = operation.unmatched and not (removed and added)
    action.regex_rewrite.pattern.regex = f"^{re.escape(gone)}{'/?' if bare else ''}"
    action.regex_rewrite.substitution = (f"{added}/" if bare else added).replace("\\", "\\\\")


def _time_limit(action: Any, timeout: Timeout) -> None:
    action.timeout.CopyFrom(_milliseconds(timeout.request_ms))


def _milliseconds(value: int) -> Any:
    duration = duration_pb2.Duration()
    duration.FromMilliseconds(value)
    return duration
