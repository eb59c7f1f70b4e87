"""Every engine answers alike to what nobody wrote a case for. ``WAYPOST_ALIKE=100:400`` plays other seeds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.live.conformance.alike import PROXY, case
from waypost.contracts.ir import GatewaySettings
from waypost.integration.gateways.registry import factories
from waypost.testing.conformance.form import Step
from waypost.testing.conformance.playing import Play
from waypost.testing.conformance.runner import session_of
from waypost.testing.conformance.wire import Answer, Pairs

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
    "expect",
    "transfer-encoding",
    "x-original-path",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-envoy-a",
}
_ANSWERS_OWN = {"x-request-id", "connection", "content-length", "transfer-encoding", "date", "server", "x-problem-code"}
_LISTS = {"vary", "allow", "www-authenticate", "access-control-expose-headers"}
_LIMITS = {"ratelimit", "ratelimit-policy"}
_GATEWAY = re.compile(r"127\.0\.0\.1:\d+")
_TOKEN = re.compile(r"eyJ[\w.-]+")
_TIMES = re.compile(r"; *t=[0-9]+")
_CODES = "application/problem+json"
_SETTINGS = GatewaySettings(trusted_proxies=(f"{PROXY}/32",))

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    """What the client got, and what the upstream saw."""

    status: int
    code: str
    headers: Headers
    body: int
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
            refusals = await session._publish(_SETTINGS, list(givens.values()))
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
        (item.method, item.target.removesuffix("?"), len(item.body), _plain(item.headers, _OWN))
        for item in upstream.seen[before:]
    ]
    code = _code(answer)
    # Fields of limits that are no plan's may be left out where not every plan has one.
    own = _ANSWERS_OWN | (
        set() if any(plan["rate_limits"] for plan in play.given.loaded.apis["main"].get("plans", ())) else _LIMITS
    )
    return Told(answer.status, code, _plain(answer.headers, own), 0 if code else len(answer.body), tuple(seen))


def _plain(pairs: Pairs, own: set[str]) -> Headers:
    """Headers by name; several lines of one are a list, and times differ by what engines know of them."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in own:
            found.setdefault(name, []).append(_said(name, value))
    return tuple(sorted((name, _listed(name, values)) for name, values in found.items()))


def _said(name: str, value: str) -> str:
    if name == "retry-after" and value.isdigit() and int(value) > 9:
        return "some"
    if name == "access-control-allow-origin":
        return "allowed"
    return _TIMES.sub("", value) if name == "ratelimit" else _TOKEN.sub("token", _GATEWAY.sub("here", value))


def _listed(name: str, values: list[str]) -> str:
    text = ",".join(values).replace(", ", ",").replace("; ", ";")
    return ",".join(sorted(set(text.split(",")))) if name in _LISTS else text


def _code(answer: Answer) -> str:
    return str(answer.json()["code"]) if answer.body and answer.lines("content-type") == [_CODES] else ""
