"""Mock answers: which response of an operation to show, in which media type, with which body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from waypost.contracts.ir import Mock
from waypost.integration.importers.nodes import Node
from waypost.integration.importers.pointers import MISSING
from waypost.integration.importers.problems import ProblemLog
from waypost.integration.importers.refs import References
from waypost.integration.importers.sampler import Sampler

MAX_BODY = 64 * 1024
_MEDIA_TYPE = re.compile(
    r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;\s*[\w.-]+=(?:[\w!#$&^.:+/-]+|\"[\w .:+/-]*\"))*\Z", re.ASCII
)
_BODYLESS = (204, 205, 304)


class Mocks:
    """Makes a mock per operation. Bodies hold at most ``MAX_BODY`` bytes of UTF-8."""

    def __init__(self, references: References, notes: ProblemLog) -> None:
        self._references = references
        self._notes = notes
        self._sampler = Sampler(references)

    def mock(self, operation: Node) -> Mock | None:
        """The answer of the lowest 2xx response (then 2XX, ``default``, the lowest 3xx), or None without any."""
        chosen = _choose(operation.child("responses").value)
        if chosen is None:
            return None
        status, written = chosen
        response = self._references.resolve(written)
        content = response.get("content") if isinstance(response, dict) else None
        if status in _BODYLESS or not isinstance(content, dict):
            return Mock(status=status, content_type="", body="")
        for media_type, media in _by_preference(content):
            body = self._body(media_type, self._references.resolve(media))
            if body is not None:
                return Mock(status=status, content_type=_concrete(media_type), body=body)
        return Mock(status=status, content_type="", body="")

    def _body(self, media_type: str, media: Any) -> str | None:
        """The body in ``media_type``, or None where none can be made."""
        if not isinstance(media, dict):
            return None
        for example in self._examples(media):
            body = _rendered(example, media_type)
            if body is not None and len(body.encode("utf-8", "replace")) <= MAX_BODY:
                return body
        if self._sampler.exhausted:
            self._note_exhausted()
            return None
        if not _is_json(media_type) or "schema" not in media:
            return self._plain(media_type, media)
        for generous in (True, False):
            body = _rendered(self._sampler.sample(media["schema"], generous=generous), media_type)
            if body is not None and len(body.encode()) <= MAX_BODY:
                return body
        return None

    def _note_exhausted(self) -> None:
        self._notes.info(
            "mocks_incomplete",
            "The schemas are so large that not every operation got a sample body.",
            "Write examples for the operations that need one.",
        )

    def _plain(self, media_type: str, media: dict[str, Any]) -> str | None:
        if not media_type.startswith("text/plain") or "schema" not in media:
            return None
        sample = self._sampler.sample(media["schema"], generous=False)
        return sample if isinstance(sample, str) else _rendered(sample, "application/json")

    def _examples(self, media: dict[str, Any]) -> Iterator[Any]:
        if media.get("example") is not None:
            yield media["example"]
        examples = media.get("examples")
        if isinstance(examples, dict):
            for example in examples.values():
                value = self._references.resolve(example)
                if isinstance(value, dict) and "value" in value:
                    yield value["value"]
                elif value is MISSING:
                    continue


def _choose(responses: dict[str, Any]) -> tuple[int, Any] | None:
    coded = sorted((int(code), code) for code in responses if re.fullmatch(r"[1-5][0-9][0-9]", code, re.ASCII))
    for status, code in coded:
        if 200 <= status < 300:
            return status, responses[code]
    for code in ("2XX", "2xx", "default"):
        if code in responses:
            return 200, responses[code]
    return next(((status, responses[code]) for status, code in coded if 300 <= status < 400), None)


def _by_preference(content: dict[str, Any]) -> list[tuple[str, Any]]:
    def rank(item: tuple[str, Any]) -> int:
        media_type = item[0].split(";")[0].strip().lower()
        if media_type == "application/json":
            return 0
        if _is_json(media_type):
            return 1 if media_type.endswith("json") else 2
        return 3 if media_type.startswith("text/") else 4

    return sorted(content.items(), key=rank)


def _is_json(media_type: str) -> bool:
    name = media_type.split(";", maxsplit=1)[0].strip().lower()
    return name.endswith(("/json", "+json")) or name in ("*/*", "application/*", "")


def _concrete(media_type: str) -> str:
    """A media type fit for a header. Ranges stand for JSON, and so does text that is no media type at all."""
    name = media_type.strip()
    return name if "*" not in name and _MEDIA_TYPE.match(name) else "application/json"


def _rendered(example: Any, media_type: str) -> str | None:
    if not _is_json(media_type):
        return example if isinstance(example, str) else None
    if isinstance(example, str) and _is_json_text(example):
        return example
    try:
        return orjson.dumps(example).decode()
    except orjson.JSONEncodeError:
        return None


def _is_json_text(example: str) -> bool:
    """Many authors paste the JSON body as text."""
    if not example.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(example)
    except (ValueError, RecursionError):
        return False
    return True
