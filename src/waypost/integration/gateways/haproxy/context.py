"""What every policy's rules are written from: one API, where its kinds of operations differ, and where files are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.routing import Kind, Routing

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Context:
    """One API and its surroundings."""

    api: ApiIR
    routing: Routing
    settings: GatewaySettings
    files: Files

    def by_kind(self, value_of: Callable[[Kind], Value | None]) -> Iterator[tuple[Value, str]]:
        """Each value with the condition under which it holds: empty where it is every kind's; None is left out."""
        kinds = self.routing.kinds
        numbers: dict[Value, list[int]] = {}
        for number, kind in enumerate(kinds):
            value = value_of(kind)
            if value is not None:
                numbers.setdefault(value, []).append(number)
        for value, held in numbers.items():
            listed = " ".join(map(str, held))
            yield value, "" if len(held) == len(kinds) else f"{{ var(txn.k) -m str {listed} }}"


def when(*conditions: str) -> str:
    """`` if …`` for all of the conditions that are not empty; nothing for none."""
    given = " ".join(condition for condition in conditions if condition)
    return f" if {given}" if given else ""
