"""Claims of the caller's token, as expressions. They are in ``claims``, and verified before anything is asked."""

from __future__ import annotations

import re

from waypost.integration.gateways.haproxy.names import found
from waypost.integration.gateways.haproxy.text import word

CLAIMS = found("claims")
"""A condition: the caller was taken by a token."""
_MOST_ELEMENTS = 16
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def value(name: str, kind: str = "") -> str:
    """A claim; with ``kind`` ``int`` as a number. ValueError for a name this engine cannot ask for."""
    how = f",'{kind}'" if kind else ""
    return f"var(txn.claims),json_query('$.{_checked(name)}'{how})"


def first(name: str) -> str:
    """The first element of a claim that is a list; nothing for any other."""
    return f"var(txn.claims),json_query('$.{_checked(name)}[0]')"


def gathered(name: str, claim: str, condition: str) -> list[str]:
    """Rules that gather a claim in ``<name>``: a text as it is, a list as ``|one|two|``; ``<name>f`` tells a list.

    The engine knows no lists, so its elements are asked for one by one, at most sixteen. One that holds a bar is left
    out: it could pass for two.
    """
    element = "txn.element"
    lines = [
        f"http-request set-var(txn.{name}f) {word(first(claim))} if {condition}",
        f"http-request set-var(txn.{name}) {word(value(claim))} if {condition} !{found(name + 'f')}",
        f"http-request set-var(txn.{name}) str(|) if {condition} {found(name + 'f')}",
    ]
    for index in range(_MOST_ELEMENTS):
        asked = f"var(txn.claims),json_query('$.{_checked(claim)}[{index}]')"
        there = f"{{ var({element}) -m found }} !{{ var({element}) -m sub | }}"
        lines += [
            f"http-request set-var({element}) {word(asked)} if {condition} {found(name + 'f')}",
            f"http-request set-var(txn.{name}) var(txn.{name}),concat(,{element},|) if {found(name + 'f')} {there}",
            f"http-request unset-var({element}) if {found(name + 'f')}",
        ]
    return lines


def in_list(values: tuple[str, ...]) -> str:
    """A regular expression: a gathered list has one of these as an element."""
    return f"\\|({_any(values)})\\|"


def in_words(values: tuple[str, ...]) -> str:
    """A regular expression: one of these is a whole word of a text."""
    return f"(^| )({_any(values)})( |$)"


def _any(values: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, values))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"this engine cannot ask for the claim {name!r}")
    return name
