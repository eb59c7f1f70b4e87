"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_ONE_LINE = 10_000
_GAP = 2
_FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z$)")
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Terminal(Console):
    """What names and reasons hold is shown, and never steers the terminal; in a file or a pipe a row is a line."""

    def __init__(self, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        super().__init__(stderr=stderr, highlight=False, width=None if stream.isatty() else _ONE_LINE)

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich does, control characters made visible."""
        super().print(*(plain(item) if isinstance(item, str) else item for item in objects), **options)


def plain(text: str) -> str:
    """``text`` without control characters, but for line breaks and tabs."""
    return _STEERING.sub("\ufffd", text)


console = Terminal()
error_console = Terminal(stderr=True)


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def show_done(done: Any, sentence: str, *, as_json: bool) -> None:
    """What was done as a sentence; with ``as_json`` the thing itself."""
    if as_json:
        show_json(done)
    else:
        console.print(sentence, markup=False)


def show_rows(
    rows: Iterable[dict[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str = "Nothing yet."
) -> None:
    """A table of ``columns`` (``a.b`` reaches inside); with ``as_json`` the rows as they are."""
    found = list(rows)
    if as_json:
        show_json(found)
        return
    if not found:
        console.print(empty, style="dim")
        return
    table = _table([_heading(column) for column in columns], _texts(found, columns))
    least = sum((column.min_width or 0) + _GAP for column in table.columns)
    table.width = least if least > console.width else None
    console.print(table, crop=False)


def _texts(rows: list[dict[str, Any]], columns: Sequence[str]) -> list[list[str]]:
    return [[plain(cell(pick(row, column))) for column in columns] for row in rows]


def _table(headings: Sequence[str], rows: list[list[str]]) -> Table:
    """No word is broken, so that ids can be copied: columns of several words give way, then the terminal wraps."""
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for heading, texts in zip(headings, zip(*rows, strict=True), strict=True):
        longest = max(cell_len(word) for text in (heading, *texts) for word in text.split())
        table.add_column(heading, min_width=longest, no_wrap=all(len(text.split()) < 2 for text in texts))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _heading(column: str) -> str:
    """``owner.name`` is the owner: a table may have a name of its own."""
    *above, leaf = column.split(".")
    return (above[-1] if above and leaf in ("name", "slug") else leaf).replace("_", " ")


def show_object(value: dict[str, Any], fields: Sequence[str], *, as_json: bool) -> None:
    """One object, a line per field."""
    if as_json:
        show_json(value)
        return
    width = max(len(field) for field in fields)
    for field in fields:
        console.print(f"{field.replace('_', ' '):<{width}}  {cell(pick(value, field))}", markup=False)


def pick(row: dict[str, Any], path: str) -> Any:
    """``pick({"a": {"b": 1}}, "a.b")`` is 1; None where a step is missing."""
    value: Any = row
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def cell(value: Any) -> str:
    """A value as one short text."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return _FRACTION.sub("", str(value))


def place_text(place: dict[str, Any]) -> str:
    """Where a policy stands, such as ``api Orders``; there is one hub, and what is built in stands nowhere."""
    known = {"default": "built in", "hub": "the hub"}
    return known.get(place["level"]) or f"{place['level']} {place['name']}"


def counted(number: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def milliseconds(microseconds: Any) -> str:
    """``12.3 ms`` of microseconds; ``-`` where nothing was measured."""
    return "-" if microseconds is None else f"{microseconds / 1000:.1f} ms"
