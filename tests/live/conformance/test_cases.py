"""Every case on every engine of this installation."""

from __future__ import annotations

import pytest

from waypost.integration.gateways.registry import factories
from waypost.testing.conformance.loading import load
from waypost.testing.conformance.report import BAD, DECLARED, KNOWN, Report

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]


@pytest.mark.parametrize("engine_name", sorted(engine.value for engine in factories()))
@pytest.mark.parametrize("case_id", [case.id for case in load()])
def test_case(reports: dict[str, Report], engine_name: str, case_id: str) -> None:
    [result] = [result for result in reports[engine_name].results if result.id == case_id]
    assert result.outcome not in BAD, "\n".join(result.reasons)
    if result.outcome == KNOWN:
        pytest.xfail(result.reasons[0])
    assert result.outcome != DECLARED or result.reasons
