"""Schemathesis sends what the description allows and more: no 5xx, no answer that the description does not know."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from tests.support.people import Person
from waypost.application.parts import Parts
from waypost.interaction.api.app import create_app

CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance"
LEFT_OUT = "/agent/|/deployments/|/session$|/signup"  # long-polls, streams, and what argon2 makes slow


@pytest.fixture
async def address(parts: Parts) -> AsyncIterator[str]:
    """A hub on a free port."""
    config = uvicorn.Config(create_app(parts), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nothing_that_is_sent_breaks_the_hub(address: str, admin: Person, tmp_path: Path) -> None:
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}/api/v1/openapi.json"),
        *("--url", address, "-H", f"Authorization: Bearer {admin.token}", "--checks", CHECKS),
        *("--phases", "examples,fuzzing", "--exclude-path-regex", LEFT_OUT, "--max-examples", "5", "--seed", "7"),
        *("--continue-on-failure", "--no-color", "--generation-database", "none", "--warnings", "off"),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), 240)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, output.decode()[-8000:]
