"""One run of the suite per engine: all selected cases are played at the same time, and each is a test of its own."""

from __future__ import annotations

import asyncio

import pytest

from waypost.testing.conformance.__main__ import driver_factory, known_failures
from waypost.testing.conformance.loading import load
from waypost.testing.conformance.report import Report
from waypost.testing.conformance.runner import run


@pytest.fixture(scope="session")
def reports(request: pytest.FixtureRequest) -> dict[str, Report]:
    """By engine; only the cases that this session asks for."""
    wanted: dict[str, set[str]] = {}
    for item in request.session.items:
        called = getattr(item, "callspec", None)
        if called is not None and {"engine_name", "case_id"} <= called.params.keys():
            wanted.setdefault(called.params["engine_name"], set()).add(called.params["case_id"])
    return {engine: asyncio.run(_run(engine, ids)) for engine, ids in wanted.items()}


async def _run(engine: str, ids: set[str]) -> Report:
    cases = [case for case in load() if case.id in ids]
    return (await run(cases, driver_factory(engine))).with_known(known_failures(engine))
