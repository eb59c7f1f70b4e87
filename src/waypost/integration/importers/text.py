"""From bytes to plain data: encoding, syntax (JSON or YAML) and size."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from waypost.contracts.importers import ImportRequest
from waypost.integration.importers import characters
from waypost.integration.importers.json_text import read_json
from waypost.integration.importers.limits import Limits
from waypost.integration.importers.positions import locate_json, locate_yaml
from waypost.integration.importers.problems import Position, ProblemLog, Unreadable
from waypost.integration.importers.yaml_text import YamlReader

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = {b"PK\x03\x04": "a ZIP archive", b"\x1f\x8b": "gzip-compressed", b"%PDF": "a PDF"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """Plain data and the text it came from, which is read again when a problem needs a line."""

    data: Any
    syntax: str
    text: str

    def locate(self, wanted: Collection[str]) -> Mapping[str, Position]:
        """Line and column of each pointer."""
        if self.syntax == "json":
            return locate_json(self.text, wanted)
        try:
            return locate_yaml(self.text, wanted)
        except yaml.YAMLError:  # a fault after the first document, which was read all the same
            return {}


def parse(request: ImportRequest, limits: Limits, notes: ProblemLog) -> Parsed:
    """The data in ``request``. Raises Unreadable after noting why it cannot be read."""
    if len(request.content) > request.max_bytes:
        raise notes.stop(
            "too_large",
            f"The definition has {len(request.content):,} bytes; {request.max_bytes:,} are allowed.",
            "Split it, remove long examples, or ask an administrator to raise the limit.",
        )
    text = _decode(request.content, notes)
    _refuse_other_things(text, notes)
    syntax, data = _read(text, request.filename.lower(), limits, notes)
    if "\\0" in text or "\\x00" in text or "0000" in text:
        characters.refuse_nul(data, notes)
    if not isinstance(data, dict):
        raise notes.stop(
            "not_a_definition",
            f"The text is {_kind(data)}, but an API definition is a map with `openapi` or `swagger` at its top.",
            "Give the address or file of the raw definition.",
            (1, 1),
        )
    return Parsed(data, syntax, text)


def _decode(content: bytes, notes: ProblemLog) -> str:
    for magic, name in _PACKED.items():
        if content.startswith(magic):
            raise notes.stop(
                "not_text", f"The file is {name}, not text.", "Unpack it and import the definition itself."
            )
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise notes.stop(
            "not_text",
            f"The byte 0x{content[error.start]:02x} is not valid UTF-8.",
            "Save the definition as UTF-8.",
            (line, column),
        ) from None


def _refuse_other_things(text: str, notes: ProblemLog) -> None:
    start = text.lstrip()[:200].lower()
    if not start:
        raise notes.stop("empty", "There is nothing in it.", "Give the text of an OpenAPI or Swagger definition.")
    if start.startswith("<"):
        what = "a web page" if "<html" in start or "<!doctype html" in start else "XML"
        raise notes.stop(
            "not_a_definition",
            f"This is {what}, not an OpenAPI definition.",
            "Give the address of the raw JSON or YAML (on code hosting sites: the `raw` link).",
            (1, 1),
        )


def _read(text: str, filename: str, limits: Limits, notes: ProblemLog) -> tuple[str, Any]:
    if text.lstrip()[0] not in "{[":
        if filename.endswith(".json"):
            return "json", read_json(text, limits, notes)
        return "yaml", YamlReader(text, limits, notes).read()
    if filename.endswith((".yaml", ".yml")):
        return _either(text, limits, notes, report="yaml")
    if filename.endswith(".json"):
        return "json", read_json(text, limits, notes)
    return _either(text, limits, notes, report="json")


def _either(text: str, limits: Limits, notes: ProblemLog, *, report: str) -> tuple[str, Any]:
    """Text that begins like JSON: most often it is, but YAML in flow style looks the same."""
    readers: dict[str, Callable[[ProblemLog], Any]] = {
        "json": lambda to: read_json(text, limits, to),
        "yaml": lambda to: YamlReader(text, limits, to).read(),
    }
    logs: dict[str, ProblemLog] = {}
    for syntax, read in readers.items():
        logs[syntax] = ProblemLog()
        try:
            data = read(logs[syntax])
        except Unreadable as error:
            if str(error) in ("too_deep", "too_many_nodes"):
                notes.absorb(logs[syntax])
                raise
            continue
        notes.absorb(logs[syntax])
        return syntax, data
    notes.absorb(logs[report])
    raise Unreadable


def _kind(data: Any) -> str:
    if data is None:
        return "empty"
    return "a list" if isinstance(data, list) else "a single value"
