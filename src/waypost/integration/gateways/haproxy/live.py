"""What the engine serves from: files, maps in memory, the process. One reload at a time; grants go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from waypost.contracts.drivers import DriverOptions, PermanentError, TemporaryError
from waypost.contracts.ir import GatewaySettings, GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.integration.gateways.haproxy import checking, config, maps, peers, workers
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.config import Configuration, Rendered
from waypost.integration.gateways.haproxy.fileset import FileSet
from waypost.integration.gateways.haproxy.grants import GrantBook
from waypost.integration.gateways.haproxy.runtime import Runtime
from waypost.integration.gateways.haproxy.workers import KEYS, RECENT, Change, MapWriter, Workers

log = structlog.get_logger("gateways.haproxy")
Told = Mapping[str, Mapping[str, Change]]
"""Entries that differ, by map; maps without any are not there."""

_META = "meta"
# Maps that a serving worker is told about, in the order in which entries come; they go in the opposite order.
_TOLD = ("limits", "plans", "origins", "allowed", "operations", "paths", "bases")
_HASHES = "hashes"
# More changes than this are quicker loaded than told.
_MOST_TOLD = 300
# As long as no more keys changed, the file of all keys is left as it is.
_SHORT_JOURNAL = 1_000


@dataclass(frozen=True, slots=True)
class _Read:
    """What the next worker reads from its files, and the worker that served when they were written."""

    before: int
    recent: Mapping[str, str]
    meta: Mapping[str, str]


class LiveState:
    """Owns the engine's directory and what was loaded from it. ``apis`` are the ones that serve."""

    def __init__(self, options: DriverOptions, files: Files, port: int) -> None:
        self.apis: dict[str, Rendered] = {}
        self.settings = GatewaySettings()
        self.settings_hash = ""
        self.files = files
        self.runtime = Runtime(files.master_socket)
        self.workers = Workers(self.runtime)
        self.book = GrantBook()
        self.revision = 0
        self.revisions: dict[str, str] = {}
        self._meta = MapWriter(self.runtime, _META)
        self._writers = {name: MapWriter(self.runtime, name) for name in (*_TOLD, _HASHES)}
        self._in_doubt = False
        self._taught = 0
        self._teaches = False
        self._read: _Read | None = None
        self._options = options
        self._port = port
        self._loaded = Configuration("")
        self._served = FileSet(files.directory)
        self._tried = FileSet(f"{files.directory}/next")
        self._granting = asyncio.Lock()
        self._reloading = asyncio.Lock()
        self._segments: dict[str, str] = {}

    def api_of_segment(self, segment: str) -> str:
        """The API that a path's first segment belongs to, or an empty string."""
        return self._segments.get(segment, "")

    def revision_of(self, api_id: str) -> str:
        """The revision that last changed an API's grants."""
        return self.revisions.get(api_id, "0")

    async def write_empty(self) -> None:
        """A configuration without any API and any key, to start from."""
        empty = self.configuration({}, self.settings)
        await asyncio.to_thread(self._served.put, self._texts(empty), alone=True)
        await self._write_keys()
        self._loaded = empty

    def configuration(self, apis: Mapping[str, Rendered], settings: GatewaySettings) -> Configuration:
        """The configuration with exactly these APIs."""
        known = self._loaded.maps
        return config.configuration(
            apis.values(), settings, self._options, self.files, self._port, served=self.apis, maps=known
        )

    def told(self, candidate: Configuration, apis: Mapping[str, Rendered]) -> Told | None:
        """What the worker that serves has to be told, in entries of maps; None where it lacks rules or it is too much.

        An API goes over to other rules with its base path's entry, at once, if its operations are of the same kinds.
        """
        before = self._loaded
        if self._in_doubt or not before.offers(candidate):
            return None
        differing = {name for name, after in candidate.maps.items() if _differ(before.maps.get(name), after)}
        if not differing.issubset((*_TOLD, _HASHES)):
            return None
        changes = {name: _changes(before.maps[name], candidate.maps[name]) for name in differing}
        moved = {one.split("|")[1] for one, other in changes.get("bases", {}).values() if one and other}
        same_kinds = all(self.apis[key].kinds == apis[key].kinds for key in moved if key in self.apis and key in apis)
        return changes if same_kinds and sum(map(len, changes.values())) <= _MOST_TOLD else None

    async def tell(
        self, told: Told, candidate: Configuration, apis: Mapping[str, Rendered], settings: GatewaySettings
    ) -> None:
        """Bring a configuration into force that differs by what is :meth:`told`: in memory, and in the files."""
        async with self._reloading:
            await self._tell(told, candidate)
        self._now_serves(replace(self._loaded, maps=candidate.maps), apis, settings)

    async def _tell(self, told: Told, candidate: Configuration) -> None:
        processes = await self.runtime.processes()
        if processes is None:
            raise TemporaryError("the engine does not run", delay=0.2)
        texts = {f"{name}.map": maps.render(candidate.maps[name]) for name in told}
        known = [name for name in _TOLD if name in told and self.files.map(name) in self._loaded.text]
        self._in_doubt = True
        await asyncio.to_thread(self._served.put, texts)
        for name in known:
            await self._writers[name].change(processes.worker, _only(told[name], gone=False))
        for name in reversed(known):
            await self._writers[name].change(processes.worker, _only(told[name], gone=True))
        await self._writers[_HASHES].change(processes.worker, told.get(_HASHES, {}))
        self._in_doubt = False

    async def check(self, candidate: Configuration) -> list[str]:
        """What the engine would say against it. It is tried beside the one that serves, with no key."""
        texts = self._texts(candidate) | {f"{name}.map": "" for name in (KEYS, RECENT, _META)}
        await asyncio.to_thread(self._tried.put, texts, alone=True)
        return await checking.check(self._tried.directory)

    async def load(self, candidate: Configuration, apis: Mapping[str, Rendered], settings: GatewaySettings) -> None:
        """Serve a configuration that was checked; PermanentError, and the one before in force, where that fails."""
        async with self._reloading:
            before = self._texts(self._loaded)
            await asyncio.to_thread(self._served.put, self._texts(candidate), alone=True)
            refused = await self._reload()
            if refused:
                await asyncio.to_thread(self._served.put, before, alone=True)
                raise PermanentError(f"the engine did not load the configuration: {refused[:1000]}")
            self._in_doubt = False
            self._now_serves(candidate, apis, settings)
            await self.catch_up()

    async def _reload(self) -> str:
        """A new worker, with all keys; why the engine refuses, else an empty string."""
        processes = await self.runtime.processes()
        recent, meta = await self._write_keys()
        self._read = _Read(processes.worker, recent, meta) if processes else None
        self._teaches = await peers.has_learnt(self.runtime, self.workers.synced)
        refused = await self.runtime.reload()
        if refused:
            self._read, self.workers.synced = None, 0
        elif not self._teaches:
            await peers.nothing_to_learn(self.files.peers_socket)
        return refused

    def _now_serves(self, candidate: Configuration, apis: Mapping[str, Rendered], settings: GatewaySettings) -> None:
        self._loaded = candidate
        self.apis = dict(apis)
        self.settings, self.settings_hash = settings, content_hash(settings)
        self._segments = {held.api.base_path.removeprefix("/"): api_id for api_id, held in apis.items()}

    async def grant(self, delta: GrantDelta) -> None:
        """Bring grants into force. What finds no engine is in the book, and told to the next worker."""
        async with self._granting:
            changes = self.book.apply(delta)
            marks = self._marked(changes, delta.revision)
            processes = await self.runtime.processes()
            if processes is None:
                self.workers.note(changes)
                raise TemporaryError("the engine does not run", delay=0.2)
            if processes.worker != self.workers.synced:
                self.workers.note(changes)
                await self._begin(processes.worker)
            elif _many_new(changes):
                self.workers.owe(changes)
            else:
                await self.workers.change(processes, changes, self.book.entries)
                await self._meta.change(processes.worker, marks)
        if self.workers.owing:
            await self._load_keys()
        self.revision = delta.revision

    async def _load_keys(self) -> None:
        """Many new keys are quicker read by a new worker than told to the one that serves."""
        async with self._reloading:
            if not self.workers.owing:
                return
            refused = await self._reload()
            if refused:
                log.error("engine.keys_not_loaded", reason=refused[:1000])
            await self.catch_up()

    async def catch_up(self) -> None:
        """Tell a worker that has just begun what its files lack."""
        processes = await self.runtime.processes()
        if processes is None:
            return
        async with self._granting:
            if processes.worker != self.workers.synced:
                await self._begin(processes.worker)
        if processes.worker != self._taught:
            if processes.leaving and self._teaches:
                await peers.learnt(self.runtime, processes.worker)
            await peers.let_through(self.runtime, processes.worker)
            self._taught = processes.worker

    async def compact(self) -> None:
        """Put what changed lately into the large map, in the background, while the small one is still small."""
        worker = self.workers.synced
        if self.workers.recently(worker) <= workers.COMPACTED_FROM:
            return
        entries = dict(self.book.entries)
        await self.workers.load(worker, entries)
        async with self._granting:
            if worker == self.workers.synced:
                await self.workers.forget(worker, entries, self.book.entries)

    async def _begin(self, worker: int) -> None:
        """Tell a worker what its files lack: everything, where it is not known what it read."""
        read = self._read
        if read is None or worker == read.before:
            await self._meta.replace(worker, self.revisions)
            await self.workers.begin(worker, self.book.entries)
        else:
            self._read = None
            await self._meta.change(worker, _changes(read.meta, self.revisions))
            await self.workers.go_on(worker, read.recent, self.book.entries)

    def _marked(self, changes: Mapping[str, Change], revision: int) -> dict[str, Change]:
        """APIs whose grants differ, with the revision that says so: what a probe asks for."""
        touched = {key.rpartition("/")[2] for key in changes if "/" in key}
        marks: dict[str, Change] = {}
        for api_id in touched:
            marks[api_id] = (self.revisions.get(api_id), str(revision))
            self.revisions[api_id] = str(revision)
        return marks

    async def _write_keys(self) -> tuple[dict[str, str], dict[str, str]]:
        """Everything that the book says, into files: all keys where many changed. What changed since, and marks."""
        async with self._granting:
            stale = len(self.workers.journal) > _SHORT_JOURNAL or not self.book.entries
            entries, revisions = dict(self.book.entries) if stale else {}, dict(self.revisions)
            if stale:
                self.workers.written()
            recent = dict(self.workers.journal)
        texts = {RECENT: recent, _META: revisions, **({KEYS: entries} if stale else {})}
        for name, held in texts.items():
            text = await asyncio.to_thread(_checked, held)
            await asyncio.to_thread(maps.write, f"{self.files.directory}/{name}.map", text)
        return recent, revisions

    def _texts(self, candidate: Configuration) -> dict[str, str]:
        texts = {f"{name}.map": maps.render(entries) for name, entries in candidate.maps.items()}
        return {checking.CONFIG: candidate.text, **candidate.extras, **texts}


def _checked(entries: Mapping[str, str]) -> str:
    maps.check(entries)
    return maps.render(entries)


def _differ(before: Mapping[str, str] | None, after: Mapping[str, str]) -> bool:
    """Most are the very same object, which comparing entry by entry would not notice."""
    return before is not after and before != after


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    keys = dict.fromkeys((*before, *after)) if _differ(before, after) else ()
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _many_new(changes: Mapping[str, Change]) -> bool:
    return len(changes) > workers.MOST_RECENT and all(before is None for before, _ in changes.values())


def _only(changes: Mapping[str, Change], *, gone: bool) -> dict[str, Change]:
    return {key: change for key, change in changes.items() if (change[1] is None) is gone}
