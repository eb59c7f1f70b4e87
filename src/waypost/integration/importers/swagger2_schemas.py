"""Schemas of Swagger 2.0: names that OpenAPI 3 forbids, references, and the keywords that changed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from waypost.integration.importers import pointers

_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]+")
_LITERALS = ("example", "default", "enum", "x-example")
_MOVED = {"definitions": "schemas", "parameters": "parameters", "responses": "responses"}


def as_map(value: Any) -> dict[str, Any]:
    """``value`` if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


class Schemas:
    """The definitions of one document and their new names."""

    def __init__(self, source: dict[str, Any]) -> None:
        self._shared = {section: as_map(source.get(section)) for section in _MOVED}
        self._definitions = self._shared["definitions"]
        self._names = _legal_names(self._definitions)

    def original_names(self) -> dict[str, str]:
        """New name to old."""
        return {new: old for old, new in self._names.items()}

    def converted(self) -> dict[str, Any]:
        """All definitions as ``components.schemas``."""
        return {self._names[name]: self.schema(value) for name, value in self._definitions.items()}

    def reference(self, ref: str) -> str:
        """``ref`` as it must read in the converted document; one that leads nowhere stays as its author knows it."""
        tokens = pointers.split(unquote(ref[1:])) if ref.startswith("#/") else []
        if len(tokens) < 2 or tokens[1] not in self._shared.get(tokens[0], {}):
            return ref
        section, name, *rest = tokens
        if section == "definitions":
            name = self._names[name]
        return pointers.join("#/components", _MOVED[section], name, *rest)

    def schema(self, value: Any) -> Any:
        """One schema, with all schemas inside it."""
        if isinstance(value, list):
            return [self.schema(item) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str):
            return {"$ref": self.reference(value["$ref"])}
        return _changed({key: self._member(key, item) for key, item in value.items()})

    def _member(self, key: str, item: Any) -> Any:
        if key in _LITERALS or key.startswith("x-"):
            return item
        if key == "properties" and isinstance(item, dict):
            return {name: self.schema(member) for name, member in item.items()}
        return self.schema(item)


def _changed(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("discriminator"), str):
        schema["discriminator"] = {"propertyName": schema["discriminator"]}
    if schema.get("type") == "file":
        schema["type"], schema["format"] = "string", "binary"
    if schema.get("x-nullable") is True:
        schema["nullable"] = True
    return schema


def _legal_names(definitions: dict[str, Any]) -> dict[str, str]:
    """Old name to new. Generators write names such as ``Page«Pet»``, which OpenAPI 3 does not allow."""
    names = {name: name for name in definitions if name and not _FORBIDDEN.search(name)}
    taken = set(names)
    for name in definitions:
        if name not in names:
            base = _FORBIDDEN.sub("_", name).strip("_") or "schema"
            new, count = base, 2
            while new in taken:
                new, count = f"{base}_{count}", count + 1
            names[name] = new
            taken.add(new)
    return names
