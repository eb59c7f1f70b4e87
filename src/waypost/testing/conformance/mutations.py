"""Does the suite notice? Each field of the IR is once not passed on to the driver; at least one case has to fail.

A driver that gets the field's default in place of what was asked for is a driver whose translator forgot that field,
on any engine. Numbers are also tried one too large. ``UNSEEN`` names the fields that no case can see, and why.

``python -m waypost.testing.conformance.mutations --engine envoy`` tries them all.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from waypost.contracts.drivers import DriverFactory
from waypost.contracts.ir import ApiIR, GatewaySettings, Grant
from waypost.testing.conformance.__main__ import driver_factory, known_failures, quiet
from waypost.testing.conformance.loading import Loaded, load
from waypost.testing.conformance.report import FAILED, REFUSED, STEP, Result
from waypost.testing.conformance.runner import Session, session_of

UNSEEN: Mapping[str, str] = {
    "JwtIssuer.required_algorithms": "only what an engine without one is refused for",
    "Quota.amount+1": "the hub counts; an engine sees only that a grant is exhausted, and reports",
    "Quota.unit": "engines report bytes always, and units where a header is named",
    "Quota.rolling": "the hub counts",
    "Quota.soft_percent": "the hub warns",
    "Quota.soft_percent+1": "the hub warns",
    "Quota.overage": "the hub lets pass",
    "ApiIR.slug": "a name for people",
    "ApiIR.name": "a name for people",
    "VersionIR.name": "a name for people",
    "Upstream.connect_timeout_ms": "no address is sure to swallow a connection on every machine",
    "Upstream.verify_tls": "tested with the driver: cases have upstreams without TLS",
    "Grant.expires_at": "the agent drops what has expired",
    "ApiIR.versions": "an API without versions is refused",
    "Plan.quotas": "the hub counts; what engines report of it is quota.units_are_reported",
    "Quota.header": "a quota of a header without its name is refused",
    "RateLimit.claim": "a limit by a claim without its name is refused",
    "JwtIssuer.secret": "HS256 without a secret is refused",
    "Introspection.timeout_ms+1": "a millisecond",
    "Upstream.connect_timeout_ms+1": "a millisecond",
    "Timeout.request_ms+1": "a millisecond",
    "JwtAuth.clock_skew_seconds+1": "a second",
    "OpenHours.start_minute+1": "a minute",
    "OpenHours.end_minute+1": "a minute",
    "VersionIR.upstream": "an operation without an upstream and a mock is refused",
}
_WIDER: Mapping[str, Any] = {"Cors.origins": ("*",)}
_ROUNDS = (4, 8, 16, 400)
_TOGETHER = 300


@dataclass(frozen=True, slots=True)
class Mutation:
    """One field of one type of the IR, replaced wherever it stands."""

    name: str
    kind: type
    field: str
    replace: Callable[[Any], Any]

    def __call__(self, value: Any) -> Any:
        """``value`` with the field replaced, however deep."""
        if isinstance(value, tuple):
            return tuple(self(item) for item in value)
        if not dataclasses.is_dataclass(value) or isinstance(value, type):
            return value
        changes = {item.name: self(getattr(value, item.name)) for item in dataclasses.fields(value)}
        if type(value) is self.kind:
            changes[self.field] = self.replace(changes[self.field])
        changes = {name: new for name, new in changes.items() if new != getattr(value, name)}
        return dataclasses.replace(value, **changes) if changes else value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutation. ``case`` noticed it; ``tried`` counts those that were asked."""

    name: str
    case: str = ""
    reason: str = ""
    tried: int = 0


def mutations() -> list[Mutation]:
    """One per field of the IR that has a meaning for an engine, and one more per number."""
    found = [mutation for kind in sorted(_kinds(), key=lambda kind: kind.__name__) for mutation in _of(kind)]
    return [item for item in found if item.name not in UNSEEN and item.kind.__name__ not in UNSEEN]


def _of(kind: type) -> Iterator[Mutation]:
    for item in dataclasses.fields(kind):
        name = f"{kind.__name__}.{item.name}"
        if name in _WIDER:
            yield Mutation(name, kind, item.name, _always(_WIDER[name]))
        elif item.default is not MISSING:
            yield Mutation(name, kind, item.name, _always(item.default))
        elif item.default_factory is not MISSING and item.name not in ("policies", "settings"):
            yield Mutation(name, kind, item.name, _always(item.default_factory()))
        if item.type in ("int", "int | None"):
            yield Mutation(f"{name}+1", kind, item.name, _one_more)


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _one_more(value: int | None) -> int | None:
    return value + 1 if value else value


