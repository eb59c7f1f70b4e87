"""Outcomes, known failures, the table and the page."""

from __future__ import annotations

import io
import json

from rich.console import Console

from waypost.testing.conformance.loading import load
from waypost.testing.conformance.page import page
from waypost.testing.conformance.report import Report, Result

ONE, TWO, THREE, FOUR = load()[:4]


def report(*results: Result) -> Report:
    return Report(engine="made-up", version="1", results=list(results))


def test_good_and_bad() -> None:
    assert report(Result.passed(ONE), Result.declared(TWO, ["jwt"])).good
    assert not report(Result.passed(ONE), Result.failed(TWO, ["x"])).good
    assert not report(Result.silent(ONE, ["jwt"])).good
    assert not report().good


def test_a_known_failure_is_named_and_has_to_fail() -> None:
    failing = report(Result.failed(ONE, ["status 500"])).with_known({ONE.id: "why"})
    assert failing.good
    assert failing.results[0].reasons == ("why",)
    mended = report(Result.passed(ONE)).with_known({ONE.id: "why"})
    assert not mended.good


def test_the_report_is_the_same_however_long_it_took() -> None:
    slow = Report(engine="e", version="1", results=[Result.failed(ONE, ["took 10 ms"])], seconds=9)
    fast = Report(engine="e", version="1", results=[Result.failed(ONE, ["took 20 ms"])], seconds=1)
    assert json.dumps(slow.plain()) == json.dumps(fast.plain())


def test_the_table_counts() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(report(Result.passed(ONE), Result.failed(TWO, ["x"])).table())
    assert "made-up 1: 2 cases" in out.getvalue()


def test_the_page_tells_every_case_and_what_was_not_run() -> None:
    results = [Result.passed(ONE), Result.declared(TWO, ["jwt"]), Result.failed(THREE, ["x"])]
    plain = report(*results).with_known({THREE.id: "because of this"}).plain()
    text = page([ONE, TWO, THREE, FOUR], {"made-up": plain})
    assert "`jwt`" in text
    assert "because of this" in text
    assert "**not run**" in text
    for case in (ONE, TWO, THREE, FOUR):
        assert case.case.about.replace("|", "\\|") in text
