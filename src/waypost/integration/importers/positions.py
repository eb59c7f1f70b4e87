"""Finds the lines of JSON pointers in JSON and YAML text.

Runs only when there is something to report, so that a good definition never pays for positions.
One pass serves all pointers; a pointer that leads through a YAML alias gets the line of its nearest written parent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import orjson
import yaml

from waypost.integration.importers import pointers
from waypost.integration.importers.problems import Position

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]', re.DOTALL)
_OPENING = {"{": None, "[": 0}
_CLOSING = ("}", "]")
_BETWEEN = (",",)
_SPACE = re.compile(r"\s*")


@dataclass(slots=True)
class _Wanted:
    """A trie of the pointers asked for; ``offset`` (JSON) or ``position`` (YAML) once seen."""

    children: dict[str, _Wanted] = field(default_factory=dict)
    offset: int | None = None
    position: Position | None = None

    @classmethod
    def of(cls, wanted: Collection[str]) -> _Wanted:
        root = cls(offset=0, position=(1, 1))
        for pointer in wanted:
            node = root
            for token in pointers.split(pointer):
                node = node.children.setdefault(token, cls())
        return root

    def deepest(self, pointer: str) -> _Wanted:
        """The last node on the way to ``pointer`` that was seen."""
        node = best = self
        for token in pointers.split(pointer):
            node = node.children[token]
            if node.offset is not None or node.position is not None:
                best = node
        return best


@dataclass(slots=True)
class _Open:
    """A container being scanned: its trie node, the current key, and for a list the current index."""

    wanted: _Wanted | None
    index: int | None
    key: str | None = None
    keys: set[str] = field(default_factory=set)


def offset_position(text: str, offset: int) -> Position:
    """Line and column, both from 1, of the character at ``offset``."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1


def locate_json(text: str, wanted: Collection[str]) -> dict[str, Position]:
    """Positions of ``wanted`` pointers in JSON ``text``, which must be valid."""
    root = _Wanted.of(wanted)
    for _ in _scan_json(text, root):
        pass
    offsets = {pointer: root.deepest(pointer).offset or 0 for pointer in wanted}
    return _positions(text, offsets)


def _positions(text: str, offsets: dict[str, int]) -> dict[str, Position]:
    """Positions in one pass over the text, however many offsets there are."""
    found: dict[str, Position] = {}
    line, counted = 1, 0
    for pointer, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line += text.count("\n", counted, offset)
        counted = offset
        found[pointer] = (line, offset - text.rfind("\n", 0, offset))
    return found


def duplicate_json_keys(text: str) -> Iterator[tuple[str, Position]]:
    """Pointer and position of each key that is written again in its object."""
    for pointer, offset in _scan_json(text, _Wanted(), duplicates=True):
        yield pointer, offset_position(text, offset)


def first_deeper(text: str, depth: int) -> Position | None:
    """Where JSON ``text``, which may be cut off, first nests maps and lists deeper than ``depth``."""
    open_now = 0
    for match in _TOKEN.finditer(text):
        if match.group() in _OPENING:
            open_now += 1
            if open_now > depth:
                return offset_position(text, match.start())
        elif match.group() in _CLOSING:
            open_now -= 1
    return None


def _scan_json(text: str, root: _Wanted, *, duplicates: bool = False) -> Iterator[tuple[str, int]]:
    stack: list[_Open] = []
    awaiting_key = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in _OPENING:
            stack.append(_Open(_child(stack, root), _OPENING[token]))
            awaiting_key = stack[-1].index is None
            _note_item(stack[-1], text, match.end())
        elif token in _CLOSING:
            stack.pop()
            awaiting_key = False
        elif token in _BETWEEN and stack:
            awaiting_key = stack[-1].index is None
            _advance(stack[-1], text, match.end())
        elif awaiting_key and token[0] == '"':
            awaiting_key = False
            top = stack[-1]
            top.key = orjson.loads(token) if "\\" in token else token[1:-1]
            _note_key(top, match.start())
            if duplicates:
                if top.key in top.keys:
                    yield _path(stack), match.start()
                top.keys.add(top.key or "")


def _child(stack: list[_Open], root: _Wanted) -> _Wanted | None:
    if not stack:
        return root
    top = stack[-1]
    return top.wanted.children.get(_token(top)) if top.wanted else None


def _token(frame: _Open) -> str:
    return frame.key or "" if frame.index is None else str(frame.index)


def _path(stack: list[_Open]) -> str:
    return pointers.join("", *(_token(frame) for frame in stack))


def _advance(frame: _Open, text: str, end: int) -> None:
    if frame.index is not None:
        frame.index += 1
        _note_item(frame, text, end)


def _note_item(frame: _Open, text: str, end: int) -> None:
    if frame.index is None or frame.wanted is None:
        return
    child = frame.wanted.children.get(str(frame.index))
    if child is not None:
        space = _SPACE.match(text, end)
        child.offset = space.end() if space else end


def _note_key(frame: _Open, offset: int) -> None:
    child = frame.wanted.children.get(frame.key or "") if frame.wanted else None
    if child is not None:
        child.offset = offset


def locate_yaml(text: str, wanted: Collection[str]) -> dict[str, Position]:
    """Positions of ``wanted`` pointers in YAML ``text``, whose first document must be valid."""
    root = _Wanted.of(wanted)
    _scan_yaml(text, root)
    return {pointer: root.deepest(pointer).position or (1, 1) for pointer in wanted}


def _scan_yaml(text: str, root: _Wanted) -> None:
    loader = yaml.CSafeLoader(text)
    stack: list[_Open] = []
    while True:
        event = loader.get_event()
        kind = type(event)
        if event is None or kind is yaml.DocumentEndEvent:
            return
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            stack.pop()
            _close_value(stack)
        elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            _note_yaml(stack, event)
            stack.append(_Open(_child(stack, root), 0 if kind is yaml.SequenceStartEvent else None))
        elif kind in (yaml.ScalarEvent, yaml.AliasEvent):
            _scalar(stack, event)


def _scalar(stack: list[_Open], event: yaml.Event) -> None:
    if stack and stack[-1].index is None and stack[-1].key is None:
        stack[-1].key = getattr(event, "value", "")
        _note_yaml(stack, event)
        return
    _note_yaml(stack, event)
    _close_value(stack)


def _note_yaml(stack: list[_Open], event: yaml.Event) -> None:
    """A key or list item begins here. A key's own line wins over that of its value."""
    child = stack[-1].wanted.children.get(_token(stack[-1])) if stack and stack[-1].wanted else None
    mark = event.start_mark
    if child is not None and child.position is None and mark is not None:
        child.position = (mark.line + 1, mark.column + 1)


def _close_value(stack: list[_Open]) -> None:
    if not stack:
        return
    if stack[-1].index is None:
        stack[-1].key = None
    else:
        stack[-1].index += 1
