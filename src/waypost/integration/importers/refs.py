"""References: every ``$ref`` is checked once, and what cannot be followed is taken out by name.

Nothing is fetched. Readers of the finished document (the portal's reference, mocks, validators) therefore
only meet references that resolve inside it.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from waypost.integration.importers import pointers
from waypost.integration.importers.pointers import MISSING
from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.walk import objects, trail_pointer

_BUNDLE = "Bundle the definition into one file (for example with a bundler such as Redocly CLI) and import that."
# Longer chains of bare references are loops, or might as well be.
_LONGEST_CHAIN = 50
_INTERNAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


class References:
    """The references of one document. ``resolve`` follows local ones; cycles and dangling ones give ``MISSING``."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._targets: dict[str, Any] = {}
        self._names: dict[str, Any] = {}

    def resolve(self, value: Any) -> Any:
        """``value``, or what it refers to at the end of its chain of references."""
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(value, dict) or not isinstance(ref := value.get("$ref"), str):
                return value
            value = self.target(ref)
        return MISSING

    def target(self, ref: str) -> Any:
        """What ``ref`` points at, one step; ``MISSING`` if that is not in this document."""
        if ref not in self._targets:
            self._targets[ref] = self._find(ref)
        return self._targets[ref]

    def _find(self, ref: str) -> Any:
        if ref == "#":
            return self._document
        if ref.startswith("#/"):
            return pointers.look_up(self._document, pointers.fragment_tokens(ref[1:]))
        return self._names.get(ref, MISSING)

    def check(self, notes: ProblemLog) -> None:
        """Notes each reference that cannot be followed and replaces it by an empty object."""
        found: list[tuple[dict[str, Any], Any]] = []
        for value, trail in objects(self._document):
            if "$ref" in value:
                found.append((value, trail))
            if isinstance(name := value.get("$anchor"), str):
                self._names[f"#{name}"] = value
            if isinstance(name := value.get("$id"), str):
                self._names[name] = value
        broken = [item for item in found if not self._follows(item[0]["$ref"])]
        for value, trail in broken:
            _report(value["$ref"], trail_pointer(trail), notes)
        for value, _ in broken:
            value.pop("$ref", None)
        self._targets.clear()

    def _follows(self, ref: Any) -> bool:
        """Also true for a link in a chain that breaks further on: there the breaking link is the one to name."""
        if not isinstance(ref, str) or self.target(ref) is MISSING:
            return False
        value = self.target(ref)
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(value, dict) or not isinstance(following := value.get("$ref"), str):
                return True
            value = self.target(following)
        return False


def _report(ref: Any, pointer: str, notes: ProblemLog) -> None:
    where = pointers.join(pointer, "$ref")
    if not isinstance(ref, str):
        notes.warn("ref_not_text", "A $ref is not text; it is left out.", "Give the address as text.", where)
    elif ref.startswith("#"):
        _report_local(ref, where, notes)
    else:
        _report_outside(ref, where, notes)


def _report_local(ref: str, where: str, notes: ProblemLog) -> None:
    notes.warn(
        "ref_dangling",
        f"The reference {ref!r} leads nowhere (nothing stands there, or only a reference back to itself).",
        "Correct the name, or add what it should point at.",
        where,
    )


def _report_outside(ref: str, where: str, notes: ProblemLog) -> None:
    try:
        parts = urlsplit(ref)
        host = parts.hostname or ""
    except ValueError:
        notes.warn("ref_malformed", f"The reference {ref!r} is no valid address.", "Correct it.", where)
        return
    if parts.scheme in ("http", "https") or (not parts.scheme and parts.netloc):
        if is_internal(host):
            notes.error(
                "ref_private",
                f"The reference {ref!r} points into a private network; the hub never goes there.",
                _BUNDLE,
                where,
            )
        else:
            notes.warn("ref_external", f"The reference {ref!r} leads outside and is not followed.", _BUNDLE, where)
    elif parts.scheme and parts.scheme not in ("file",) and len(parts.scheme) > 1:
        notes.warn("ref_external", f"The reference {ref!r} leads outside and is not followed.", _BUNDLE, where)
    else:
        notes.error("ref_file", f"The reference {ref!r} points at a file; the hub reads no files.", _BUNDLE, where)


def is_internal(host: str) -> bool:
    """A name or address that only means something inside a network. Names are not looked up."""
    name = host.rstrip(".").lower()
    if name in _INTERNAL_NAMES or name.endswith(_INTERNAL_NAMES[1:]):
        return True
    try:
        return not ipaddress.ip_address(name.split("%")[0]).is_global
    except ValueError:
        return not name or name.replace(".", "").isdigit() or name.startswith("0x")
