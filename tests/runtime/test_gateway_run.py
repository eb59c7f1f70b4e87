"""``waypost gateway run`` as a program: exit codes and what it says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.product import command
from waypost.runtime.agent import GatewayRunOptions, agent_settings, take_token
from waypost.runtime.settings import Settings

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
