"""A definition as its consumers shall see it. Pure; CPU-bound for large documents.

Consumers call the gateway with the hub's key, so servers and security are the gateway's; where the upstream is and how
the gateway gets in there is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from waypost.contracts.ir import KeyAuth

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_VENDOR = re.compile(r"^x-(amazon-apigateway|aws|google|kong|ms-azure|azure|apigee|tyk|gateway|upstream|internal)")


def consumer_document(
    document: dict[str, Any], *, title: str, servers: Sequence[str], key_auth: KeyAuth | None
) -> dict[str, Any]:
    """``document``, changed in place: ``servers`` are gateway addresses, ``key_auth`` how to get in (None = open)."""
    document["servers"] = [{"url": url} for url in servers]
    info = document.setdefault("info", {})
    if isinstance(info, dict):
        info["title"] = title
    schemes = security_schemes(key_auth)
    document["security"] = [{name: []} for name in schemes]
    components = document.setdefault("components", {})
    if isinstance(components, dict):
        components["securitySchemes"] = schemes
    for item in _path_items(document):
        _clean_item(item)
    _drop_vendor_fields(document)
    return document


def security_schemes(key_auth: KeyAuth | None) -> dict[str, Any]:
    """OpenAPI security schemes, one for each place where the key may be; the first is what to use."""
    if key_auth is None:
        return {}
    places = {"header": key_auth.header, "query": key_auth.query, "cookie": key_auth.cookie}
    return {
        f"key_in_{place}" if place != "header" else "key": _scheme(place, name)
        for place, name in places.items()
        if name
    }


def _scheme(place: str, name: str) -> dict[str, Any]:
    if place == "header" and name == "authorization":
        return {"type": "http", "scheme": "bearer", "description": "The key of an app that is subscribed."}
    return {"type": "apiKey", "in": place, "name": name, "description": "The key of an app that is subscribed."}


def _path_items(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    components = document.get("components")
    shared = components.get("pathItems") if isinstance(components, dict) else None
    places = (document.get("paths"), document.get("webhooks"), shared)
    return [item for place in places if isinstance(place, dict) for item in place.values() if isinstance(item, dict)]


def _clean_item(item: dict[str, Any]) -> None:
    item.pop("servers", None)
    _drop_vendor_fields(item)
    for method in _METHODS:
        operation = item.get(method)
        if isinstance(operation, dict):
            operation.pop("servers", None)
            operation.pop("security", None)
            _drop_vendor_fields(operation)


def _drop_vendor_fields(target: dict[str, Any]) -> None:
    for name in [name for name in target if _VENDOR.match(str(name))]:
        del target[name]
