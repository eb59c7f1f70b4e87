"""The cases themselves: complete, well formed, and every policy has its use, its edges and its abuse."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from waypost.contracts.drivers import Capability
from waypost.contracts.vocab import PolicyKind, Refusal
from waypost.testing.conformance.form import schema
from waypost.testing.conformance.given import Given
from waypost.testing.conformance.loading import CASES, Loaded, load
from waypost.testing.conformance.runner import HOST, free_port

FILES = sorted(CASES.glob("*.yaml"))
ALL = load()


def test_there_are_enough() -> None:
    assert len(ALL) >= 250


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_fits_the_published_schema(path: Path) -> None:
    document = json.loads(json.dumps(yaml.safe_load(path.read_text()), default=str))
    jsonschema_rs.validate(schema(), document)


@pytest.mark.parametrize("kind", list(PolicyKind))
def test_every_policy_has_cases_for_use_edge_and_abuse(kind: PolicyKind) -> None:
    assert {case.case.tag for case in ALL if case.policy == kind.value} == {"use", "edge", "abuse"}


async def test_every_capability_is_needed_by_a_case() -> None:
    needed = set[Capability]().union(*[await needs_of(case) for case in ALL])
    assert set(Capability) - needed == set()


@pytest.mark.parametrize("code", list(Refusal))
def test_every_refusal_is_provoked_by_a_case(code: Refusal) -> None:
    expected = [step.expect for case in ALL for step in case.case.steps if step.expect]
    assert code in {expect.problem for expect in expected}.union(*(expect.problems.values() for expect in expected))


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
async def test_a_case_makes_sense(case: Loaded) -> None:
    assert await needs_of(case)
    assert case.case.about.endswith(".")
    assert any(step.expect or step.counts for step in case.case.steps)


async def needs_of(case: Loaded) -> frozenset[Capability]:
    shared = {"gateway.host": "x", "closed": f"http://{HOST}:1", "tls": {}, "hs.secret": "s"}
    given = await Given.make(case, 1, {**shared, "port": free_port()})
    await given.stop()
    return given.needs
