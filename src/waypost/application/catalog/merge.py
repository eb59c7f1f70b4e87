"""A newer definition over what is kept: three-way, by operation key. Pure.

Base is the definition as it was, ours the hub's overlay, theirs the new definition. Ids belong to keys, so policies,
deployments and figures of an operation survive; what people wrote in the hub survives as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from waypost.application.catalog.definitions import OVERLAY_FIELDS, Overlay, operation_object, operation_values
from waypost.contracts.importers import ImportedOperation

_COMPARED = ("operation_id", *OVERLAY_FIELDS, "security", "mock")


class Kept(Protocol):
    """An operation as it is kept; an ``OperationRow`` is one."""

    @property
    def id(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def position(self) -> int: ...


@dataclass(slots=True)
class Merge:
    """What to do: rows to insert, id -> values to write, ids to remove; and the same for people, by key."""

    insert: list[dict[str, Any]] = field(default_factory=list)
    write: dict[str, dict[str, Any]] = field(default_factory=dict)
    remove: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    overlay: dict[str, dict[str, Any]] = field(default_factory=dict)
    unchanged: int = 0


def merge_operations(
    kept: Sequence[Kept],
    new: Sequence[ImportedOperation],
    *,
    overlay: Overlay,
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> Merge:
    """Compare; ``base`` and ``theirs`` are the old and the new document."""
    merge = Merge()
    rows = {row.key: row for row in kept}
    for position, operation in enumerate(new):
        values = operation_values(operation, overlay) | {"position": position}
        row = rows.pop(operation.key, None)
        if row is None:
            merge.insert.append({"key": operation.key, **values})
            merge.added.append(operation.key)
            continue
        differs = _differs(row, values)
        if differs or row.position != position:
            merge.write[row.id] = values if differs else {"position": position}
        if differs or _object_differs(operation.key, base, theirs):
            merge.changed.append(operation.key)
        else:
            merge.unchanged += 1
    merge.remove.update({row.id: key for key, row in rows.items()})
    merge.overlay.update({key: dict(fields) for key, fields in overlay.items() if key not in rows})
    return merge


def _differs(row: Kept, values: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != values[name] for name in _COMPARED)


def _object_differs(key: str, base: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    return operation_object(base, key) != operation_object(theirs, key)
