"""Walks a definition, telling keywords from names and from literal values.

In ``properties: {default: {...}}`` the word ``default`` is a name; in a schema it holds a literal value, in which
a ``$ref`` is only text. Without that difference a walk reports references that do not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waypost.integration.importers import pointers

_NAME_MAPS = frozenset(
    (
        *("properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas"),
        *("paths", "pathItems", "webhooks", "callbacks", "links", "parameters", "requestBodies", "responses"),
        *("headers", "content", "encoding", "variables", "securitySchemes", "securityDefinitions"),
    )
)
_LITERALS = frozenset(("example", "default", "enum", "const", "value", "x-example", "x-examples"))
# `examples` is a list of literals in a schema and a map of Example Objects elsewhere, whose `value` is literal.
_EXAMPLES = "examples"

Trail = tuple[Any, Any] | None


def trail_pointer(trail: Trail) -> str:
    """The JSON pointer of a trail of (parent trail, token)."""
    tokens: list[Any] = []
    while trail is not None:
        trail, token = trail
        tokens.append(token)
    return pointers.join("", *reversed(tokens))


def objects(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Trail]]:
    """Every map that stands where OpenAPI expects an object, with the trail to it; literals are passed over.

    An object that YAML aliases share is visited once.
    """
    seen: set[int] = set()
    stack: list[tuple[Any, Trail, bool]] = [(document, None, False)]
    while stack:
        value, trail, names = stack.pop()
        if type(value) is list:
            stack.extend(
                (item, (trail, index), False)
                for index, item in enumerate(value)
                if type(item) is dict or type(item) is list
            )
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if not names:
            yield value, trail
        for key, item in value.items():
            if type(item) is dict:
                if names:
                    stack.append((item, (trail, key), False))
                elif key not in _LITERALS and key[:2] != "x-":
                    stack.append((item, (trail, key), key in _NAME_MAPS or key == _EXAMPLES))
            elif type(item) is list and (names or not (key in _LITERALS or key == _EXAMPLES or key[:2] == "x-")):
                stack.append((item, (trail, key), False))
