"""Swagger 2.0 becomes OpenAPI 3.0, so that everything after the import knows one family of documents.

Source: the Swagger 2.0 and OpenAPI 3.0.3 specifications. What has no counterpart is dropped by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from waypost.integration.importers import pointers
from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.swagger2_operations import Operations
from waypost.integration.importers.swagger2_schemas import Schemas
from waypost.integration.importers.swagger2_security import security_schemes

_KEPT = ("info", "tags", "security", "externalDocs")
_BACK = (
    ("/components/schemas", "/definitions"),
    ("/components/parameters", "/parameters"),
    ("/components/requestBodies", "/parameters"),
    ("/components/responses", "/responses"),
    ("/components/securitySchemes", "/securityDefinitions"),
    ("/servers", "/host"),
)


def convert(source: dict[str, Any], *, base_url: str, notes: ProblemLog) -> tuple[dict[str, Any], Callable[[str], str]]:
    """The OpenAPI 3.0 document, and a function that leads its pointers back to places in ``source``."""
    schemas = Schemas(source)
    operations = Operations(source, schemas, notes)
    document: dict[str, Any] = {"openapi": "3.0.3"}
    document.update({key: source[key] for key in _KEPT if key in source})
    document.update({key: value for key, value in source.items() if key.startswith("x-")})
    document["servers"] = _servers(source, base_url, notes)
    if "paths" in source:
        document["paths"] = operations.paths(source["paths"])
    components = {
        "schemas": schemas.converted(),
        "parameters": operations.shared_parameters(),
        "requestBodies": operations.shared_bodies(),
        "responses": operations.shared_responses(),
        "securitySchemes": security_schemes(source.get("securityDefinitions")),
    }
    document["components"] = {key: value for key, value in components.items() if value not in ({}, None)}
    return document, lambda pointer: _back(source, pointer, schemas.original_names())


def _servers(source: dict[str, Any], base_url: str, notes: ProblemLog) -> list[dict[str, Any]]:
    base = urlsplit(base_url)
    host, path = _text(source, "host"), _text(source, "basePath")
    path = "/" + path.strip("/") if path.strip("/") else ""
    if "://" in host:
        notes.warn("host_with_scheme", f"The host {host!r} holds a scheme.", "Put only the host name there.", "/host")
        host = host.split("://", 1)[1]
    host = host.strip("/") or base.netloc
    schemes = [s for s in source.get("schemes") or () if isinstance(s, str)] if _is_list(source, "schemes") else []
    if not host:
        return [{"url": path}] if path else []
    return [{"url": f"{scheme}://{host}{path}"} for scheme in schemes or [base.scheme or "https"]]


def _text(source: dict[str, Any], key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _is_list(source: dict[str, Any], key: str) -> bool:
    return isinstance(source.get(key), list)


def _back(source: dict[str, Any], pointer: str, names: dict[str, str]) -> str:
    for new, old in _BACK:
        if pointer == new or pointer.startswith(new + "/"):
            tokens = pointers.split(pointer.removeprefix(new))
            if tokens and old == "/definitions":
                tokens[0] = names.get(tokens[0], tokens[0])
            pointer = pointers.join(old, *tokens)
            break
    return pointers.nearest(source, pointer)
