"""Quotas. The hub counts; a grant it marked exhausted carries a mark in its client label, which is refused.

It is the engine's fault filter that refuses: it looks at one header and does nothing else, where the access filter
(RBAC) writes down for every call that it let it pass. The local reply (``problems.py``) makes it a 429 with the seconds
until the moment that the label names.
"""

from __future__ import annotations

from typing import Any

from waypost.integration.gateways.envoy.filters import labels
from waypost.integration.gateways.envoy.names import CLIENT, FAULT, filter_type

DENIAL_DETAILS = "fault_filter_abort"
"""What the engine's response code details say when this filter denied."""
_LEFT = f"{labels.reset()} - int(request.time)"
SECONDS_LEFT = f"{_LEFT} > 1 ? {_LEFT} : 1"
"""CEL: whole seconds until the quota is expected to start anew, at least one."""


def listener_filter() -> dict[str, Any]:
    """One prefix comparison per call."""
    config = {
        "@type": filter_type("fault.v3.HTTPFault"),
        "abort": {"http_status": 429, "percentage": {"numerator": 100}},
        "headers": [{"name": CLIENT, "string_match": {"prefix": labels.USED_UP}}],
        "disable_downstream_cluster_stats": True,
    }
    return {"name": FAULT, "typed_config": config}
