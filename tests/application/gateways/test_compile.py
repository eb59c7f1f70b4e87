"""State -> IR against golden files. ``UPDATE_GOLDEN=1 pytest …`` writes them anew; read the diff before committing."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.application.gateways.cases import CASES
from waypost.application.gateways.compile import compile_gateway
from waypost.application.gateways.state import GatewayState
from waypost.contracts.ir import GatewayIR
from waypost.contracts.ir.dump import content_hash, from_yaml, to_yaml
from waypost.contracts.ir.validate import validate_gateway

GOLDEN = Path(__file__).parents[2] / "golden" / "state_ir"


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    text = to_yaml(compile_gateway(CASES[name]))
    path = GOLDEN / f"{name}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yaml")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_is_compiled_is_sound_and_reads_back(name: str) -> None:
    ir = compile_gateway(CASES[name])
    assert validate_gateway(ir) == {}
    assert to_yaml(from_yaml(GatewayIR, to_yaml(ir))) == to_yaml(ir)


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_reading_does_not_matter(name: str) -> None:
    expected = content_hash(compile_gateway(CASES[name]))
    for seed in range(5):
        assert content_hash(compile_gateway(_shuffled(CASES[name], random.Random(seed)))) == expected


def _shuffled(state: GatewayState, dice: random.Random) -> GatewayState:
    """Everything in another order, except operations: theirs is the definition's."""

    def mixed(items):
        return tuple(dice.sample(items, len(items)))

    apis = [
        replace(api, versions=mixed(api.versions), plans=mixed(api.plans), policies=mixed(api.policies))
        for api in state.apis
    ]
    return replace(state, apis=mixed(apis))
