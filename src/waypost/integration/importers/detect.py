"""Which format a parsed text is written in."""

from __future__ import annotations

import re
from typing import Any

from waypost.integration.importers.problems import ProblemLog, Unreadable

_OTHERS = {
    "asyncapi": ("an AsyncAPI definition", "Import an OpenAPI definition of the HTTP part."),
    "swaggerVersion": ("a Swagger 1.x definition", "Convert it to Swagger 2.0 or OpenAPI 3 first."),
    "arazzo": ("an Arazzo workflow", "Import the OpenAPI definitions that it names."),
    "overlay": ("an OpenAPI overlay", "Apply it to its definition first, and import the result."),
    "openrpc": ("an OpenRPC definition", "Import an OpenAPI definition."),
    "__schema": ("a GraphQL schema", "Import an OpenAPI definition."),
    "raml": ("a RAML definition", "Convert it to OpenAPI 3 first."),
}


def detect(document: dict[str, Any], notes: ProblemLog) -> str:
    """``openapi-3.1``, ``openapi-3.0`` or ``swagger-2.0``. Raises Unreadable after noting what it is instead."""
    if "openapi" in document:
        return _openapi(_version(document["openapi"]), notes)
    if "swagger" in document:
        return _swagger(_version(document["swagger"]), notes)
    raise _something_else(document, notes)


def _version(value: Any) -> str:
    return str(value)[:50] if isinstance(value, str | int | float) else ""


def _openapi(version: str, notes: ProblemLog) -> str:
    if re.match(r"3\.0(\.|$)", version):
        return "openapi-3.0"
    if re.match(r"3\.1(\.|$)", version):
        return "openapi-3.1"
    if re.match(r"3\.[0-9]+(\.|$)", version):
        notes.warn(
            "version_newer",
            f"OpenAPI {version} is newer than 3.1; it is read as 3.1 and what is new in it is not seen.",
            "Import a 3.1 version if you have one.",
            "/openapi",
        )
        return "openapi-3.1"
    raise _unknown("openapi", version, notes)


def _swagger(version: str, notes: ProblemLog) -> str:
    if version in ("2.0", "2"):
        return "swagger-2.0"
    raise _unknown("swagger", version, notes)


def _unknown(key: str, version: str, notes: ProblemLog) -> Exception:
    notes.error(
        "version_unknown",
        f"`{key}: {version}` is no version that can be read.",
        "Use OpenAPI 3.0 or 3.1, or Swagger 2.0 (`swagger: '2.0'`).",
        f"/{key}",
    )
    return Unreadable("version_unknown")


def _something_else(document: dict[str, Any], notes: ProblemLog) -> Exception:
    info = document.get("info")
    if isinstance(info, dict) and "_postman_id" in info:
        return notes.stop("format_unknown", "This is a Postman collection.", "Convert it to OpenAPI 3 first.", (1, 1))
    for key, (what, hint) in _OTHERS.items():
        if key in document:
            return notes.stop("format_unknown", f"This is {what}.", hint, (1, 1))
    return notes.stop(
        "format_unknown",
        "Neither `openapi` nor `swagger` stands at the top of it.",
        "Add `openapi: 3.1.0` if it is an OpenAPI definition.",
        (1, 1),
    )
