"""Claims of the caller's token, as expressions. The token is in ``b`` and was verified before anything is asked."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def value(name: str, kind: str = "") -> str:
    """A claim; with ``kind`` ``int`` as a number. ValueError for a name this engine cannot ask for."""
    how = f",'{kind}'" if kind else ""
    return f"var(txn.b),jwt_payload_query('$.{_checked(name)}'{how})"


def first(name: str) -> str:
    """The first element of a claim that is a list; nothing for any other."""
    return f"var(txn.b),jwt_payload_query('$.{_checked(name)}[0]')"


def in_list(values: tuple[str, ...]) -> str:
    """A regular expression: the JSON text of a list has one of these as an element."""
    return f'(^\\[|,) *"({_any(values)})" *(,|\\]$)'


def in_words(values: tuple[str, ...]) -> str:
    """A regular expression: one of these is a whole word of a text."""
    return f"(^| )({_any(values)})( |$)"


def _any(values: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, values))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"this engine cannot ask for the claim {name!r}")
    return name
