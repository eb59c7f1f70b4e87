"""The page that shows what each engine does: written from the reports of runs, the same for the same outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from waypost.contracts.drivers import Capability
from waypost.testing.conformance.loading import Loaded
from waypost.testing.conformance.report import DECLARED, KNOWN, PASSED

_ABOUT = """# Conformance

What a gateway has to answer, case by case, and what each engine answered. The cases are data
(`waypost/testing/conformance/cases`), played over real sockets against the engine's real process:

    python -m waypost.testing.conformance --engine envoy [--case 'cors.*'] [--report FILE]
    python -m waypost.testing.conformance --driver package.module:Factory     # a driver of your own

[Bring another engine](../how-to/bring-another-engine.md) says what such a driver is, and what else checks it.

A case is given policies, credentials and an upstream; its calls must get these statuses, headers and bodies, and the
upstream must see that. [conformance.schema.json](conformance.schema.json) is the form of a case file; *use* shows what
a policy is for, *edge* its limits, *abuse* what must not get round it. Outcomes:

| | |
|---|---|
| ✓ | as the case wants it |
| ○ | *declared*: the engine cannot do this; publishing refuses it by name, nothing is silently left out |
| ! | a known failure, with its reason below |

`python -m waypost.testing.conformance.mutations --engine envoy` is the check of the suite itself: each field of the
IR is once kept from the driver, and at least one case has to notice.
"""
_MARKS = {PASSED: "✓", DECLARED: "○", KNOWN: "!"}

Reports = Mapping[str, Mapping[str, Any]]
"""By engine: what ``Report.plain`` gives."""


def page(cases: Sequence[Loaded], reports: Reports) -> str:
    """The whole page as Markdown."""
    engines = sorted(reports)
    parts = [_ABOUT, _policies(cases, reports, engines), _lacking(reports, engines), _known(reports, engines)]
    parts += ["## Cases\n", *(_cases(policy, cases, reports, engines) for policy in _in_order(cases))]
    return "\n".join(part for part in parts if part)


def _policies(cases: Sequence[Loaded], reports: Reports, engines: list[str]) -> str:
    titles = [f"{engine} {reports[engine]['version']}" for engine in engines]
    rows = [f"## Policies by engine\n\n{len(cases)} cases.\n", _row(["policy", "cases", *titles])]
    rows.append(_row(["---"] * (len(titles) + 2)))
    for policy in _in_order(cases):
        own = [case for case in cases if case.policy == policy]
        rows.append(_row([f"`{policy}`", str(len(own)), *(_summary(own, reports[engine]) for engine in engines)]))
    rows.append(_row(["all", str(len(cases)), *(_summary(cases, reports[engine]) for engine in engines)]))
    return "\n".join(rows) + "\n"


def _summary(cases: Sequence[Loaded], report: Mapping[str, Any]) -> str:
    found = Counter(report["cases"].get(case.id, {}).get("outcome", "not run") for case in cases)
    if set(found) == {PASSED}:
        return "✓"
    return ", ".join(
        f"{count} {_MARKS.get(outcome, outcome)}" for outcome, count in sorted(found.items(), reverse=True)
    )


def _lacking(reports: Reports, engines: list[str]) -> str:
    rows = []
    for engine in engines:
        told = {
            reason
            for case in reports[engine]["cases"].values()
            if case["outcome"] == DECLARED
            for reason in case["reasons"]
        }
        names = ", ".join(f"`{feature.value}`" for feature in Capability if feature.value in told)
        rows.append(f"- **{engine}** refuses by name: {names or 'nothing'}.")
    return "## Declared\n\n" + "\n".join(rows) + "\n"


def _known(reports: Reports, engines: list[str]) -> str:
    rows = [
        f"- **{engine}** `{name}`: {case['reasons'][0]}"
        for engine in engines
        for name, case in reports[engine]["cases"].items()
        if case["outcome"] == KNOWN
    ]
    return "## Known failures\n\n" + "\n".join(rows or ["None."]) + "\n"


def _cases(policy: str, cases: Sequence[Loaded], reports: Reports, engines: list[str]) -> str:
    rows = [f"### {policy}\n", _row(["case", "", "", *engines]), _row(["---"] * (len(engines) + 3))]
    for case in cases:
        if case.policy == policy:
            marks = [_mark(reports[engine]["cases"].get(case.id)) for engine in engines]
            rows.append(_row([f"`{case.id}`", case.case.tag, case.case.about.replace("|", "\\|"), *marks]))
    return "\n".join(rows) + "\n"


def _mark(outcome: Mapping[str, Any] | None) -> str:
    return _MARKS.get(outcome["outcome"], f"**{outcome['outcome']}**") if outcome else "**not run**"


def _in_order(cases: Sequence[Loaded]) -> list[str]:
    return list(dict.fromkeys(case.policy for case in sorted(cases, key=lambda case: case.policy)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
