"""``make test`` runs with two workers: see ``tests/support/shares.py``."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.shares import ENGINES, PRODUCTS

ROOT = Path(__file__).resolve().parents[2]


def test_whatever_drives_an_engine_or_a_browser_has_its_worker() -> None:
    marked = [p for p in (ROOT / "tests").rglob("test_*.py") if re.search(r"mark\.(live|browser)\b", p.read_text())]
    names = [str(path.relative_to(ROOT)) for path in marked]
    assert len(names) > 20
    assert [name for name in names if not name.startswith(ENGINES + PRODUCTS)] == []
