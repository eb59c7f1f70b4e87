"""The suite's own check: what a translator forgets, a case notices. On every engine, for every field of the IR."""

from __future__ import annotations

import asyncio

import pytest

from waypost.integration.gateways.registry import factories
from waypost.testing.conformance.__main__ import driver_factory, known_failures
from waypost.testing.conformance.loading import load
from waypost.testing.conformance.mutations import judge, mutations

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


@pytest.mark.parametrize("engine_name", sorted(engine.value for engine in factories()))
def test_every_forgotten_field_is_noticed(engine_name: str) -> None:
    known = known_failures(engine_name)
    cases = [case for case in load() if case.id not in known]
    verdicts = asyncio.run(judge(cases, driver_factory(engine_name), mutations()))
    assert len(verdicts) > 40
    assert {verdict.name: verdict.tried for verdict in verdicts if not verdict.case} == {}
