"""The description of the platform API: what FastAPI derives, plus problems, ways to sign in, and headers."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from waypost.interaction.api.auth import COOKIE
from waypost.interaction.api.etag import IF_MATCH_DESCRIPTION
from waypost.interaction.api.problems import DESCRIPTIONS, MEDIA_TYPE, ProblemRead
from waypost.interaction.api.v1 import access_rows

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemRead"}}}
_SIGNED_IN: list[dict[str, list[str]]] = [{"session": []}, {"access_token": []}]
_AGENT: list[dict[str, list[str]]] = [{"gateway_credential": []}]
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh random value per create. Sent again within a day, it gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_DESCRIPTION = """\
Everything that the portal and the command line do goes through this API.

- Lists answer `{items, next_cursor}`; send `next_cursor` back as `cursor`.
- Reads of versioned objects carry an `ETag`; send it as `If-Match` with `PATCH` and `DELETE`.
- Every failure is `application/problem+json` (RFC 9457) with a stable `code`, a `hint` and the `request_id`.
- A cookie session sends `X-CSRF-Token` with every method but GET; an access token (`Authorization: Bearer`) does not.
"""


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of ``app``."""
    document = deepcopy(app.openapi())  # the original is kept by the application and must stay as it is
    document["info"]["description"] = _DESCRIPTION
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(_problem_schemas())
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = _security_schemes()
    rows = access_rows()
    for operation, method in _operations(document):
        _describe_failures(operation)
        row = rows.get(operation["operationId"])
        is_agent = "agent" in operation.get("tags", [])
        operation["security"] = _AGENT if is_agent else _SIGNED_IN
        if row is not None and row.anonymous == "allow":
            operation["security"] = [{}, *_SIGNED_IN]
        _require_if_match(operation)
        if method == "post" and "201" in operation["responses"]:
            operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for path in document["paths"].values():
        yield from ((operation, method) for method, operation in path.items() if method in _METHODS)


def _require_if_match(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        is_ours = parameter["name"] == "If-Match" and parameter.get("description") == IF_MATCH_DESCRIPTION
        if is_ours:  # optional for FastAPI only so that its absence answers 428, not 422
            parameter["required"], parameter["schema"] = True, {"type": "string", "examples": ['"3"']}


def _describe_failures(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    has_input = "422" in responses
    for status in [key for key in responses if key.isdigit() and int(key) >= 400]:
        responses[status] = {"description": responses[status]["description"], "content": _PROBLEM}
    if has_input:
        responses["422"] = {"description": DESCRIPTIONS[422], "content": _PROBLEM}
    responses["default"] = {"description": "Any other failure", "content": _PROBLEM}


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemRead.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    nested = schema.pop("$defs", {})
    return {"ProblemRead": schema, **nested}


def _security_schemes() -> dict[str, Any]:
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by POST /api/v1/session"},
        "access_token": {"type": "http", "scheme": "bearer", "description": "A personal access token"},
        "gateway_credential": {"type": "http", "scheme": "bearer", "description": "What an agent got when it enrolled"},
    }
