"""A part of what ``breaking.py`` does: a translator that leaves a piece out is noticed."""

from __future__ import annotations

import asyncio

import pytest

from tests.live.conformance.breaking import break_all
from waypost.integration.gateways.registry import factories

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


@pytest.mark.parametrize("engine_name", sorted(engine.value for engine in factories()))
def test_what_a_translator_leaves_out_is_noticed(engine_name: str) -> None:
    verdicts = asyncio.run(break_all(engine_name, part=8))
    assert len(verdicts) > 5
    assert [verdict.name for verdict in verdicts if not verdict.case] == []
