"""``waypost up`` while the demo is made."""

from __future__ import annotations

import asyncio
import sys

import pytest

from waypost.runtime.up import _while_running


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
