"""What every kind of policy is made of. Each model is also the JSON Schema that a console builds its form from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.kit.errors import FieldError

WHOLE_API = (PolicyLevel.HUB, PolicyLevel.TEAM, PolicyLevel.API)
"""Levels of what holds for a whole API: a call must be known before its operation is."""
EVERYWHERE = (*WHOLE_API, PolicyLevel.VERSION, PolicyLevel.OPERATION)
WITHIN_VERSION = (PolicyLevel.VERSION, PolicyLevel.OPERATION)


class Config(BaseModel):
    """Base of all configurations: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


Check = Callable[[Any, PolicyLevel], list[FieldError]]
"""Looks at more than one field of a sound model; the level it shall stand at."""
ItemKey = Callable[[Any], Any]
"""What makes two items of a list the same one: of those the place that wins keeps its own."""


@dataclass(frozen=True, slots=True)
class KindInfo:
    """One kind: its name for people, the levels it may stand at, its model.

    ``unites`` maps the lists that all places build together to the key of their items; empty = the place that wins
    decides alone (``replace``). ``ended_by`` maps a list of named items to the list of names that takes such items
    away: what a locked place takes away, no nearer one may bring back.
    """

    kind: PolicyKind
    title: str
    levels: tuple[PolicyLevel, ...]
    model: type[Config]
    check: Check | None = None
    unites: Mapping[str, ItemKey] = field(default_factory=dict)
    ended_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def merge(self) -> str:
        """``merge`` or ``replace``."""
        return "merge" if self.unites else "replace"

    def defaults(self) -> Mapping[str, Any]:
        """Field -> its default as plain data; fields without one are left out."""
        return _defaults(self.model)


@cache
def _defaults(model: type[Config]) -> Mapping[str, Any]:
    fields = model.model_fields.items()
    made = {name: item.get_default(call_default_factory=True) for name, item in fields if not item.is_required()}
    return model.model_construct(**made).model_dump(mode="json", include=set(made))


def itself(item: Any) -> Any:
    """A plain item is its own key."""
    return item


def by_name(item: Any) -> Any:
    """Items with a name."""
    return item["name"]
