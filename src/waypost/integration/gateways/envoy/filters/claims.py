"""What a verified token says, as conditions of the engine's access filter (RBAC).

A claim's name is a path: dots lead into objects (``realm_access.roles``), unless the name is an address
(``https://acme.example/org``), which is one name whatever stands in it.
"""

from __future__ import annotations

from typing import Any

PAYLOAD = "payload"
NAMESPACE = "envoy.filters.http.jwt_authn"
GIVEN = f"metadata.filter_metadata['{NAMESPACE}']['{PAYLOAD}']['iss'] != ''"
"""A CEL expression: there is a verified token."""

Condition = dict[str, Any]


def segments(claim: str) -> list[str]:
    """The path to a claim."""
    return [claim] if "/" in claim or ":" in claim else claim.split(".")


def holds(claim: str, value: str) -> Condition:
    """The claim is ``value``, or a list that has it; numbers and booleans by their JSON text."""
    text: Condition = {"string_match": {"exact": value}}
    return any_of(*(_matches(claim, match) for match in (text, {"list_match": {"one_of": text}}, *_typed(value))))


def equals(claim: str, value: str) -> Condition:
    """The claim is this text."""
    return _matches(claim, {"string_match": {"exact": value}})


def present() -> Condition:
    """There is a verified token."""
    return _matches("iss", {"present_match": True})


def broken(claim: str) -> Condition:
    """The claim is a text that no header can hold (RFC 9110, 5.5): it would end the header."""
    return _matches(claim, {"string_match": {"safe_regex": {"regex": r"(?s).*[\x00-\x08\x0a-\x1f\x7f].*"}}})


def all_of(*conditions: Condition) -> Condition:
    """Every one of them."""
    return {"and_rules": {"rules": list(conditions)}}


def any_of(*conditions: Condition) -> Condition:
    """At least one of them."""
    return {"or_rules": {"rules": list(conditions)}}


def negated(condition: Condition) -> Condition:
    """It is not so."""
    return {"not_rule": condition}


def _typed(value: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if value in ("true", "false"):
        found.append({"bool_match": value == "true"})
    try:
        found.append({"double_match": {"exact": float(value)}})
    except ValueError:
        pass
    return found


def _matches(claim: str, value: dict[str, Any]) -> Condition:
    path = [{"key": PAYLOAD}, *({"key": key} for key in segments(claim))]
    return {"metadata": {"filter": NAMESPACE, "path": path, "value": value}}
