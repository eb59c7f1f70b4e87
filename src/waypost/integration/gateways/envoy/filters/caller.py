"""The caller's label, taken apart for policies that name one piece of it (an app, a plan …); only where one does."""

from __future__ import annotations

from typing import Any

from envoy.extensions.filters.http.header_to_metadata.v3 import header_to_metadata_pb2

from waypost.integration.gateways.envoy import wire
from waypost.integration.gateways.envoy.names import CLIENT

NAMESPACE = "gw.caller"
PLAN, SUBSCRIPTION, APP, CREDENTIAL = "plan", "subscription", "app", "credential"
_ORDER = (PLAN, SUBSCRIPTION, APP, CREDENTIAL)


def filters(pieces: set[str]) -> list[tuple[str, Any]]:
    """Filters that write these pieces into ``NAMESPACE``; a caller without a label has none."""
    if not pieces:
        return []
    rules = [_rule(piece) for piece in _ORDER if piece in pieces]
    taken = wire.pack(wire.parse(header_to_metadata_pb2.Config, {"request_rules": rules}))
    return [("pieces", taken)]


def _rule(piece: str) -> dict[str, Any]:
    groups = "~".join(f"({'[^~]*'})" if name == piece else "[^~]*" for name in _ORDER)
    rewrite = {"pattern": {"regex": f"^.*~{groups}$|^.*$"}, "substitution": "\\1"}
    value = {"metadata_namespace": NAMESPACE, "key": piece, "regex_value_rewrite": rewrite}
    return {"header": CLIENT, "on_header_present": value}
