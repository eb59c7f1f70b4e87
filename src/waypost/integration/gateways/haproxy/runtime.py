"""The engine's runtime interface: the master's unix socket, and through it every worker, also the leaving ones.

One command per connection (management guide 2.8, 9.4): it is sent, the sending side is closed, the answer is read to
its end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from waypost.contracts.drivers import TemporaryError

_DEADLINE = 20.0
_RELOAD_DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class Processes:
    """Who runs: the master, the worker that serves, and workers that still finish what they began."""

    master: int
    version: str
    worker: int
    leaving: tuple[int, ...] = ()

    @property
    def workers(self) -> tuple[int, ...]:
        """All workers, the one that serves first."""
        return (self.worker, *self.leaving)


class Runtime:
    """A client of the master's socket. TemporaryError where the engine does not answer."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def processes(self) -> Processes | None:
        """Who runs, or None where nobody does."""
        try:
            text = await self.command("show proc", deadline=2.0)
        except TemporaryError:
            return None
        return _processes(text)

    async def reload(self) -> str:
        """Read the configuration anew; the reasons where the engine refuses it, else an empty string."""
        text = await self.command("reload", deadline=_RELOAD_DEADLINE)
        return "" if text.startswith("Success=1") else text

    async def tell(self, worker: int, command: str, payload: str = "") -> str:
        """One command for one worker."""
        body = f"@!{worker} {command}" + (f" <<\n{payload}\n" if payload else "")
        return await self.command(body)

    async def command(self, text: str, *, deadline: float = _DEADLINE) -> str:
        """Send ``text``, give the whole answer."""
        try:
            async with asyncio.timeout(deadline):
                return await self._ask(text)
        except (OSError, TimeoutError) as error:
            raise TemporaryError(f"the engine does not answer: {type(error).__name__}", delay=0.2) from error

    async def _ask(self, text: str) -> str:
        reader, writer = await asyncio.open_unix_connection(self._path)
        try:
            writer.write(f"{text}\n".encode())
            writer.write_eof()
            return (await reader.read()).decode(errors="replace")
        finally:
            writer.close()


def _processes(text: str) -> Processes | None:
    """``show proc``: a line per process with its id, what it is, its reloads and uptime, its version."""
    master, worker, version = 0, 0, ""
    leaving: list[int] = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 2 or not fields[0].isdigit():
            continue
        if fields[1] == "master":
            master, version = int(fields[0]), fields[-1].split("-")[0]
        elif fields[1] == "worker" and not worker:
            worker = int(fields[0])
        elif fields[1] == "worker":
            leaving.append(int(fields[0]))
    return Processes(master, version, worker, tuple(leaving)) if master and worker else None
