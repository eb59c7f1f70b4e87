"""What came of a run: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from rich.table import Table

from waypost.testing.conformance.loading import Loaded

PASSED, FAILED, DECLARED, SILENT, KNOWN, MENDED = "passed", "failed", "declared", "silent", "known", "mended"
STEP, REFUSED = "step ", "refused: "
"""How reasons of a failure begin: at a step, or already when the API was published."""
BAD = frozenset({FAILED, SILENT, MENDED})
"""``silent``: what a case needs is not declared, and nobody was told. ``mended``: a known failure passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One case on one engine."""

    id: str
    policy: str
    tag: str
    outcome: str
    reasons: tuple[str, ...] = ()

    @classmethod
    def passed(cls, loaded: Loaded) -> Result:
        """All as the case wants it."""
        return cls(id=loaded.id, policy=loaded.policy, tag=loaded.case.tag, outcome=PASSED)

    @classmethod
    def failed(cls, loaded: Loaded, reasons: list[str]) -> Result:
        """Something was different."""
        return replace(cls.passed(loaded), outcome=FAILED, reasons=tuple(reasons))

    @classmethod
    def declared(cls, loaded: Loaded, features: list[str]) -> Result:
        """The engine says by name that it does not do this."""
        return replace(cls.passed(loaded), outcome=DECLARED, reasons=tuple(features))

    @classmethod
    def silent(cls, loaded: Loaded, features: list[str]) -> Result:
        """The engine does not declare this, and its driver published it without a word."""
        reason = f"{', '.join(features)} is not declared, but no degradation was named"
        return replace(cls.passed(loaded), outcome=SILENT, reasons=(reason,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run."""

    engine: str
    version: str
    results: list[Result]
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """True where nothing is wrong that is not known by name."""
        return bool(self.results) and not any(result.outcome in BAD for result in self.results)

    def with_known(self, known: dict[str, str]) -> Report:
        """Failures that are known by case id, with their reasons; a known failure that passes is wrong too."""
        return replace(self, results=[_known(result, known) for result in self.results])

    def counts(self) -> Counter[str]:
        """How many of each outcome."""
        return Counter(result.outcome for result in self.results)

    def plain(self) -> dict[str, Any]:
        """For JSON; the same for the same outcomes, however long they took."""
        return {
            "engine": self.engine,
            "version": self.version,
            "cases": {result.id: _plain(result) for result in self.results},
        }

    def table(self) -> Table:
        """Policy by outcome."""
        table = Table(title=f"{self.engine} {self.version}: {len(self.results)} cases in {self.seconds:.1f} s")
        outcomes = [name for name in (PASSED, DECLARED, KNOWN, FAILED, SILENT, MENDED) if self.counts()[name]]
        for column in ("policy", *outcomes):
            table.add_column(column, justify="left" if column == "policy" else "right")
        for policy in sorted({result.policy for result in self.results}):
            found = Counter(result.outcome for result in self.results if result.policy == policy)
            table.add_row(policy, *(str(found[name] or "") for name in outcomes))
        table.add_section()
        table.add_row("all", *(str(self.counts()[name]) for name in outcomes))
        return table


def _known(result: Result, known: dict[str, str]) -> Result:
    if result.id not in known:
        return result
    if result.outcome == FAILED:
        return replace(result, outcome=KNOWN, reasons=(known[result.id],))
    if result.outcome == PASSED:
        return replace(result, outcome=MENDED, reasons=("it passes; take it off the list of known failures",))
    return result


def _plain(result: Result) -> dict[str, Any]:
    """Reasons of failures differ from run to run, the others do not."""
    stable = list(result.reasons) if result.outcome in (DECLARED, KNOWN) else []
    return {"outcome": result.outcome, **({"reasons": stable} if stable else {})}
