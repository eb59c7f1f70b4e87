"""A typed view on one object of a definition: every wrong type becomes a problem and an empty value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waypost.integration.importers import pointers
from waypost.integration.importers.problems import ProblemLog

_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "empty"}


def type_name(value: Any) -> str:
    """What a person calls the type of ``value``."""
    return _NAMES.get(type(value), "a number")


class Node:
    """An object of the document and where it stands."""

    __slots__ = ("notes", "pointer", "value")

    def __init__(self, value: Any, pointer: str, notes: ProblemLog) -> None:
        self.pointer = pointer
        self.notes = notes
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}
        if value is not None and not isinstance(value, dict):
            self._wrong("", value, "an object")

    def _wrong(self, key: str, value: Any, expected: str) -> None:
        where = pointers.join(self.pointer, key) if key else self.pointer
        name = key or (pointers.split(self.pointer) or ["The definition"])[-1]
        self.notes.warn(
            "wrong_type",
            f"{name!r} is {type_name(value)}, but {expected} is expected; it is left out.",
            f"Write it as {expected}.",
            where,
        )

    def has(self, key: str) -> bool:
        """Whether ``key`` is written with any value but null."""
        return self.value.get(key) is not None

    def at(self, key: str) -> str:
        """The pointer of ``key``."""
        return pointers.join(self.pointer, key)

    def text(self, key: str) -> str:
        """The text at ``key``, or ''. Numbers are taken as they are written."""
        value = self.value.get(key)
        if value is None or isinstance(value, str):
            return value or ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._wrong(key, value, "text")
        return ""

    def flag(self, key: str) -> bool:
        """The boolean at ``key``, or False."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, bool):
            self._wrong(key, value, "true or false")
        return value is True

    def child(self, key: str) -> Node:
        """The object at ``key``; an empty one if there is none."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, dict):
            self._wrong(key, value, "an object")
            value = None
        return Node(value, self.at(key), self.notes)

    def children(self) -> Iterator[tuple[str, Node]]:
        """The members that are objects, extensions (``x-``) left out; others are noted as wrong."""
        for key, value in self.value.items():
            if key.startswith("x-"):
                continue
            if isinstance(value, dict):
                yield key, Node(value, self.at(key), self.notes)
            else:
                self._wrong(key, value, "an object")

    def items(self, key: str) -> Iterator[tuple[str, Any]]:
        """Pointer and value of each item of the list at ``key``."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, list):
            self._wrong(key, value, "a list")
            return
        for index, item in enumerate(value or ()):
            yield pointers.join(self.at(key), index), item

    def objects(self, key: str) -> Iterator[Node]:
        """The items of the list at ``key`` that are objects."""
        for pointer, item in self.items(key):
            yield Node(item, pointer, self.notes)

    def texts(self, key: str) -> list[str]:
        """The items of the list at ``key`` that are text."""
        found = []
        for pointer, item in self.items(key):
            if isinstance(item, str):
                found.append(item)
            else:
                Node(None, pointer, self.notes)._wrong("", item, "text")
        return found
