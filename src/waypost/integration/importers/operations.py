"""The operations of a definition: one per method and path that a gateway can tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from waypost.contracts.importers import ImportedOperation
from waypost.integration.importers import templates
from waypost.integration.importers.examples import Mocks
from waypost.integration.importers.nodes import Node
from waypost.integration.importers.refs import References
from waypost.integration.importers.security import read_requirements

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NOT_METHODS = ("$ref", "summary", "description", "servers", "parameters")


class OperationReader:
    """Reads ``paths``. ``schemes`` are the names of the declared security schemes."""

    def __init__(self, root: Node, references: References, schemes: frozenset[str]) -> None:
        self._root = root
        self._notes = root.notes
        self._references = references
        self._schemes = schemes
        self._default_security = read_requirements(root, schemes) or ()
        self._mocks = Mocks(references, root.notes)
        self._by_shape: dict[str, str] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._ids: dict[str, str] = {}

    def read(self) -> tuple[ImportedOperation, ...]:
        """All operations, in the order of the document."""
        found = [operation for path, item in self._paths() for operation in self._path(path, item)]
        templates.note_ambiguous(dict.fromkeys(operation.path for operation in found), self._notes)
        return tuple(found)

    def _paths(self) -> Iterator[tuple[str, Node]]:
        for path, item in self._root.child("paths").children():
            if not templates.check(path, item.pointer, self._notes):
                continue
            resolved = self._references.resolve(item.value)
            merged = {**resolved, **item.value} if isinstance(resolved, dict) else item.value
            yield path, Node(merged, item.pointer, self._notes)

    def _path(self, path: str, item: Node) -> Iterator[ImportedOperation]:
        self._note_same_shape(path, item)
        shared = self._parameter_names(item)
        for key in item.value:
            if key in METHODS:
                if item.has(key) and self._is_first(key, path, item):
                    yield self._operation(key, path, item.child(key), shared)
            elif key not in _NOT_METHODS and not key.startswith("x-"):
                self._unknown_method(key, path, item)

    def _unknown_method(self, key: str, path: str, item: Node) -> None:
        lower = key.lower()
        self._notes.warn(
            "method_unknown",
            f"{key!r} under {path!r} is no HTTP method that can be read; it is left out.",
            f"Write it as {lower!r}." if lower in METHODS else f"Use one of {', '.join(METHODS)}.",
            item.at(key),
        )

    def _note_same_shape(self, path: str, item: Node) -> None:
        first = self._by_shape.setdefault(templates.shape(path), path)
        if first != path:
            self._notes.warn(
                "paths_collide",
                f"{path!r} and {first!r} are the same path to a gateway: only the parameters' names differ.",
                "Use one spelling, and put all its methods under it.",
                item.pointer,
            )

    def _is_first(self, method: str, path: str, item: Node) -> bool:
        first = self._taken.setdefault((method, templates.shape(path)), path)
        if first != path:
            self._notes.warn(
                "operation_duplicate",
                f"{method.upper()} {path!r} is the same operation as {method.upper()} {first!r}; it is left out.",
                "Keep one of them.",
                item.at(method),
            )
        return first == path

    def _operation(self, method: str, path: str, node: Node, shared: set[str]) -> ImportedOperation:
        security = read_requirements(node, self._schemes)
        self._note_undeclared(path, node, shared | self._parameter_names(node))
        self._note_own_servers(node)
        return ImportedOperation(
            key=f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            operation_id=self._operation_id(node),
            summary=node.text("summary"),
            description=node.text("description"),
            tags=tuple(dict.fromkeys(node.texts("tags"))),
            deprecated=node.flag("deprecated"),
            security=self._default_security if security is None else security,
            mock=self._mocks.mock(node),
        )

    def _operation_id(self, node: Node) -> str:
        name = node.text("operationId")
        first = self._ids.setdefault(name, node.pointer) if name else node.pointer
        if first != node.pointer:
            self._notes.warn(
                "operation_id_duplicate",
                f"The operationId {name!r} is used more than once.",
                "Give each operation its own; tools name functions after it.",
                node.at("operationId"),
            )
        return name

    def _parameter_names(self, node: Node) -> set[str]:
        names = set()
        for parameter in node.objects("parameters"):
            value = self._references.resolve(parameter.value)
            if isinstance(value, dict) and value.get("in") == "path" and isinstance(value.get("name"), str):
                names.add(value["name"])
        return names

    def _note_undeclared(self, path: str, node: Node, declared: set[str]) -> None:
        for name in templates.parameters(path):
            if name.strip("+*") not in declared and name not in declared:
                self._notes.info(
                    "path_parameter_undeclared",
                    f"The path parameter {name!r} of {path!r} is not described.",
                    "Add it to `parameters` with `in: path`.",
                    node.pointer,
                )

    def _note_own_servers(self, node: Node) -> None:
        if node.has("servers"):
            self._notes.info(
                "operation_servers",
                "The operation names servers of its own; the gateway sends it to the version's upstream.",
                "Publish it as an API of its own if it lives elsewhere.",
                node.at("servers"),
            )
