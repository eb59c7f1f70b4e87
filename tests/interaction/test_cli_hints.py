"""The way out of a problem is one that can be gone from a command line."""

from __future__ import annotations

import re
from pathlib import Path

from waypost.interaction.cli.hints import HINTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "errors.md"  # written from the classes, and fresh
ROW = re.compile(r"^\| `(\w+)` \| \d+ \| .* \| (.*) \|$", re.MULTILINE)
FOR_PROGRAMS = re.compile(
    r"\b(GET|PUT|POST|PATCH|DELETE|If-Match|ETag|Retry-After|Authorization|cursor|content|errors`)"
)
NEVER_MET = {"bad_cursor", "csrf_refused", "precondition_required", "too_many_requests"}
"""What the command line does by itself, or never asks for."""


def test_no_way_out_names_what_only_programs_send() -> None:
    hints = dict(ROW.findall(PAGE.read_text()))
    assert len(hints) > 90
    assert hints.keys() >= HINTS.keys()
    shown = {code: HINTS.get(code, hint) for code, hint in hints.items() if code not in NEVER_MET}
    assert [code for code, hint in shown.items() if FOR_PROGRAMS.search(hint)] == []
