"""Quotas. The hub counts; a grant it marked exhausted carries a mark in its client label, and RBAC denies it.

The local reply (``problems.py``) turns that denial into 429 with the seconds until the moment that the label names.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import labels
from waypost.integration.gateways.envoy.names import CLIENT, METADATA, RBAC, filter_type

_POLICY = "quota"
_ALL = [{"any": True}]
DENIAL_DETAILS = f"rbac_access_denied_matched_policy[{_POLICY}]"
"""What the engine's response code details say when this filter denied."""
_LEFT = f"int(metadata.filter_metadata['{METADATA}']['{labels.CALLER}']['{labels.RESETS}']) - int(request.time)"
SECONDS_LEFT = f"{_LEFT} > 1 ? {_LEFT} : 1"
"""CEL: whole seconds until the quota is expected to start anew, at least one."""


def listener_filter() -> dict[str, Any]:
    """Two comparisons per call; one is for ``CONNECT``: nothing is tunnelled, and it must have an answer."""
    permission = {"header": {"name": CLIENT, "string_match": {"prefix": labels.EXHAUSTED_PREFIX}}}
    deny = {"permissions": [permission], "principals": _ALL}
    connect = {
        "permissions": [{"header": {"name": ":method", "string_match": {"exact": "CONNECT"}}}],
        "principals": _ALL,
    }
    rules = {"action": "DENY", "policies": {_POLICY: deny, Refusal.BAD_REQUEST.value: connect}}
    return {"name": RBAC, "typed_config": {"@type": filter_type("rbac.v3.RBAC"), "rules": rules}}
