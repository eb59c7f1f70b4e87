"""End together with the process that started the agent."""

from __future__ import annotations

import asyncio
import os

import structlog

log = structlog.get_logger("agent")


async def watch_parent(pid: int, stopping: asyncio.Event) -> None:
    """End gracefully with the process that started this one: a hub that was killed leaves nothing running."""
    gone = asyncio.Event()
    try:
        handle = os.pidfd_open(pid)
    except (ProcessLookupError, AttributeError):
        handle = -1
    if handle >= 0:
        asyncio.get_running_loop().add_reader(handle, gone.set)
        await gone.wait()
    elif hasattr(os, "pidfd_open"):
        gone.set()
    else:
        await _poll_parent(pid)
    log.warning("agent.parent_gone", parent=pid)
    stopping.set()


async def _poll_parent(pid: int) -> None:
    """Where there are no process handles (macOS)."""
    while os.getppid() == pid:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(1.0)
