"""A text that fits a regular expression (ECMA-262, as JSON Schema uses it), for the plain ones that schemas have.

The expression is only read, never run: an expression from outside can keep an engine busy for ever. What is not
understood (look-around, back references, Unicode classes) gives no sample rather than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass

_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n", "r": "\r"}
# For classes by exclusion: the first of these that is not excluded.
_CANDIDATES = "aA0-_ .~" + "".join(map(chr, range(0x20, 0x7F)))
_WIDE = {
    "d": "0123456789",
    "w": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    "s": " \t\n\r",
}
_LONGEST = 1000
_DEEPEST = 20


class _NotUnderstood(Exception):
    pass


@dataclass(slots=True)
class _Reader:
    text: str
    repeats: int
    at: int = 0
    depth: int = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        found = self.peek()
        if not found:
            raise _NotUnderstood
        self.at += 1
        return found


def sample(pattern: str, *, shortest: int = 0, longest: int = _LONGEST) -> str | None:
    """A text that ``pattern`` matches, of a length within the bounds, or None where none was found."""
    if len(pattern) > _LONGEST:
        return None
    for repeats in dict.fromkeys((1, max(1, min(shortest, _LONGEST)), 0)):
        try:
            made = _alternatives(_Reader(pattern, repeats))
        except _NotUnderstood:
            return None
        if len(made) < shortest and not pattern.endswith("$"):
            made += "x" * (shortest - len(made))
        if shortest <= len(made) <= longest:
            return made
    return None


def _alternatives(reader: _Reader, closing: str = "") -> str:
    """The first alternative that is not empty; reads over the others up to ``closing``."""
    made = [_sequence(reader)]
    while reader.peek() == "|":
        reader.take()
        made.append(_sequence(reader))
    if reader.peek() != closing:
        raise _NotUnderstood
    return next((text for text in made if text), "")


def _sequence(reader: _Reader) -> str:
    made = ""
    while (char := reader.peek()) and char not in "|)":
        reader.take()
        if char in "^$":
            continue
        piece = _piece(char, reader)
        made += piece * _times(reader)
        if len(made) > _LONGEST:
            raise _NotUnderstood
    return made


def _piece(char: str, reader: _Reader) -> str:
    if char == "(":
        return _group(reader)
    if char == "[":
        return _one_of(reader)
    if char == "\\":
        return _escape(reader)
    if char == ".":
        return "a"
    if char in "*+?{}":
        raise _NotUnderstood
    return char


def _group(reader: _Reader) -> str:
    reader.depth += 1
    if reader.depth > _DEEPEST:
        raise _NotUnderstood
    if reader.peek() == "?":
        reader.take()
        if reader.take() != ":":
            raise _NotUnderstood
    made = _alternatives(reader, ")")
    reader.take()
    reader.depth -= 1
    return made


def _escape(reader: _Reader) -> str:
    char = reader.take()
    if char in _CLASSES:
        return _CLASSES[char]
    if char in "bB":
        return ""
    if char.isalnum():
        raise _NotUnderstood
    return char


def _one_of(reader: _Reader) -> str:
    excluded = reader.peek() == "^"
    if excluded:
        reader.take()
    members = ""
    while (char := reader.take()) != "]":
        first = _member(char, reader)
        following = reader.text[reader.at + 1 : reader.at + 2]
        if reader.peek() == "-" and following not in ("]", "") and len(first) == 1:
            reader.take()
            members += _range(first, _member(reader.take(), reader))
        else:
            members += first
    if excluded:
        return next((c for c in _CANDIDATES if c not in members), "") or _fail()
    return members[:1] or _fail()


def _member(char: str, reader: _Reader) -> str:
    if char != "\\":
        return char
    escaped = reader.take()
    if escaped in _WIDE:
        return _WIDE[escaped]
    if escaped in _CLASSES and escaped.islower():
        return _CLASSES[escaped]
    return _fail() if escaped.isalnum() else escaped


def _range(first: str, last: str) -> str:
    if len(last) != 1 or ord(last) < ord(first):
        raise _NotUnderstood
    return "".join(map(chr, range(ord(first), min(ord(last), ord(first) + 127) + 1)))


def _fail() -> str:
    raise _NotUnderstood


def _times(reader: _Reader) -> int:
    """How often the piece before is written; a lazy mark after the quantifier changes nothing."""
    char = reader.peek()
    if char not in ("?", "*", "+", "{"):
        return 1
    reader.take()
    if char == "{":
        times = _counted(reader)
    else:
        times = {"?": min(1, reader.repeats), "*": reader.repeats, "+": max(1, reader.repeats)}[char]
    if reader.peek() in ("?", "+"):
        reader.take()
    return times


def _counted(reader: _Reader) -> int:
    written = ""
    while (char := reader.take()) != "}":
        written += char
    least, _, most = written.partition(",")
    if not least.isdecimal() or not (most or "0").isdecimal() or len(written) > 12:
        raise _NotUnderstood
    wanted = max(int(least), reader.repeats) if "," in written else int(least)
    return min(wanted, int(most)) if most else wanted
