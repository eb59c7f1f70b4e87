"""Proof through the data path: ask the gateway's own listener what it serves, until it says the right thing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from waypost.contracts.drivers import Probe

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.1
AT_ONCE = 8


class Prober:
    """Sends probes to one listener. ``host`` is the address the engine was told to listen on."""

    def __init__(self, host: str, port: int, *, deadline: float) -> None:
        self._deadline = deadline
        self._http = httpx.AsyncClient(
            base_url=f"http://{_reachable(host)}:{port}",
            trust_env=False,
            timeout=httpx.Timeout(1.0, pool=None),
            headers={"user-agent": "probe"},
        )
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def prove(self, current: Callable[[], Probe | None]) -> str:
        """Empty when the expected answer came within the deadline, else what came last.

        ``current`` is asked before every attempt: what is expected changes while, say, grants come in. None = proved.
        """
        async with self._turns:
            return await self._prove(current)

    async def _prove(self, current: Callable[[], Probe | None]) -> str:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._deadline
        pause = FIRST_PAUSE
        while True:
            probe = current()
            wrong = await self._ask(probe) if probe is not None else ""
            if not wrong or loop.time() + pause > until:
                return wrong
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _ask(self, probe: Probe) -> str:
        try:
            answer = await self._http.get(probe.path, headers=dict(probe.headers))
        except httpx.HTTPError as error:
            return f"no answer from the gateway ({type(error).__name__})"
        if answer.status_code != probe.expect_status:
            return f"the gateway answered {answer.status_code} instead of {probe.expect_status}"
        for name, value in probe.expect_headers.items():
            if answer.headers.get(name) != value:
                return f"the gateway still serves another version ({name} differs)"
        return ""


def _reachable(host: str) -> str:
    if host in ("0.0.0.0", ""):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
