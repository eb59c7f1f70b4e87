"""The three-way merge by property: ids belong to keys, people's words win, nothing is lost or made twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from waypost.application.catalog.definitions import operation_values
from waypost.application.catalog.merge import merge_operations
from waypost.contracts.importers import ImportedOperation

KEYS = [f"{method} /{path}" for method in ("GET", "POST") for path in ("a", "b", "c")]
WORDS = st.sampled_from(["", "one", "two"])
OPERATIONS = st.dictionaries(st.sampled_from(KEYS), WORDS)
OVERLAYS = st.dictionaries(st.sampled_from(KEYS), st.fixed_dictionaries({"summary": WORDS}))


@dataclass
class Kept:
    id: str
    key: str
    position: int = 0
    operation_id: str = ""
    summary: str = ""
    description: str = ""
    tags: list[str] = field(default_factory=list)
    deprecated: bool = False
    security: list[str] = field(default_factory=list)
    mock: Any = None


def imported(said: dict[str, str]) -> list[ImportedOperation]:
    return [
        ImportedOperation(key=key, method=key.split()[0], path=key.split()[1], summary=summary)
        for key, summary in said.items()
    ]


@given(OPERATIONS, OPERATIONS, OVERLAYS)
def test_merge(base: dict[str, str], theirs: dict[str, str], overlay: dict[str, dict[str, Any]]) -> None:
    kept = [
        Kept(f"op_{key}", key, position, summary=overlay.get(key, {}).get("summary", said))
        for position, (key, said) in enumerate(base.items())
    ]
    merge = merge_operations(kept, imported(theirs), overlay=overlay, base={}, theirs={})
    ids = {row.id: row.key for row in kept}
    after = {row.key: {"summary": row.summary, "position": row.position} for row in kept if row.id not in merge.remove}
    after |= {ids[row_id]: after[ids[row_id]] | values for row_id, values in merge.write.items()}
    after |= {row["key"]: row for row in merge.insert}
    assert set(after) == set(theirs)
    assert set(merge.added) == set(theirs) - set(base)
    assert set(merge.remove.values()) == set(base) - set(theirs)
    for key, values in after.items():
        assert values["summary"] == overlay.get(key, {}).get("summary", theirs[key])
    assert sorted(values["position"] for values in after.values()) == list(range(len(theirs)))
    assert set(merge.overlay) == set(overlay) - set(merge.remove.values())
    for key in merge.changed:
        assert base[key] != theirs[key]


@given(OPERATIONS, OVERLAYS)
def test_importing_the_same_again_changes_nothing(said: dict[str, str], overlay: dict[str, dict[str, Any]]) -> None:
    kept = []
    for operation in imported(said):
        values = operation_values(operation, overlay)
        kept.append(Kept(f"op_{operation.key}", operation.key, len(kept), summary=values["summary"]))
    merge = merge_operations(kept, imported(said), overlay=overlay, base={}, theirs={})
    assert (merge.added, merge.changed, merge.remove, merge.write) == ([], [], {}, {})
