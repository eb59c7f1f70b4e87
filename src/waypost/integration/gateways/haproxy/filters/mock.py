"""Fixed answers in place of an upstream."""

from __future__ import annotations

from waypost.contracts.ir import Mock
from waypost.contracts.ir.needs import LARGE_MOCK
from waypost.integration.gateways.haproxy.context import Context, when
from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.text import literal, word

LARGEST_BODY = LARGE_MOCK
"""Bytes; a body has to fit into one buffer of the engine."""


def rules(context: Context) -> list[str]:
    """Answer, by kind of operation. ValueError for a body that is too large for this engine."""
    lines = []
    for mock, condition in context.by_kind(lambda kind: kind.policies.mock):
        lines.append(f"http-request set-var(txn.mocked) bool(true){when(condition)}")
        lines.append(f"http-request return {_answer(mock)}{when(condition)}")
    return lines


def largest(context: Context) -> int:
    """Bytes of the largest body."""
    bodies = [kind.policies.mock.body for kind in context.routing.kinds if kind.policies.mock]
    return max((len(body.encode()) for body in bodies), default=0)


def _answer(mock: Mock) -> str:
    size = len(mock.body.encode())
    if size > LARGEST_BODY:
        raise ValueError(f"a mock of {size} bytes is larger than this engine answers ({LARGEST_BODY})")
    body = ""
    if mock.body:
        body = f" content-type {word(mock.content_type)} lf-string {_lines(mock.body)}"
    headers = "".join(f" hdr {name} {word(literal(value))}" for name, value in mock.headers)
    return f"status {mock.status}{body}{headers}"


def _lines(body: str) -> str:
    return word(literal(body))


def mocked() -> str:
    """A condition: the answer is a mock's."""
    return found("mocked")
