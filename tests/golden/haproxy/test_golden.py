"""IR -> HAProxy, case by case: an API's section and its entries of each map.

``WAYPOST_GOLDEN=write pytest tests/golden/haproxy`` writes the files anew; review the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from waypost.contracts.drivers import DriverOptions
from waypost.contracts.ir import GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.integration.gateways.haproxy import bootstrap, config
from waypost.integration.gateways.haproxy.grants import GrantBook
from waypost.testing.corpus import Case, corpus

HERE = Path(__file__).parent
CASES = [case for case in corpus() if case.name != "many"]
FILES = bootstrap.Files(
    directory="/engine",
    config="/engine/engine.cfg",
    access_log="/engine/access.log",
    master_socket="/engine/master.sock",
    peers_socket="/engine/peers.sock",
)
OPTIONS = DriverOptions(gateway_id="gw", directory="/engine", concurrency=2, probe_token="prb_token")


def rendered(case: Case) -> dict[str, Any]:
    """What the driver writes for a case, apart from what is the same for all."""
    book = GrantBook()
    book.apply(GrantDelta(revision=1, full=True, upsert=case.grants))
    apis = [config.render(api, content_hash(api), case.ir.settings, FILES) for api in case.ir.apis]
    return {
        "sections": _sections(apis),
        "maps": {item.api.id: {name: dict(held) for name, held in item.maps.items() if held} for item in apis},
        "keys": {key: value.partition("~day~")[0] for key, value in book.entries.items()},
    }


def _sections(apis: list[config.Rendered]) -> dict[str, list[str]]:
    """By API; what the frontend leaves to a section besides, under the API's id and a question mark."""
    numbered = ((item.api.id + "?" * number, one) for item in apis for number, one in enumerate(item.sections))
    return {name: list(one.lines) for name, one in numbered}


def frame(case: Case) -> str:
    """The configuration around the sections."""
    return config.configuration([], case.ir.settings, OPTIONS, FILES, 8000).text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_renders_as_reviewed(case: Case) -> None:
    compare(HERE / f"{case.name}.yaml", yaml.safe_dump(rendered(case), sort_keys=False, width=200, allow_unicode=True))


@pytest.mark.parametrize("name", ["empty", "brand"])
def test_the_frame_renders_as_reviewed(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    compare(HERE / f"frame_{name}.cfg", frame(case))


def compare(path: Path, text: str) -> None:
    """Like the file, or write the file where that is asked for."""
    if os.environ.get("WAYPOST_GOLDEN") == "write":
        path.write_text(text)
    assert path.read_text() == text
