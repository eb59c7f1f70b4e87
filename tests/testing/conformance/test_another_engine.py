"""An engine that does not come with this package meets the suite: it needs a driver, and nothing else of ours."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest

from waypost.contracts.drivers import (
    ApiOutcome,
    ApplyResult,
    Capability,
    DriverInfo,
    DriverOptions,
    DriverPlan,
    EngineStatus,
    Probe,
)
from waypost.contracts.ir import GatewayIR, GrantDelta
from waypost.testing.conformance.__main__ import main

PROBE = "/proof"
MISSING = {
    "type": "about:blank#not_found",
    "title": "Nothing is here",
    "status": 404,
    "code": "not_found",
    "hint": "Look.",
}


class Hollow:
    """A gateway on which nothing is."""

    def __init__(self, options: DriverOptions) -> None:
        self.options = options
        able = frozenset({Capability.PROBLEM_JSON})
        self.info = DriverInfo(engine="hollow", title="Hollow", tested_versions=("1",), capabilities=able)

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, self.options.listen_host, self.options.listen_port)

    async def stop(self) -> None:
        self.server.close()

    def process(self) -> None:
        return None

    async def ready(self) -> bool:
        return True

    async def plan(self, ir: GatewayIR) -> DriverPlan:
        return DriverPlan(ir=ir)

    async def apply(self, plan: DriverPlan) -> ApplyResult:
        return ApplyResult(
            outcomes=tuple(ApiOutcome(api_id=api.id, content_hash="", state="live") for api in plan.ir.apis)
        )

    async def apply_grants(self, delta: GrantDelta) -> None: ...

    async def observe(self) -> EngineStatus:
        return EngineStatus(running=True, version="1")

    def probe(self, api_id: str) -> Probe:
        return Probe(path=PROBE, headers={})

    def access_log(self) -> None:
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            while target := (await reader.readuntil(b"\r\n\r\n")).split()[1].decode():
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n" if target == PROBE else _refusal())
        writer.close()


def _refusal() -> bytes:
    body = json.dumps({**MISSING, "decision_id": "d-1"})
    head = f"HTTP/1.1 404 Not Found\r\nx-request-id: d-1\r\ncontent-length: {len(body)}\r\n"
    return f"{head}content-type: application/problem+json\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ("routing.unknown_path", "passed"),
        ("routing.root", "failed"),
        ("cors.preflight", "declared"),
        ("cors.without_a_policy", "failed"),
        ("ip.proto_behind_a_proxy", "declared"),
    ],
)
def test_one_command_says_what_it_does(tmp_path: Path, case: str, outcome: str) -> None:
    report = tmp_path / "report.json"
    ended = main(["--driver", f"{__name__}:Hollow", "--case", case, "--report", str(report)])
    said = json.loads(report.read_text())
    assert (said["engine"], said["version"], said["cases"][case]["outcome"]) == ("hollow", "1", outcome)
    assert ended == (outcome == "failed")
