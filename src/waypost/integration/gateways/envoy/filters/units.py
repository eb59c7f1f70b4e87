"""Quotas by a number in a response header: the number goes into the call's record, and the hub counts it."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from envoy.extensions.filters.http.header_to_metadata.v3 import header_to_metadata_pb2

from waypost.contracts.ir import ApiIR, Plan
from waypost.contracts.vocab import QuotaUnit
from waypost.integration.gateways.envoy import wire

NAMESPACE = "gw.units"
LOGGED = f"%DYNAMIC_METADATA({NAMESPACE})%"


def header_of(plan: Plan | None) -> str:
    """The response header that a plan counts by; empty where it counts otherwise."""
    found = (quota.header.lower() for quota in (plan.quotas if plan else ()) if quota.unit is QuotaUnit.HEADER)
    return next(found, "")


def filters(api: ApiIR) -> list[tuple[str, Any]]:
    """Keeps the response headers that the API's plans count by, until the call is logged."""
    names = sorted({header_of(plan) for plan in api.plans} - {""})
    if not names:
        return []
    rules = [{"header": name, "on_header_present": {"metadata_namespace": NAMESPACE, "key": name}} for name in names]
    return [("units", wire.pack(wire.parse(header_to_metadata_pb2.Config, {"response_rules": rules})))]


def read(logged: Any, header: str) -> float:
    """The number that a line of the log holds under ``header``; 0 for what is none."""
    held = json.loads(logged) if isinstance(logged, str) else logged
    try:
        value = float(held[header])
    except (KeyError, TypeError, ValueError):
        return 0.0
    return value if isfinite(value) and value > 0 else 0.0
