"""HAProxy: lines of an API's section, by what they do (conditions, names and numbers apart)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from waypost.integration.gateways.haproxy import backend, config, shared

if TYPE_CHECKING:
    from tests.live.conformance.breaking import Breaks

INVISIBLE: Mapping[str, str] = {
    "http-request set-var(txn.mocked) bool": "a mark for the log",
    "http-request set-var(txn.r) #": "which of a plan's and an operation's limits is told is each engine's own",
    "http-request sc-set-gpt#(#) #": "a signature is only verified again",
    "http-request set-var(req.token) #": "a signature is only verified again",
    "http-request track-sc# var": "a signature is only verified again",
    "http-request set-var(txn.kept_e#d#e#f#e#) req.fhdr": "a header that nobody sent is nothing either way",
    "http-response del-header ratelimit": "limits write it afterwards",
    "http-request unset-var(txn.element) if": "what was read of a list is only made room of",
    "http-request unset-var(txn.secret) if": "what was used is only made room of",
    "http-response set-var(txn.t#) date": "durations in records are tested with the driver",
    "http-response wait-for-body time": "without it a large answer is cut off and not refused; both are right",
    "timeout connect #ms": "no address is sure to swallow a connection on every machine",
}
_NAMES = re.compile(r"\bup-[0-9a-f]+|\bx-(?!request-id)[\w-]+|'.*|\d+")
_WORDS = 3
EVERYWHERE = ""


@contextmanager
def breaking(breaks: Breaks) -> Iterator[None]:
    """Sections, those that they share, and the frontend lose the lines that ``breaks`` wants left out."""
    lines, frontend, sections = backend.lines, config._frontend, shared.sections

    def broken(context: Any) -> list[str]:
        return [line for line in lines(context) if not breaks.left_out(context.api.id, shape(line))]

    def whole(lines: list[str]) -> list[str]:
        return [line for line in lines if not breaks.left_out(EVERYWHERE, shape(line))]

    def broken_everywhere(*given: Any) -> list[str]:
        return whole(frontend(*given))

    def broken_shared(*given: Any) -> Iterator[tuple[str, list[str]]]:
        return ((name, whole(held)) for name, held in sections(*given))

    backend.lines, config._frontend, shared.sections = broken, broken_everywhere, broken_shared
    try:
        yield
    finally:
        backend.lines, config._frontend, shared.sections = lines, frontend, sections


def shape(line: str) -> str:
    """What a line does, without its condition, its arguments' arguments, and what differs from API to API."""
    words = line.split(" ")
    kept = [*words[: _WORDS - 1], *(re.split(r"[,(]", word)[0] for word in words[_WORDS - 1 : _WORDS])]
    return _NAMES.sub("#", " ".join(kept))
