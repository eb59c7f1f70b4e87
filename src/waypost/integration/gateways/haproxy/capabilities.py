"""What this engine does natively; everything else is refused by name before it is published."""

from __future__ import annotations

from waypost.contracts.drivers import Capability

CAPABILITIES = frozenset(
    [
        *(Capability.KEY_AUTH_HEADER, Capability.KEY_AUTH_QUERY, Capability.KEY_AUTH_COOKIE, Capability.KEY_HIDE),
        *(Capability.RATE_LIMIT, Capability.QUOTA, Capability.CORS, Capability.HEADERS, Capability.PATH_REWRITE),
        *(Capability.TIMEOUT, Capability.MOCK, Capability.PROBLEM_JSON, Capability.LIVE_GRANTS),
    ]
)
