"""What a definition says about who may call."""

from __future__ import annotations

from typing import Any

from waypost.contracts.importers import SecurityScheme
from waypost.integration.importers import pointers
from waypost.integration.importers.nodes import Node, type_name
from waypost.integration.importers.refs import References

KINDS = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")
_LOCATIONS = ("header", "query", "cookie")


def read_schemes(root: Node, references: References) -> tuple[SecurityScheme, ...]:
    """The security schemes under ``components``; unknown kinds are noted and left out."""
    found = []
    for name, node in root.child("components").child("securitySchemes").children():
        scheme = _scheme(name, Node(references.resolve(node.value), node.pointer, node.notes))
        if scheme is not None:
            found.append(scheme)
    return tuple(found)


def _scheme(name: str, node: Node) -> SecurityScheme | None:
    kind, location = node.text("type"), node.text("in")
    if kind not in KINDS:
        node.notes.warn(
            "security_kind",
            f"The security scheme {name!r} has the type {kind!r}; it is left out.",
            f"Use one of {', '.join(KINDS)}.",
            node.pointer,
        )
        return None
    if kind == "apiKey" and (location not in _LOCATIONS or not node.text("name")):
        node.notes.warn(
            "security_incomplete",
            f"The API key scheme {name!r} does not say where the key goes; it is left out.",
            "Give `name`, and `in` as header, query or cookie.",
            node.pointer,
        )
        return None
    return SecurityScheme(
        name=name,
        kind=kind,
        scheme=node.text("scheme").lower() if kind == "http" else "",
        location=location if kind == "apiKey" else "",
        parameter=node.text("name") if kind == "apiKey" else "",
        description=node.text("description"),
    )


def read_requirements(node: Node, known: frozenset[str]) -> tuple[str, ...] | None:
    """Names of all schemes that ``node`` asks for, () where it asks for none, None where it says nothing."""
    if not node.has("security"):
        return None
    names: dict[str, None] = {}
    for pointer, requirement in node.items("security"):
        if isinstance(requirement, dict):
            names.update(dict.fromkeys(requirement))
            _note_unknown(requirement, known, pointer, node)
        else:
            node.notes.warn(
                "wrong_type",
                f"A security requirement is {type_name(requirement)}, but an object is expected.",
                "Write it as `{scheme name: []}`.",
                pointer,
            )
    return tuple(name for name in names if name in known)


def _note_unknown(requirement: dict[str, Any], known: frozenset[str], pointer: str, node: Node) -> None:
    for name in requirement:
        if name not in known:
            node.notes.warn(
                "security_unknown",
                f"The security scheme {name!r} is not declared; it is left out.",
                "Declare it under components.securitySchemes (Swagger 2.0: securityDefinitions).",
                pointers.join(pointer, name),
            )
