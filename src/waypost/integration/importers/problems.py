"""Collects what is to be said about a definition and finds the lines for it at the end, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from waypost.contracts.importers import ImportProblem, Severity
from waypost.kit.text import shorten

Position = tuple[int, int]
Locate = Callable[[Collection[str]], Mapping[str, Position]]

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Unreadable(Exception):
    """Reading cannot go on. The problem that says why is already among the notes."""


@dataclass(frozen=True, slots=True)
class _Kind:
    code: str
    severity: Severity


class ProblemLog:
    """Problems in the order they were met; of each code at most ``per_code`` are kept, the rest are counted."""

    def __init__(self, *, per_code: int = 50) -> None:
        self._per_code = per_code
        self._kept: list[ImportProblem] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._counts: Counter[_Kind] = Counter()
        self.translate: Callable[[str], str] = lambda pointer: pointer

    def error(self, code: str, message: str, hint: str, pointer: str = "", position: Position | None = None) -> None:
        """Something that stops the import."""
        self._add(Severity.ERROR, code, message, hint, pointer, position)

    def warn(self, code: str, message: str, hint: str, pointer: str = "", position: Position | None = None) -> None:
        """Something that was left out or mended, or that will surprise a reader."""
        self._add(Severity.WARNING, code, message, hint, pointer, position)

    def info(self, code: str, message: str, hint: str, pointer: str = "", position: Position | None = None) -> None:
        """Something worth knowing."""
        self._add(Severity.INFO, code, message, hint, pointer, position)

    def stop(self, code: str, message: str, hint: str, position: Position | None = None) -> Unreadable:
        """Notes an error and returns the exception to raise."""
        self.error(code, message, hint, "", position)
        return Unreadable(code)

    def _add(
        self,
        severity: Severity,
        code: str,
        message: str,
        hint: str,
        pointer: str,
        position: Position | None,
    ) -> None:
        pointer = self.translate(pointer)
        message = shorten(message.replace("\0", "\N{REPLACEMENT CHARACTER}"), 500)
        pointer = pointer.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if (code, pointer, message) in self._seen:
            return
        kind = _Kind(code, severity)
        self._counts[kind] += 1
        if self._counts[kind] > self._per_code:
            return
        self._seen.add((code, pointer, message))
        line, column = position or (None, None)
        self._kept.append(
            ImportProblem(
                code=code,
                severity=severity,
                message=message,
                hint=hint,
                pointer=pointer,
                line=line,
                column=column,
            )
        )

    def absorb(self, other: ProblemLog) -> None:
        """Takes over what another attempt at reading noted."""
        for problem in other._kept:
            position = None if problem.line is None else (problem.line, problem.column or 1)
            self._add(problem.severity, problem.code, problem.message, problem.hint, problem.pointer, position)

    def finish(self, locate: Locate | None = None) -> tuple[ImportProblem, ...]:
        """Every problem, errors first, with line and column where ``locate`` knows the pointer."""
        wanted = {p.pointer for p in self._kept if p.line is None}
        found = locate(wanted) if locate and wanted else {}
        placed = [_placed(p, found.get(p.pointer)) for p in self._kept]
        placed.sort(key=lambda p: (_ORDER[p.severity], p.line or 0, p.column or 0))
        return (*placed, *self._left_out())

    def _left_out(self) -> list[ImportProblem]:
        return [
            ImportProblem(
                code=kind.code,
                severity=Severity.INFO,
                message=f"{count - self._per_code} more problems of this kind are not listed.",
                hint="Mend the listed ones and import again to see the rest.",
            )
            for kind, count in self._counts.items()
            if count > self._per_code
        ]


def _placed(problem: ImportProblem, position: Position | None) -> ImportProblem:
    if problem.line is not None or position is None:
        return problem
    return replace(problem, line=position[0], column=position[1])
