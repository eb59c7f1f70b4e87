"""A policy as it would be, looked at before it is kept: reading with it holds no lock and leaves no trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from waypost.information.models import PolicyRow


@dataclass(frozen=True, slots=True)
class Draft:
    """One kind at one place, made of its revision ``base``. ``row`` belongs to no session; None = taken away."""

    target_id: str
    kind: str
    row: PolicyRow | None
    base: int | None

    def over(self, rows: Iterable[Any]) -> list[Any]:
        """``rows`` of policies as they would be."""
        others = [row for row in rows if (row.target_id, row.kind) != (self.target_id, self.kind)]
        return others if self.row is None else [*others, self.row]


def as_if(rows: Iterable[Any], draft: Draft | None) -> list[Any]:
    """``rows`` of policies, as they are or as they would be."""
    return draft.over(rows) if draft else list(rows)
