"""Whole definitions and all that is read from them. ``UPDATE_GOLDEN=1 pytest …`` writes the expectations anew."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from tests.integration.importers.reading import read

FOLDER = Path(__file__).parents[2] / "golden" / "definitions"
CASES = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_everything_read_is_as_written_down(path: Path) -> None:
    definition = read(path.read_bytes(), filename=path.name, base_url="https://docs.example.com/specs/api")
    text = json.dumps(dataclasses.asdict(definition), indent=1, ensure_ascii=False) + "\n"
    expected = FOLDER / f"{path.name}.expected.json"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text)
    assert json.loads(text) == json.loads(expected.read_text())


def test_there_is_a_case_for_each_format() -> None:
    assert {path.stem.rsplit("-", 1)[1] for path in CASES} >= {"2.0", "3.0", "3.1"}
