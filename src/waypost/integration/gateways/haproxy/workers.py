"""Maps in the memory of the engine's workers, kept as the book says.

A worker loads its maps from files when it begins. What differs from the file of all keys is the *journal*; it has a
file of its own, is told to every new worker, and every change at once to all workers, also those that only finish what
they began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import structlog

from waypost.contracts.drivers import TemporaryError
from waypost.integration.gateways.haproxy.maps import escaped, payloads
from waypost.integration.gateways.haproxy.runtime import Processes, Runtime

log = structlog.get_logger("gateways.haproxy")
Change = tuple[str | None, str | None]
"""Before and after; None where there is no entry."""

KEYS, RECENT = "keys", "recent"
GONE = "-"
# Beyond so many changes the large map is loaded anew, beside the old one, and swapped: before the next answer, and
# in the background well before that.
MOST_RECENT = 5_000
COMPACTED_FROM = 2_000


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
                command = f"del map {self._file} {key}" if after is None else _set(self._file, key, after)
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

    async def put(self, worker: int, values: Mapping[str, str], known: Collection[str]) -> None:
        """Bring entries into force, of which those in ``known`` are there already."""
        for key in values.keys() & known:
            await self._must(worker, _set(self._file, key, values[key]))
        for payload in payloads({key: value for key, value in values.items() if key not in known}):
            await self._must(worker, f"add map {self._file}", payload)

    async def _must(self, worker: int, command: str, payload: str = "") -> None:
        told = (await self._runtime.tell(worker, command, payload)).strip()
        if told:
            raise Refused(f"the engine did not take a change of {self._file}: {told[:200]}")


def _set(file: str, key: str, value: str) -> str:
    return f"set map {file} {escaped(key)} {escaped(value)}"


class Workers:
    """All workers of one engine and what they hold of the map of keys.

    Adding an entry takes the engine the same time in a large map as in a small one; changing and taking one away does
    not (2.8 walks through all of it). So the large map stays as it was loaded, and what changed since stands in a
    small one that is asked first; an entry that is gone stands there as :data:`GONE`.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.synced = 0
        self.journal: dict[str, str] = {}
        self._owed_by = 0
        self._loading = asyncio.Lock()
        self._keys = MapWriter(runtime, KEYS)
        self._recent = MapWriter(runtime, RECENT)
        self._known: dict[int, set[str]] = {}

    async def change(self, processes: Processes, changes: Mapping[str, Change], entries: Mapping[str, str]) -> None:
        """Tell every worker. ``entries`` are all there are, after the changes."""
        self.note(changes)
        values = {key: GONE if after is None else after for key, (_, after) in changes.items()}
        try:
            await self._tell(processes.worker, values, entries)
        except TemporaryError:
            self.synced = 0
            raise
        for worker in processes.leaving:
            await self._tell_leaving(worker, values, entries)
        self._known = {worker: held for worker, held in self._known.items() if worker in processes.workers}

    def note(self, changes: Mapping[str, Change]) -> None:
        """Changes that the file does not know yet."""
        self.journal |= {key: GONE if after is None else after for key, (_, after) in changes.items()}

    @property
    def owing(self) -> bool:
        """True while the worker that serves was not told of changes that only its successor will know."""
        return self._owed_by != 0

    def owe(self, changes: Mapping[str, Change]) -> None:
        """Changes that the next worker reads; the one that serves is not told."""
        self.note(changes)
        self._owed_by = self.synced

    async def begin(self, worker: int, entries: Mapping[str, str]) -> None:
        """A worker of which is not known what it holds: tell it what changed since the file of all keys, at once."""
        self.synced = 0
        whole = worker == self._owed_by or len(self.journal) > MOST_RECENT
        if whole:
            await self.load(worker, entries)
        recent = {} if whole else self.journal
        await self._recent.replace(worker, recent)
        self._known[worker] = set(recent)
        self.synced = worker
        self._owed_by = 0

    async def go_on(self, worker: int, read: Mapping[str, str], entries: Mapping[str, str]) -> None:
        """A worker that has just loaded the files, of which it is known what the small map ``read``."""
        self.synced = 0
        self._known[worker] = set(read)
        await self._tell(worker, {key: value for key, value in self.journal.items() if read.get(key) != value}, entries)
        self.synced = worker
        self._owed_by = 0

    def recently(self, worker: int) -> int:
        """How many entries stand in a worker's small map."""
        return len(self._known.get(worker, ()))

    async def load(self, worker: int, entries: Mapping[str, str]) -> None:
        """Bring the whole large map into force."""
        async with self._loading:
            await self._keys.replace(worker, entries)

    async def forget(self, worker: int, loaded: Mapping[str, str], entries: Mapping[str, str]) -> None:
        """Keep in the small map only what changed since ``loaded`` came into force."""
        differing = [key for key in self._known[worker] if entries.get(key) != loaded.get(key)]
        recent = {key: entries.get(key, GONE) for key in differing}
        await self._recent.replace(worker, recent)
        self._known[worker] = set(recent)

    def written(self) -> None:
        """The file says everything that the book says now."""
        self.journal = {}

    async def _tell(self, worker: int, values: Mapping[str, str], entries: Mapping[str, str]) -> None:
        known = self._known.setdefault(worker, set())
        if len(known) + len(values) > MOST_RECENT:
            await self.load(worker, entries)
            await self._recent.replace(worker, {})
            known.clear()
            return
        await self._recent.put(worker, values, known)
        known.update(values)

    async def _tell_leaving(self, worker: int, values: Mapping[str, str], entries: Mapping[str, str]) -> None:
        """It may end at any moment, and then nothing has to be told."""
        try:
            await self._tell(worker, values, entries)
        except TemporaryError as error:
            log.debug("worker.gone", worker=worker, reason=str(error)[:200])
