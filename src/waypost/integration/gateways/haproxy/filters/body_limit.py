"""Request bodies over the limit answer 413: by the length they announce, or, without one, by what has arrived.

A body without a length is waited for as long as it fits into a buffer. One that is larger than that cannot be measured
before it is sent on, so it is refused as well: on this engine large bodies need a ``Content-Length``.
"""

from __future__ import annotations

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.haproxy.context import Context
from waypost.integration.gateways.haproxy.problems import because, deny

LARGEST_UNANNOUNCED = 24_000
"""Bytes of a body without a length that fit into a buffer."""
_WAIT = "10s"
_UNANNOUNCED = "{ req.hdr(transfer-encoding) -m found }"


def rules(context: Context) -> list[str]:
    """The gateway's limit."""
    limit = context.settings.max_request_bytes
    fits = min(limit, LARGEST_UNANNOUNCED)
    return [
        f"http-request wait-for-body time {_WAIT} at-least {fits + 1} if {_UNANNOUNCED}",
        because(Refusal.TOO_LARGE, f"{{ req.hdr_val(content-length) gt {limit} }}"),
        because(Refusal.TOO_LARGE, f"{_UNANNOUNCED} {{ req.body_len gt {fits} }}"),
        deny(413, ("connection", "close")),
    ]
