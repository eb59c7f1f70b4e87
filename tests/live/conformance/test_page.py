"""The published reports say what the engines do now; the page is made of them (``make docs``)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from waypost.integration.gateways.registry import factories
from waypost.testing.conformance.loading import load
from waypost.testing.conformance.report import Report

pytestmark = pytest.mark.live
REPORTS = Path(__file__).resolve().parents[3] / "docs" / "reference" / "conformance"
ENGINES = sorted(engine.value for engine in factories())


@pytest.mark.parametrize("engine", ENGINES)
def test_the_published_report_is_what_was_just_seen(reports: dict[str, Report], engine: str) -> None:
    if engine not in reports:
        pytest.skip("no case was selected")
    published = json.loads((REPORTS / f"{engine}.json").read_text())
    seen = reports[engine].plain()
    wrong = {name: case for name, case in seen["cases"].items() if published["cases"].get(name) != case}
    how = f"python -m waypost.testing.conformance --engine {engine} --report docs/reference/conformance/{engine}.json"
    assert (published["version"], wrong) == (seen["version"], {}), f"run `{how}` and `make docs`, and commit"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_published_report_has_every_case_once(engine: str) -> None:
    published = json.loads((REPORTS / f"{engine}.json").read_text())
    assert set(published["cases"]) == {case.id for case in load()}
