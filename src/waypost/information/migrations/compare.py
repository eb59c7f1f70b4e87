"""What is left out when models and database are compared."""

from __future__ import annotations

from typing import Any

FULL_TEXT = ("search_fts", "ix_search_documents_words")


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Full-text parts differ per database and are written by hand, so they are not compared."""
    if kind == "column" and name == "words":
        return False
    return not (name or "").startswith(FULL_TEXT)
