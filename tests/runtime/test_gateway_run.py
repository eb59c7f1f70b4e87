"""``waypost gateway run`` as a program: exit codes and what it says."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CtxAs
from tests.e2e.product import command
from tests.support.people import Person
from waypost.application.gateways.schemas import GatewayCreate
from waypost.application.gateways.service import GatewayService
from waypost.runtime.agent import GatewayRunOptions, agent_settings, take_token
from waypost.runtime.settings import TOKEN_VARIABLE, Settings

HUB = "http://127.0.0.1:9"


def run(*arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the last line of the log."""
    done = subprocess.run(
        command("gateway", "run", *arguments),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    lines = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(lines[-1])


@pytest.mark.parametrize(
    ("arguments", "code", "event"),
    [
        (("--hub", HUB), 4, "enrolment_refused"),
        (("--hub", "http://hub.example"), 7, "hub_untrusted"),
        (("--hub", HUB, "--engine", "abacus"), 8, "engine_unavailable"),
    ],
)
def test_what_people_can_mend_is_said_with_its_way_out(
    tmp_path: Path, arguments: tuple[str, ...], code: int, event: str
) -> None:
    ended, last = run(*arguments, "--data", str(tmp_path / "gateway"))
    assert (ended, last["event"]) == (code, event)
    assert last["hint"] and last["detail"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_command_that_the_hub_shows_is_one(ctx_as: CtxAs, admin: Person, tmp_path: Path) -> None:
    async with ctx_as(admin) as ctx:
        made = await GatewayService().create(ctx, GatewayCreate(name="Edge", engine="haproxy"))
        shown = (await GatewayService().enrolment_token(ctx, made.id)).command
    variable, *program, engine = shlex.split(shown)
    assert variable.partition("=")[0] == TOKEN_VARIABLE
    assert (program[:3], engine) == (["waypost", "gateway", "run"], "haproxy")
    ended, last = await asyncio.to_thread(run, *program[3:], engine, "--data", str(tmp_path / "gateway"))
    assert (ended, last["event"]) == (7, "hub_untrusted"), "every option is known; only the address is no good"


def test_token_is_taken_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_ENROLMENT_TOKEN", "once")
    token = take_token()
    assert token is not None and token.reveal() == "once"
    assert "WAYPOST_ENROLMENT_TOKEN" not in os.environ
    assert take_token() is None


def test_settings_of_the_machine_reach_the_agent(tmp_path: Path) -> None:
    options = GatewayRunOptions(hub_url=HUB, data_dir=tmp_path)
    made = agent_settings(options, Settings(private_upstreams=False), token=None)
    assert made.allow_private_upstreams is False
