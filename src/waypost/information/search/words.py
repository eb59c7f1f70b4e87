"""Text to words: one folding for what is indexed and what is asked, on every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_TERMS = 12
MAX_TERM = 60
EXCERPT = 240
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case without accents; letters of every script stay."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", " "))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def index_words(texts: Iterable[str], *, limit: int) -> str:
    """Folded words, separated by blanks; ``listPets`` gives ``list pets listpets``."""
    found: list[str] = []
    for text in texts:
        for word in _WORD.findall(text[: limit * 2]):
            parts = _CAMEL.split(word)
            found.extend(fold(part)[:MAX_TERM] for part in parts)
            if len(parts) > 1:
                found.append(fold(word)[:MAX_TERM])
    return " ".join(found)[:limit]


def query_terms(text: str) -> list[str]:
    """The prefixes to look for. A plural ``s`` is dropped, so that ``payments`` finds ``payment`` too."""
    terms = []
    for word in _WORD.findall(fold(text[:1000])):
        term = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        if term[:MAX_TERM] not in terms:
            terms.append(term[:MAX_TERM])
    return terms[:MAX_TERMS]


def highlight(text: str, terms: list[str]) -> tuple[tuple[str, bool], ...]:
    """An excerpt of ``text`` around the first match, cut into (piece, does it match) pairs."""
    marks = [word.span() for word in _WORD.finditer(text) if any(fold(word.group()).startswith(t) for t in terms)]
    first = marks[0][0] if marks else 0
    begin = 0 if first < EXCERPT // 2 else text.rfind(" ", 0, first - EXCERPT // 3) + 1
    end = min(len(text), begin + EXCERPT)
    pieces: list[tuple[str, bool]] = [("…", False)] if begin else []
    at = begin
    for left, right in marks:
        if left < at or right > end:
            continue
        if left > at:
            pieces.append((text[at:left], False))
        pieces.append((text[left:right], True))
        at = right
    if at < end:
        pieces.append((text[at:end], False))
    if end < len(text):
        pieces.append(("…", False))
    return tuple(pieces)
