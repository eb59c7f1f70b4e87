"""Break each translator once on purpose: leave out one kind of thing that it writes, and see which case notices.

What there is to leave out is found in what the translator wrote for the suite itself: on Envoy every field of every
message in an API's route configuration, on HAProxy every shape of line in an API's section. So a piece that is added to
a translator is broken as well, without being listed here. Only what no caller can see is listed, with its reason.

``python -m tests.live.conformance.breaking --engine envoy`` breaks everything; ``test_breaking.py`` a part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from waypost.testing.conformance.__main__ import driver_factory, known_failures, quiet
from waypost.testing.conformance.given import Given
from waypost.testing.conformance.loading import Loaded, load
from waypost.testing.conformance.mutations import Verdict, in_rounds
from waypost.testing.conformance.report import FAILED, PASSED
from waypost.testing.conformance.runner import run, session_of

EVERYWHERE = ""
"""The owner of what is no single API's."""
_SETTLED_SECONDS = 5.0
"""What is broken may never prove live; that is noticed as well."""


@dataclass
class Breaks:
    """``seen``: shape -> ids of the APIs that it was written for. ``broken``: API id -> the shape to leave out."""

    seen: dict[str, set[str]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def left_out(self, api_id: str, shape: str) -> bool:
        """Note that a translator is about to write ``shape``; True where it shall not."""
        self.seen.setdefault(shape, set()).add(api_id)
        return self.broken.get(api_id) == shape


class Breaker(Protocol):
    """What an engine's module offers."""

    INVISIBLE: Mapping[str, str]

    def breaking(self, breaks: Breaks) -> AbstractContextManager[None]:
        """Within it the translator asks ``breaks`` before it writes."""
        ...


async def break_all(engine: str, *, part: int = 1) -> list[Verdict]:
    """Break every shape (or every ``part``-th) and tell which case noticed. An engine's refusal is noticed as well."""
    breaker: Breaker = importlib.import_module(f"tests.live.conformance.breaking_{engine}")  # type: ignore[assignment]
    breaks = Breaks()
    known = known_failures(engine)
    cases = [case for case in load() if case.id not in known and not case.case.settings]
    with breaker.breaking(breaks):
        async with session_of(driver_factory(engine)) as session:
            owners: dict[str, Loaded] = {}

            def born(given: Given) -> None:
                name = given.loaded.id.partition("~")[2]
                for api in given.apis.values():
                    owners[api.id] = given.loaded
                    if name:
                        breaks.broken[api.id] = name

            session.born = born
            passed = {result.id for result in await session.play(cases) if result.outcome == PASSED}
            session.settled_seconds = _SETTLED_SECONDS
            concerned = {
                shape: _most_particular([owners[api_id] for api_id in api_ids if owners[api_id].id in passed])
                for shape, api_ids in sorted(breaks.seen.items())[::part]
                if shape not in breaker.INVISIBLE and EVERYWHERE not in api_ids
            }
            return await in_rounds(session, concerned, lambda case, _: case, refused_is_noticed=True)


async def break_everywhere(engine: str) -> list[Verdict]:
    """The same for what all APIs share, each on an engine of its own, with cases of every policy."""
    breaker: Breaker = importlib.import_module(f"tests.live.conformance.breaking_{engine}")  # type: ignore[assignment]
    breaks = Breaks()
    known = known_failures(engine)
    cases = [case for case in load() if case.id not in known and not case.case.settings]
    with breaker.breaking(breaks):
        report = await run(cases, driver_factory(engine))
        passed = {result.id for result in report.results if result.outcome == PASSED}
        core = _of_every_policy([case for case in cases if case.id in passed])
        shapes = [shape for shape, owners in breaks.seen.items() if EVERYWHERE in owners]
        verdicts = []
        for shape in sorted(set(shapes) - breaker.INVISIBLE.keys()):
            breaks.broken = {EVERYWHERE: shape}
            verdicts.append(await _first_to_notice(shape, core, engine))
        return verdicts


async def _first_to_notice(shape: str, cases: list[Loaded], engine: str) -> Verdict:
    try:
        report = await run(cases, driver_factory(engine))
    except AssertionError as error:
        return Verdict(shape, "the engine", f"does not start: {error}", 0)
    failed = [result for result in report.results if result.outcome == FAILED]
    if not failed:
        return Verdict(shape, tried=len(report.results))
    return Verdict(shape, failed[0].id, failed[0].reasons[0], len(report.results))


def _of_every_policy(cases: list[Loaded]) -> list[Loaded]:
    """A few of each policy, and all that are about no single one."""
    by_policy: dict[str, list[Loaded]] = {}
    for case in cases:
        by_policy.setdefault(case.policy, []).append(case)
    whole = ("refusals", "transport", "routing", "key_auth")
    return [case for policy, found in by_policy.items() for case in (found if policy in whole else found[:4])]


def _most_particular(cases: list[Loaded]) -> list[Loaded]:
    """Those first whose files are about the fewest things, each once."""
    return sorted({case.id: case for case in cases}.values(), key=lambda case: (len(repr(case.apis)), case.id))


def main() -> int:
    """0 where every break was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="envoy")
    parser.add_argument("--part", type=int, default=1, help="only every so-manieth")
    parser.add_argument("--everywhere", action="store_true", help="what all APIs share")
    arguments = parser.parse_args()
    quiet()
    how = (
        break_everywhere(arguments.engine) if arguments.everywhere else break_all(arguments.engine, part=arguments.part)
    )
    verdicts = asyncio.run(how)
    for verdict in verdicts:
        said = f"noticed by {verdict.case}: {verdict.reason}" if verdict.case else f"NOT NOTICED by {verdict.tried}"
        print(f"{verdict.name}: {said}"[:240])
    return 0 if verdicts and all(verdict.case for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
