"""Map files: text on disk (mode 0600) and the same in the engine's memory, changed without a reload.

A key holds no blank; a value is the rest of the line. In memory an entry is found in logarithmic time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

# A command with its payload has to fit into one buffer of the engine (tune.bufsize).
PAYLOAD_BYTES = 14_000


def check(entries: Mapping[str, str]) -> None:
    """ValueError for an entry that no file can hold."""
    for key, value in entries.items():
        _checked(key, value)


def render(entries: Mapping[str, str]) -> str:
    """The file's text, of entries that were checked."""
    return "".join([f"{key} {value}\n" for key, value in entries.items()])


def write(path: str, text: str) -> None:
    """Replace a file at once, readable by this user only."""
    fresh = f"{path}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(fresh).replace(path)


def payloads(entries: Mapping[str, str]) -> Iterator[str]:
    """The entries in pieces that one command may carry."""
    lines: list[str] = []
    size = 0
    for key, value in entries.items():
        line = _checked(key, value)
        if lines and size + len(line) >= PAYLOAD_BYTES:
            yield "\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    if lines:
        yield "\n".join(lines)


def escaped(value: str) -> str:
    """A value as one word of a command (management guide 2.8, 9.3): nothing in it is syntax."""
    return "".join(f"\\{char}" if char in " \t\\;<" else char for char in value)


def _checked(key: str, value: str) -> str:
    if key.split() != [key] or key.startswith("#") or "\n" in value or not value:
        raise ValueError(f"{key[:80]!r} cannot stand in a map")
    return f"{key} {value}"
