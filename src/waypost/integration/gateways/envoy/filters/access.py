"""The engine's access filter (RBAC), as this driver uses it: it refuses what fits, and says under which code.

A policy's name is the refusal's code, which the engine writes into its response code details; ``problems.py`` and
``access_log.py`` read it there. Each policy has a filter of its own, so that they act in the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envoy.extensions.filters.http.rbac.v3 import rbac_pb2

from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy import wire

Condition = dict[str, Any]
Filter = tuple[str, Any]

_DENIED = "rbac_access_denied_matched_policy["
ANY: Condition = {"any": True}


def refuse(code: Refusal, *, what: Condition = ANY, who: Condition = ANY) -> Filter:
    """A filter that refuses calls under ``code``; ``what`` is a permission, ``who`` a principal of the engine."""
    policy = {"permissions": [what], "principals": [who]}
    rules = {"action": "DENY", "policies": {code.value: policy}}
    return code.value, wire.pack(wire.parse(rbac_pb2.RBAC, {"rules": rules}))


def details(code: Refusal) -> str:
    """What the engine's response code details say of such a refusal."""
    return f"{_DENIED}{code.value}]"


def denied(code: Refusal) -> str:
    """A CEL expression: the call met such a refusal."""
    return f"response.code_details == '{details(code)}'"


def code(details: str) -> Refusal | None:
    """The code of such a refusal, from the engine's response code details."""
    name = details.removeprefix(_DENIED).removesuffix("]") if details.startswith(_DENIED) else ""
    return Refusal(name) if name in _CODES else None


def within(networks: Iterable[str]) -> Condition:
    """A principal: the caller's address lies in one of these (v4 also where it was written as v6)."""
    return {"or_ids": {"ids": [{"remote_ip": network} for network in wire.cidrs(networks)]}}


_CODES = frozenset(code.value for code in Refusal)
