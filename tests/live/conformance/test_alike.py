"""Every engine answers alike to what nobody wrote a case for. ``WAYPOST_ALIKE=100:400`` plays other seeds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.live.conformance.alike import case
from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.registry import factories
from waypost.testing.conformance.form import Step
from waypost.testing.conformance.playing import Play
from waypost.testing.conformance.runner import session_of
from waypost.testing.conformance.wire import Answer

pytestmark = pytest.mark.live
_FIRST, _, _LAST = os.environ.get("WAYPOST_ALIKE", "0:60").partition(":")
_SEEDS = range(int(_FIRST), int(_LAST))
# What each engine and the client add, ids, the path as it was called, and callers of this machine (Envoy: its address).
_OWN = {
    "x-request-id",
    "host",
    "connection",
    "content-length",
    "user-agent",
    "accept",
    "x-original-path",
    "x-forwarded-for",
}
_CODES = "application/problem+json"
# A slash at the end passes or not where a version passes on what it does not know.
_SLASH = re.compile(r"/(?=\?|$)")


@dataclass(frozen=True)
class Told:
    """What the client got, and what the upstream saw."""

    status: int
    code: str
    edited: tuple[str, ...]
    seen: tuple[Any, ...]


async def test_engines_answer_alike() -> None:
    told = {engine: await _play(engine) for engine in ("envoy", "haproxy")}
    apart = []
    for seed in _SEEDS:
        for step, one, other in zip(case(seed).case.steps, told["envoy"][seed], told["haproxy"][seed], strict=True):
            if one != other:
                apart.append(f"seed {seed}, {step.send} {dict(step.headers)}:\n  envoy   {one}\n  haproxy {other}")
                break
    assert not apart, "\n" + "\n".join(apart)


async def _play(engine: str) -> dict[int, list[Told]]:
    async with session_of(factories()[engine]) as session:  # type: ignore[index]
        givens = {seed: await session.given(case(seed)) for seed in _SEEDS}
        try:
            refusals = await session._publish(GatewaySettings(), list(givens.values()))
            assert not refusals.everything, refusals.everything
            assert not refusals.quarantined, refusals.quarantined
            return {seed: await _told(Play(given, session._gateway(given))) for seed, given in givens.items()}
        finally:
            for given in givens.values():
                await given.stop()


async def _told(play: Play) -> list[Told]:
    return [await _one(play, step) for step in play.given.loaded.case.steps]


async def _one(play: Play, step: Step) -> Told:
    upstream = play.given.upstream
    before = len(upstream.seen)
    answer = (await play._answers(step))[-1]
    seen = [
        (
            item.method,
            _SLASH.sub("", item.target),
            len(item.body),
            tuple(sorted(pair for pair in item.headers if pair[0] not in _OWN)),
        )
        for item in upstream.seen[before:]
    ]
    edited = tuple(answer.lines("x-res") + answer.lines("x-up")) if answer.status == 200 else ()
    return Told(answer.status, _code(answer), edited, tuple(seen))


def _code(answer: Answer) -> str:
    return str(answer.json()["code"]) if answer.body and answer.lines("content-type") == [_CODES] else ""
