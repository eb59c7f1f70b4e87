"""Security definitions of Swagger 2.0 as OpenAPI 3.0 security schemes."""

from __future__ import annotations

from typing import Any

_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}


def security_schemes(definitions: Any) -> Any:
    """``components.securitySchemes``; what is no map is passed on for the reader to complain about."""
    if not isinstance(definitions, dict):
        return definitions
    return {name: _scheme(value) if isinstance(value, dict) else value for name, value in definitions.items()}


def _scheme(value: dict[str, Any]) -> dict[str, Any]:
    kind = value.get("type")
    if kind == "basic":
        return {**_described(value), "type": "http", "scheme": "basic"}
    if kind == "oauth2":
        return {**_described(value), "type": "oauth2", "flows": _flows(value)}
    return dict(value)


def _described(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key == "description" or key.startswith("x-")}


def _flows(value: dict[str, Any]) -> dict[str, Any]:
    scopes = value.get("scopes")
    flow: dict[str, Any] = {"scopes": scopes if isinstance(scopes, dict) else {}}
    for key in ("authorizationUrl", "tokenUrl"):
        if isinstance(value.get(key), str):
            flow[key] = value[key]
    name = _FLOWS.get(value["flow"]) if isinstance(value.get("flow"), str) else None
    return {name: flow} if name else {}
