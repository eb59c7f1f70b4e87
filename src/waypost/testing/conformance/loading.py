"""Reads case files and fills in what a file says once for all its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import ValidationError

from waypost.contracts.drivers import Capability
from waypost.testing.conformance.form import Case, CaseFile, Fragment, GivenGrant

T = TypeVar("T")
CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A case with all that it inherits. ``id`` is ``policy.name``, unique over the suite.

    ``change`` is applied to its IR before the driver sees it (:mod:`waypost.testing.conformance.mutations`).
    """

    id: str
    policy: str
    case: Case
    needs: frozenset[Capability]
    apis: dict[str, Fragment]
    grants: tuple[GivenGrant, ...]
    tokens: dict[str, Fragment]
    change: Callable[[Any], Any] | None = None

    def changed(self, part: T) -> T:
        """A part of the IR as the driver gets it."""
        return part if self.change is None else cast("T", self.change(part))


def load(directory: Path | None = None, patterns: Iterable[str] = ()) -> list[Loaded]:
    """All cases, or those whose id fits one of ``patterns`` (shell style); ValueError names what is wrong where."""
    found = [case for path in sorted((directory or CASES).glob("*.yaml")) for case in _file(path)]
    ids = [case.id for case in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"two cases have the id {twice[0]!r}")
    wanted = tuple(patterns)
    return [case for case in found if not wanted or any(fnmatchcase(case.id, pattern) for pattern in wanted)]


def _file(path: Path) -> list[Loaded]:
    try:
        parsed = CaseFile.model_validate(yaml.safe_load(path.read_text()))
    except (ValidationError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    return [_filled(path.stem, parsed, case) for case in parsed.cases]


def _filled(stem: str, parsed: CaseFile, case: Case) -> Loaded:
    needs = parsed.needs if case.needs is None else case.needs
    return Loaded(
        id=f"{stem}.{case.id}",
        policy=str(parsed.policy),
        case=case,
        needs=frozenset((*needs, *case.also)),
        apis={"main": {**parsed.api, **(case.api or {})}, **case.apis},
        grants=tuple(parsed.grants if case.grants is None else case.grants),
        tokens={**parsed.tokens, **case.tokens},
    )
