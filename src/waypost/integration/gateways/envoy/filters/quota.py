"""Quotas. The hub counts; a grant it marked exhausted carries a mark in its client label, and RBAC denies it.

The local reply (``problems.py``) turns that denial into 429 with the seconds to the end of the UTC day or month.
"""

from __future__ import annotations

from typing import Any

from waypost.contracts.vocab import Window
from waypost.integration.gateways.envoy.filters import labels
from waypost.integration.gateways.envoy.names import CLIENT, RBAC, filter_type


def denial_details(window: Window) -> str:
    """What the engine's response code details say when this filter denied."""
    return f"rbac_access_denied_matched_policy[{_policy_name(window)}]"


def listener_filter() -> dict[str, Any]:
    """One policy per window; costs two prefix comparisons per call."""
    policies = {_policy_name(window): _deny(window) for window in Window}
    rules = {"action": "DENY", "policies": policies}
    return {"name": RBAC, "typed_config": {"@type": filter_type("rbac.v3.RBAC"), "rules": rules}}


def _policy_name(window: Window) -> str:
    return f"quota_{window.value}"


def _deny(window: Window) -> dict[str, Any]:
    permission = {"header": {"name": CLIENT, "string_match": {"prefix": labels.exhausted_prefix(window)}}}
    return {"permissions": [permission], "principals": [{"any": True}]}
