"""YAML to plain data from parser events: fast, without recursion, and counting what aliases expand to.

Scalars follow the YAML 1.2 core schema as OpenAPI 3 recommends (JSON types only): dates, ``yes``
and ``0123`` stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from waypost.integration.importers import pointers
from waypost.integration.importers.limits import Limits
from waypost.integration.importers.problems import Position, ProblemLog

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TYPED = ("int", "float", "bool", "null")
_PREFIX = "tag:yaml.org,2002:"
# A version such as 1.10 is text that looks like a number; read as one it would lose its last digit.
_TEXT_AT_ROOT = ("openapi", "swagger", "swaggerVersion", "asyncapi")

_MERGE = object()


@dataclass(slots=True)
class _Anchored:
    value: Any
    raw: str
    nodes: int
    characters: int
    height: int


@dataclass(slots=True)
class _Frame:
    """A map or list being filled. ``nodes`` and ``characters`` are its size with aliases written out."""

    value: Any
    anchor: str | None
    awaiting_key: bool
    key: Any = None
    nodes: int = 1
    characters: int = 0
    height: int = 1
    merges: list[Any] = field(default_factory=list)


def resolve(raw: str) -> Any:
    """The value of a plain scalar."""
    if raw in _WORDS:
        return _WORDS[raw]
    if raw[0] not in "-+.0123456789":
        return raw
    if _INT.match(raw):
        return int(raw) if len(raw) < 19 else _number(raw)
    if _BASED.match(raw) and len(raw) < 18:
        return int(raw, 0)
    return _number(raw) if _FLOAT.match(raw) else raw


def _number(raw: str) -> float | str:
    # JSON has no infinity, so a number that does not fit stays the text it was.
    number = float(raw)
    return raw if number in (float("inf"), float("-inf")) else number


class YamlReader:
    """Reads the first document of a YAML text. Raises Unreadable after noting why; other faults are noted only."""

    def __init__(self, text: str, limits: Limits, notes: ProblemLog) -> None:
        self._loader = yaml.CSafeLoader(text)
        self._limits = limits
        self._log = notes
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._nodes = 0
        self._characters = 0
        self._documents = 0
        self._result: Any = None

    def read(self) -> Any:
        """Plain data: dict with text keys, list, str, int, float, bool, None."""
        while self._documents < 2:
            try:
                event = self._loader.get_event()
            except yaml.YAMLError as error:
                raise self._syntax(error) from None
            if event is None or isinstance(event, yaml.StreamEndEvent):
                break
            self._take(event)
        return self._result

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, kind is yaml.MappingStartEvent)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._document(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents == 2:
            self._log.warn(
                "yaml_documents",
                "The text holds more than one YAML document; only the first is read.",
                "Import each document by itself.",
                position=_at(event),
            )

    def _scalar(self, event: Any) -> None:
        raw = event.value
        self._count(1, len(raw), event)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and frame.awaiting_key:
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(raw, raw, 1, len(raw), 0)
            self._key(frame, _MERGE if raw == "<<" and event.implicit[0] else raw, event)
            return
        value = raw if self._stays_text(frame) else self._typed(event)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, raw, 1, len(raw), 0)
        self._place(value, 1, len(raw), 0)

    def _stays_text(self, frame: _Frame | None) -> bool:
        if frame is None or not isinstance(frame.key, str):
            return False
        if len(self._stack) == 2:
            return frame.key == "version" and self._stack[0].key == "info"
        return len(self._stack) == 1 and frame.key in _TEXT_AT_ROOT

    def _typed(self, event: Any) -> Any:
        if event.implicit[0]:
            return resolve(event.value)
        tag = event.tag or ""
        if tag.removeprefix(_PREFIX) in _TYPED:
            return resolve(event.value)
        if tag and tag != "!" and not tag.startswith(_PREFIX):
            self._log.warn(
                "yaml_tag",
                f"The tag {tag} means nothing in an API definition; the value is read as text.",
                "Remove the tag.",
                position=_at(event),
            )
        return event.value

    def _key(self, frame: _Frame, key: Any, event: Any) -> None:
        frame.awaiting_key = False
        frame.key = key
        if isinstance(key, str) and key in frame.value:
            self._log.warn(
                "duplicate_key",
                f"The key {key!r} is written more than once in one map; the last one counts.",
                "Keep one of them.",
                pointer=self._pointer(),
                position=_at(event),
            )

    def _open(self, event: Any, is_map: bool) -> None:
        self._count(1, 0, event)
        if len(self._stack) >= self._limits.depth:
            raise self._too_deep(event)
        if self._stack and self._stack[-1].awaiting_key:
            self._complex_key(event)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._stack.append(_Frame({} if is_map else [], event.anchor, is_map))

    def _complex_key(self, event: Any) -> None:
        self._log.error(
            "yaml_key",
            "A map or list stands where a key is expected.",
            "Keys must be plain text; put values with braces, such as {id}, in quotes.",
            pointer=self._pointer(),
            position=_at(event),
        )
        raise self._log.stop("not_yaml", "The text cannot be read on from here.", "Mend the key.", _at(event))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        if frame.merges:
            frame.value = self._merged(frame, event)
        if frame.anchor:
            size = _Anchored(frame.value, "", frame.nodes, frame.characters, frame.height)
            self._anchors[frame.anchor] = size
        self._place(frame.value, frame.nodes, frame.characters, frame.height)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        if known is None:
            loop = event.anchor in self._anchors
            raise self._log.stop(
                "yaml_alias_loop" if loop else "yaml_alias_unknown",
                f"The alias *{event.anchor} "
                + ("contains itself." if loop else "has no anchor of that name before it."),
                "Write the value out, or use a $ref." if loop else "Define the anchor first, or write the value out.",
                _at(event),
            )
        self._count(known.nodes, known.characters, event)
        if len(self._stack) + known.height > self._limits.depth:
            raise self._too_deep(event)
        frame = self._stack[-1]
        if frame.awaiting_key:
            if isinstance(known.value, dict | list):
                self._complex_key(event)
            self._key(frame, known.raw, event)
            return
        self._place(known.value, known.nodes, known.characters, known.height)

    def _place(self, value: Any, nodes: int, characters: int, height: int) -> None:
        if not self._stack:
            self._result = value
            return
        frame = self._stack[-1]
        frame.nodes += nodes
        frame.characters += characters
        if height >= frame.height:
            frame.height = height + 1
        if type(frame.value) is list:
            frame.value.append(value)
            return
        if frame.key is _MERGE:
            frame.merges.append(value)
        else:
            frame.value[frame.key] = value
        frame.awaiting_key = True

    def _merged(self, frame: _Frame, event: Any) -> dict[str, Any]:
        """YAML merge keys: earlier sources win over later ones, the map's own keys over all."""
        merged: dict[str, Any] = {}
        for source in reversed(frame.merges):
            parts = source if isinstance(source, list) else [source]
            for part in reversed(parts):
                if isinstance(part, dict):
                    self._count(len(part), 0, event)
                    merged.update(part)
                else:
                    self._log.warn(
                        "yaml_merge",
                        "A merge key << has a value that is no map; it is left out.",
                        "Merge only maps.",
                        pointer=self._pointer(),
                        position=_at(event),
                    )
        merged.update(frame.value)
        return merged

    def _count(self, nodes: int, characters: int, event: Any) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > self._limits.nodes or self._characters > self._limits.characters:
            raise self._log.stop(
                "too_many_nodes",
                f"Written out, the definition has more than {self._limits.nodes:,} values "
                f"or {self._limits.characters:,} characters; YAML aliases count each time they are used.",
                "Use $ref instead of YAML aliases, or split the definition.",
                _at(event),
            )

    def _too_deep(self, event: Any) -> Exception:
        return self._log.stop(
            "too_deep",
            f"Maps and lists are nested more than {self._limits.depth} levels deep.",
            "Move inner parts to components and use $ref.",
            _at(event),
        )

    def _syntax(self, error: yaml.YAMLError) -> Exception:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "context", None) or str(error)
        return self._log.stop(
            "not_yaml",
            f"This is not valid YAML: {said}{_began(error, mark)}.",
            "Check indentation, quotes and colons at this line.",
            (mark.line + 1, mark.column + 1) if mark is not None else None,
        )

    def _pointer(self) -> str:
        return pointers.join(
            "", *(len(f.value) if type(f.value) is list else f.key for f in self._stack if f.key is not _MERGE)
        )


def _began(error: yaml.YAMLError, mark: Any) -> str:
    """Where what is broken began, when that is another line than the one where it was noticed."""
    start, doing = getattr(error, "context_mark", None), getattr(error, "context", None)
    if not (start and doing and mark) or start.line == mark.line:
        return ""
    return f" {doing} that begins at line {start.line + 1}"


def _at(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1