def _kinds() -> set[type]:
    """All dataclasses that an API, a grant or the settings consist of."""
    found: set[type] = set()
    waiting: list[Any] = [ApiIR, Grant, GatewaySettings]
    while waiting:
        kind = waiting.pop()
        if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in found:
            found.add(kind)
            waiting += typing.get_type_hints(kind).values()
        waiting += typing.get_args(kind)
    return found


async def judge(cases: Sequence[Loaded], factory: DriverFactory, wanted: Sequence[Mutation]) -> list[Verdict]:
    """Try every mutation on the cases that it concerns, the most particular first, until one notices."""
    by_name = {item.name: item for item in wanted}
    async with session_of(factory) as session:
        playable = await _playable(session, cases)
        concerned = {name: _concerned(item, playable) for name, item in by_name.items()}

        def changed(case: Loaded, name: str) -> Loaded:
            return dataclasses.replace(case, change=by_name[name])

        return await in_rounds(session, concerned, changed)


async def in_rounds(
    session: Session,
    concerned: Mapping[str, Sequence[Loaded]],
    changed: Callable[[Loaded, str], Loaded],
    *,
    refused_is_noticed: bool = False,
) -> list[Verdict]:
    """Play the cases of every name, few at first, until one of them fails. Their ids become ``case~name``.

    ``refused_is_noticed``: an API that the engine itself refuses counts as a case that failed.
    """
    signs = (STEP, REFUSED) if refused_is_noticed else (STEP,)
    verdicts = {name: Verdict(name) for name, found in concerned.items() if found}
    begin = 0
    for size in _ROUNDS:
        plays = [
            dataclasses.replace(changed(case, name), id=f"{case.id}~{name}")
            for name, verdict in verdicts.items()
            if not verdict.case
            for case in concerned[name][begin : begin + size]
        ]
        begin += size
        for first in range(0, len(plays), _TOGETHER):
            for result in await session.play(plays[first : first + _TOGETHER]):
                _judge(result, verdicts, signs)
    return list(verdicts.values())


async def _playable(session: Session, cases: Sequence[Loaded]) -> list[tuple[Loaded, list[Any]]]:
    """Cases that this engine declares all of, with the parts of their IR."""
    found = []
    for loaded in cases:
        given = await session.given(loaded)
        await given.stop()
        if not session.lacking(given):
            later = [given.grant(form) for step in loaded.case.steps for form in step.grant]
            found.append((loaded, [session.settings(loaded), *given.apis.values(), *given.grants.values(), *later]))
    return found


def _judge(result: Result, verdicts: dict[str, Verdict], signs: tuple[str, ...]) -> None:
    """A case whose API was not even published has noticed nothing, unless ``signs`` say so."""
    case, _, name = result.id.partition("~")
    reason = result.reasons[0] if result.outcome == FAILED else ""
    before = verdicts[name]
    if reason.startswith(signs) and not before.case:
        before = Verdict(name, case, reason, before.tried)
    verdicts[name] = dataclasses.replace(before, tried=before.tried + (not reason or reason.startswith(signs)))


def _concerned(mutation: Mutation, playable: Sequence[tuple[Loaded, Sequence[Any]]]) -> list[Loaded]:
    """Cases whose IR differs, those first that use little else."""
    found = [
        (len(repr(parts)), loaded.id, loaded)
        for loaded, parts in playable
        if any(mutation(part) != part for part in parts)
    ]
    return [loaded for _, _, loaded in sorted(found, key=lambda item: item[:2])]


def main(argv: list[str] | None = None) -> int:
    """0 where every mutation was noticed, 1 where one was not."""
    parser = argparse.ArgumentParser(prog="python -m waypost.testing.conformance.mutations", description=__doc__)
    parser.add_argument("--engine", default="envoy")
    parser.add_argument("--driver", default="", help="a driver of your own, as package.module:Factory")
    parser.add_argument("--known", type=Path, help="YAML of case id: reason, failures that are known")
    parser.add_argument("--only", default="", help="a part of the mutations' names")
    arguments = parser.parse_args(argv)
    quiet()
    known = known_failures("" if arguments.driver else arguments.engine, arguments.known)
    cases = [case for case in load() if case.id not in known]
    wanted = [item for item in mutations() if arguments.only in item.name]
    verdicts = asyncio.run(judge(cases, driver_factory(arguments.engine, arguments.driver), wanted))
    console = Console(soft_wrap=True, highlight=False)
    for verdict in verdicts:
        said = (
            f"noticed by {verdict.case}: {verdict.reason}" if verdict.case else f"NOT NOTICED by {verdict.tried} cases"
        )
        console.print(f"{verdict.name}: {said[:160]}", markup=False)
    return 0 if all(verdict.case for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
