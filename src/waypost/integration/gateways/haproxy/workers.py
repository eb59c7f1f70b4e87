"""Maps in the memory of the engine's workers, kept as the book says.

A worker loads its maps from files when it begins. What changed since the file was written is the *journal*; it is
told to every new worker, and every change at once to all workers, also those that only finish what they began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from waypost.contracts.drivers import TemporaryError
from waypost.integration.gateways.haproxy.maps import payloads
from waypost.integration.gateways.haproxy.runtime import Processes, Runtime

log = structlog.get_logger("gateways.haproxy")
Change = tuple[str | None, str | None]
"""Before and after; None where there is no entry."""

# Beyond so many single commands the whole map is loaded anew, beside the old one, and swapped.
MOST_COMMANDS = 400


class Refused(TemporaryError):
    """The engine did not take a change; the worker's maps are not to be trusted any more."""


class MapWriter:
    """Writes changes of one map to workers."""

    def __init__(self, runtime: Runtime, name: str) -> None:
        self._runtime = runtime
        self._file = f"{name}.map"

    async def change(self, worker: int, changes: Mapping[str, Change]) -> None:
        """Bring single entries into force."""
        fresh = {key: after for key, (before, after) in changes.items() if before is None and after is not None}
        for key, (before, after) in changes.items():
            if before is not None:
                command = f"del map {self._file} {key}" if after is None else f"set map {self._file} {key} {after}"
                await self._must(worker, command)
        for payload in payloads(fresh):
            await self._must(worker, f"add map {self._file}", payload)

    async def replace(self, worker: int, entries: Mapping[str, str]) -> None:
        """Bring the whole map into force at once."""
        told = await self._runtime.tell(worker, f"prepare map {self._file}")
        version = told.strip().rpartition(" ")[2]
        if not version.isdigit():
            raise Refused(f"the engine prepared no map: {told.strip()[:200]}")
        for payload in payloads(entries):
            await self._must(worker, f"add map @{version} {self._file}", payload)
            await asyncio.sleep(0)
        await self._must(worker, f"commit map @{version} {self._file}")

    async def _must(self, worker: int, command: str, payload: str = "") -> None:
        told = (await self._runtime.tell(worker, command, payload)).strip()
        if told:
            raise Refused(f"the engine did not take a change of {self._file}: {told[:200]}")


class Workers:
    """All workers of one engine and what they hold of one map."""

    def __init__(self, runtime: Runtime, name: str) -> None:
        self.synced = 0
        self.journal: dict[str, Change] = {}
        self._writer = MapWriter(runtime, name)
        self._broken = False

    async def change(self, processes: Processes, changes: Mapping[str, Change], entries: Mapping[str, str]) -> None:
        """Tell every worker. ``entries`` are all there are, after the changes."""
        self.note(changes)
        await self._bring(processes.worker, changes, entries)
        for worker in processes.leaving:
            await self._tell_leaving(worker, changes, entries)

    def note(self, changes: Mapping[str, Change]) -> None:
        """Changes that the file does not know yet."""
        for key, (before, after) in changes.items():
            first = self.journal.get(key, (before, after))[0]
            self.journal[key] = (first, after)

    async def begin(self, worker: int, entries: Mapping[str, str]) -> None:
        """A worker that has just loaded the file: tell it what changed since."""
        pending = {key: change for key, change in self.journal.items() if change[0] != change[1]}
        await self._bring(worker, pending, entries)
        self.synced = worker

    def written(self) -> None:
        """The file says everything that the book says now."""
        self.journal.clear()

    async def _bring(self, worker: int, changes: Mapping[str, Change], entries: Mapping[str, str]) -> None:
        single = sum(before is not None for before, _ in changes.values())
        try:
            if self._broken or single > MOST_COMMANDS:
                await self._writer.replace(worker, entries)
            else:
                await self._writer.change(worker, changes)
        except TemporaryError:
            self._broken, self.synced = True, 0
            raise
        self._broken = False

    async def _tell_leaving(self, worker: int, changes: Mapping[str, Change], entries: Mapping[str, str]) -> None:
        """It may end at any moment, and then nothing has to be told."""
        try:
            single = sum(before is not None for before, _ in changes.values())
            if single > MOST_COMMANDS:
                await self._writer.replace(worker, entries)
            else:
                await self._writer.change(worker, changes)
        except TemporaryError as error:
            log.debug("worker.gone", worker=worker, reason=str(error)[:200])
