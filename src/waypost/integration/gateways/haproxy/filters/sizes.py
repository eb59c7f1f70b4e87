"""Bodies over a limit: 413 for requests, 502 for answers.

By the length they announce, or, without one, by what has arrived: such a body is waited for as long as it fits into a
buffer. One that is larger cannot be measured before it is sent on, so it is refused: on this engine large bodies need a
``Content-Length``.
"""

from __future__ import annotations

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import Context, when
from waypost.integration.gateways.haproxy.problems import because, deny

LARGEST_UNANNOUNCED = 12_000
"""Bytes of a body without a length that fit into a buffer."""
_WAIT = "10s"
_REQUEST = "{ req.hdr(transfer-encoding) -m found }"
_ANSWER = "!{ res.hdr(content-length) -m found }"


def request_rules(context: Context) -> list[str]:
    """The operation's limit, else the gateway's."""
    most = context.settings.max_request_bytes
    limits = context.by_kind(lambda kind: _limit(kind.policies.sizes, most))
    return [line for limit, condition in limits for line in at_most(limit, condition)]


def at_most(limit: int, condition: str) -> list[str]:
    """No request body of more than ``limit`` bytes."""
    fits = min(limit, LARGEST_UNANNOUNCED)
    return [
        f"http-request wait-for-body time {_WAIT} at-least {fits + 1}{when(_REQUEST, condition)}",
        because(Refusal.TOO_LARGE, f"{condition} {{ req.hdr_val(content-length) gt {limit} }}".strip()),
        because(Refusal.TOO_LARGE, f"{_REQUEST} {condition} {{ req.body_len gt {fits} }}"),
        deny(413, ("connection", "close")),
    ]


def response_rules(context: Context) -> list[str]:
    """What an upstream may answer."""
    lines: list[str] = []
    for limit, condition in context.by_kind(lambda kind: _answer_limit(kind.policies.sizes)):
        fits = min(limit, LARGEST_UNANNOUNCED)
        larger = f"{condition} {{ res.hdr_val(content-length) gt {limit} }} !{{ var(txn.m) -m str HEAD }}".strip()
        unmeasured = f"{condition} {_ANSWER} {{ res.body_len gt {fits} }}".strip()
        lines += [
            f"http-response wait-for-body time {_WAIT} at-least {fits + 1}{when(_ANSWER, condition)}",
            *(
                because(Refusal.RESPONSE_TOO_LARGE, test).replace("http-request", "http-response")
                for test in (larger, unmeasured)
            ),
        ]
    return [*lines, deny(502).replace("http-request", "http-response")] if lines else []


def _limit(sizes: object, most: int) -> int:
    own = getattr(sizes, "request_bytes", 0)
    return min(own, most) if own else most


def _answer_limit(sizes: object) -> int | None:
    return getattr(sizes, "response_bytes", 0) or None
