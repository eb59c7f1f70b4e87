"""What every policy's rules are written from: one API, where its kinds of operations differ, and where files are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from waypost.contracts.ir import ApiIR, GatewaySettings
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.routing import Kind, Routing
from waypost.integration.gateways.haproxy.text import word

Value = TypeVar("Value", bound=Hashable)
# A line of the configuration has at most 64 words; longer lists stand in files of their own.
_LONGEST_LIST = 20
APART = "~"
"""Between texts of a base path's entry."""


@dataclass(frozen=True, slots=True)
class Context:
    """One API and its surroundings.

    ``common``: the frontend found operation and caller, and its rules are all that stands before limits and edits.
    ``extras`` collects further files that its rules read: name -> text. ``texts`` collects what may change without
    another rule: it stands at the end of what is known of the base path, the last one first.
    """

    api: ApiIR
    routing: Routing
    settings: GatewaySettings
    files: Files
    common: bool = False
    extras: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def told(self, text: str) -> str:
        """A log-format string that says ``text``, which is not empty and holds no :data:`APART`."""
        self.texts.append(text)
        return f"%[var(txn.base),field({-1 - len(self.texts)},{APART})]"

    def file(self, kind: str, text: str, suffix: str) -> str:
        """A file with this text; its name."""
        name = f"{kind}-{sha256(text.encode()).hexdigest()[:20]}.{suffix}"
        self.extras[name] = text
        return name

    def matches(self, expression: str, method: str, values: Iterable[str]) -> str:
        """A condition: the expression is one of the values."""
        given = list(values)
        if len(given) > _LONGEST_LIST:
            return f"{{ {expression} -m {method} -f {self.file('list', chr(10).join([*given, '']), 'lst')} }}"
        return f"{{ {expression} -m {method} -- {' '.join(map(word, given))} }}"

    def by_kind(
        self, value_of: Callable[[Kind], Value | None], told_by: str = "var(txn.k)"
    ) -> Iterator[tuple[Value, str]]:
        """Each value with the condition under which it holds: empty where it is every kind's; None is left out.

        ``told_by`` is the expression that tells the kind.
        """
        kinds = self.routing.kinds
        numbers: dict[Value, list[int]] = {}
        for number, kind in enumerate(kinds):
            value = value_of(kind)
            if value is not None:
                numbers.setdefault(value, []).append(number)
        for value, held in numbers.items():
            everywhere = len(held) == len(kinds)
            yield value, "" if everywhere else self.matches(told_by, "str", map(str, held))


def when(*conditions: str) -> str:
    """`` if …`` for all of the conditions that are not empty; nothing for none."""
    given = " ".join(condition for condition in conditions if condition)
    return f" if {given}" if given else ""
