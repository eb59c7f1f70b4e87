"""``waypost up`` while the demo is made."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from waypost.runtime.up import _is_ready, _while_running

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


async def _agent(code: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=asyncio.subprocess.PIPE)


async def _forever() -> None:
    await asyncio.Event().wait()


async def test_an_agent_that_ends_or_a_person_who_does_is_not_kept_waiting_for_the_demo() -> None:
    stop = asyncio.Event()
    ended = await _agent("")
    await asyncio.wait_for(_while_running(_forever(), ended, stop), 10)
    agent = await _agent("import sys; sys.stdin.read()")
    stop.set()
    await asyncio.wait_for(_while_running(_forever(), agent, stop), 10)
    agent.kill()
    await agent.wait()


async def test_what_goes_wrong_with_the_demo_is_told() -> None:
    async def broken() -> None:
        raise RuntimeError("slug_taken")

    agent = await _agent("import sys; sys.stdin.read()")
    with pytest.raises(RuntimeError, match="slug_taken"):
        await _while_running(broken(), agent, asyncio.Event())
    agent.kill()
    await agent.wait()


def _gateway(**changes: Any) -> dict[str, Any]:
    health = {"engine_running": True, "applied_apis": 0, "up_to_date": True}
    row = {
        "state": "online",
        "last_seen_at": "2026-01-01T00:00:01+00:00",
        "health": health,
        "deployments_count": 0,
        "grants_revision": 0,
        "desired_grants_revision": None,
    }
    return {**row, **changes}


@pytest.mark.parametrize(
    ("row", "ready"),
    [
        pytest.param(_gateway(), True, id="an-empty-one"),
        pytest.param(_gateway(health={"engine_running": True}), False, id="runs-but-has-no-settings-yet"),
        pytest.param(_gateway(deployments_count=1), False, id="serves-nothing-yet"),
        pytest.param(_gateway(desired_grants_revision=7), False, id="knows-not-all-grants"),
        pytest.param(_gateway(last_seen_at="2025-12-31T23:59:59+00:00"), False, id="what-an-earlier-run-said"),
        pytest.param(_gateway(last_seen_at=None, health=None), False, id="never-seen"),
        pytest.param(_gateway(state="offline"), False, id="offline"),
    ],
)
def test_up_is_ready_when_its_gateway_takes_calls_with_all_that_the_hub_wants(row: dict[str, Any], ready: bool) -> None:
    assert _is_ready(row, since=SINCE) is ready
