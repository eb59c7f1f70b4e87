"""Waiting inside one process. A wake-up is only speed, never truth: what is waited for must be readable elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def unless(work: Awaitable[T], *others: Awaitable[Any]) -> T | None:
    """The result of ``work``; None where one of the others ends first. What had not ended then is cancelled."""
    task, waiting = asyncio.ensure_future(work), [asyncio.ensure_future(other) for other in others]
    try:
        await asyncio.wait({task, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (task, *waiting):
            one.cancel()
    with suppress(asyncio.CancelledError):
        return await task
    return None


class Signal:
    """Many waiters, one pulse. A waiter that looked before the pulse never misses it.

    Usage: ``seen = signal.version``; look at the truth; ``seen = await signal.wait(seen, timeout=1)``.
    """

    def __init__(self) -> None:
        self.version = 0
        self._event = asyncio.Event()

    def pulse(self) -> None:
        """Wake everybody. Call from the event loop's thread."""
        self.version += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seen: int, *, timeout: float) -> int:
        """The version now; at once if there was a pulse after ``seen``, else after at most ``timeout`` seconds."""
        if self.version == seen:
            event = self._event
            try:
                # Not wait_for: before Python 3.12 it can swallow a cancellation that meets the event.
                async with asyncio.timeout(timeout):
                    await event.wait()
            except TimeoutError:
                pass
        return self.version
