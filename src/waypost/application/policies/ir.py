"""Kept configurations as IR values. Pure; the compiler calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from waypost.application.policies.kinds import (
    CorsConfig,
    HeadersConfig,
    KeyAuthConfig,
    MockConfig,
    PathRewriteConfig,
    TimeoutConfig,
)
from waypost.contracts.ir import Cors, HeaderEdit, KeyAuth, Mock, PathRewrite, RoutePolicies, Timeout

Configs = Mapping[str, Mapping[str, Any]]
"""Kind -> configuration, at one place."""


def key_auth_ir(config: Mapping[str, Any]) -> KeyAuth | None:
    """None where the API is open to everybody."""
    model = KeyAuthConfig.model_validate(config)
    if not model.enabled:
        return None
    return KeyAuth(header=model.header, query=model.query, cookie=model.cookie, hide=model.hide)


def cors_ir(config: Mapping[str, Any]) -> Cors:
    """Cross-origin rules."""
    model = CorsConfig.model_validate(config)
    return Cors(
        origins=tuple(model.origins),
        methods=tuple(model.methods),
        headers=tuple(model.headers),
        expose=tuple(model.expose),
        credentials=model.credentials,
        max_age_seconds=model.max_age_seconds,
    )


def headers_ir(config: Mapping[str, Any]) -> HeaderEdit:
    """Header edits."""
    model = HeadersConfig.model_validate(config)
    return HeaderEdit(
        request_set=_pairs(model.request_set),
        request_add=_pairs(model.request_add),
        request_remove=tuple(model.request_remove),
        response_set=_pairs(model.response_set),
        response_add=_pairs(model.response_add),
        response_remove=tuple(model.response_remove),
    )


def route_policies_ir(configs: Configs, *, mock: Mock | None = None) -> RoutePolicies:
    """The policies of one place (a version or an operation); ``mock`` is decided by :func:`mock_ir`."""
    headers, rewrite, timeout = (configs.get(kind) for kind in ("headers", "path_rewrite", "timeout"))
    return RoutePolicies(
        headers=None if headers is None else headers_ir(headers),
        rewrite=None if rewrite is None else _rewrite(rewrite),
        timeout=None if timeout is None else Timeout(request_ms=TimeoutConfig.model_validate(timeout).request_ms),
        mock=mock,
    )


def mock_ir(
    *, operation: Mapping[str, Any] | None, version: Mapping[str, Any] | None, example: Mock | None
) -> Mock | None:
    """The mock of one route. ``operation`` and ``version`` are mock configurations, the first one that is set decides.

    An enabled mock without an answer of its own gives the definition's ``example``; None = ask the upstream.
    """
    config = operation if operation is not None else version
    if config is None:
        return None
    model = MockConfig.model_validate(config)
    if not model.enabled:
        return None
    if model.answer is None:
        return example
    answer = model.answer
    return Mock(
        status=answer.status, content_type=answer.content_type, body=answer.body, headers=_pairs(answer.headers)
    )


def _rewrite(config: Mapping[str, Any]) -> PathRewrite:
    model = PathRewriteConfig.model_validate(config)
    return PathRewrite(prefix=model.prefix, replacement=model.replacement)


def _pairs(items: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((item.name, item.value) for item in items)
