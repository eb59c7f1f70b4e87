"""What the engine serves from: files, maps in memory, the process. One reload at a time; grants go on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from waypost.contracts.drivers import DriverOptions, PermanentError, TemporaryError
from waypost.contracts.ir import GatewaySettings, GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.integration.gateways.haproxy import checking, config, maps, peers
from waypost.integration.gateways.haproxy.bootstrap import Files
from waypost.integration.gateways.haproxy.config import Configuration, Rendered
from waypost.integration.gateways.haproxy.fileset import FileSet
from waypost.integration.gateways.haproxy.grants import GrantBook
from waypost.integration.gateways.haproxy.runtime import Runtime
from waypost.integration.gateways.haproxy.workers import KEYS, RECENT, Change, MapWriter, Workers

_META = "meta"


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
        self._options = options
        self._port = port
        self._loaded = Configuration("")
        self._served = FileSet(files.directory)
        self._tried = FileSet(f"{files.directory}/next")
        self._granting = asyncio.Lock()
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
        return config.configuration(apis.values(), settings, self._options, self.files, self._port)

    async def check(self, candidate: Configuration) -> list[str]:
        """What the engine would say against it. It is tried beside the one that serves, with an empty map of keys."""
        texts = self._texts(candidate) | {f"{KEYS}.map": "", f"{_META}.map": ""}
        await asyncio.to_thread(self._tried.put, texts, alone=True)
        return await checking.check(self._tried.directory)

    async def load(self, candidate: Configuration, apis: Mapping[str, Rendered], settings: GatewaySettings) -> None:
        """Serve a configuration that was checked; PermanentError, and the one before in force, where that fails."""
        before = self._texts(self._loaded)
        await asyncio.to_thread(self._served.put, self._texts(candidate), alone=True)
        await self._write_keys()
        taught = await peers.has_learnt(self.runtime, self.workers.synced)
        refused = await self.runtime.reload()
        if refused:
            await asyncio.to_thread(self._served.put, before, alone=True)
            raise PermanentError(f"the engine did not load the configuration: {refused[:1000]}")
        if not taught:
            await peers.nothing_to_learn(self.files.peers_socket)
        self._loaded = candidate
        self.apis = dict(apis)
        self.settings, self.settings_hash = settings, content_hash(settings)
        self._segments = {held.api.base_path.removeprefix("/"): api_id for api_id, held in apis.items()}
        await self.catch_up()

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
            else:
                await self.workers.change(processes, changes, self.book.entries)
                await self._meta.change(processes.worker, marks)
            self.revision = delta.revision

    async def catch_up(self) -> None:
        """Tell a worker that has just begun what its files lack."""
        processes = await self.runtime.processes()
        if processes is None or processes.worker == self.workers.synced:
            return
        async with self._granting:
            await self._begin(processes.worker)

    async def _begin(self, worker: int) -> None:
        await self._meta.replace(worker, self.revisions)
        await self.workers.begin(worker, self.book.entries)

    def _marked(self, changes: Mapping[str, Change], revision: int) -> dict[str, Change]:
        """APIs whose grants differ, with the revision that says so: what a probe asks for."""
        touched = {key.rpartition("/")[2] for key in changes if "/" in key}
        marks: dict[str, Change] = {}
        for api_id in touched:
            marks[api_id] = (self.revisions.get(api_id), str(revision))
            self.revisions[api_id] = str(revision)
        return marks

    async def _write_keys(self) -> None:
        """Everything that the book says, into the file; from then on the journal begins anew."""
        async with self._granting:
            stale = bool(self.workers.journal) or not self.book.entries
            entries, revisions = dict(self.book.entries) if stale else {}, dict(self.revisions)
            self.workers.written()
        if stale:
            text = await asyncio.to_thread(maps.render, entries)
            await asyncio.to_thread(maps.write, f"{self.files.directory}/{KEYS}.map", text)
        await asyncio.to_thread(maps.write, f"{self.files.directory}/{_META}.map", maps.render(revisions))

    def _texts(self, candidate: Configuration) -> dict[str, str]:
        texts = {f"{name}.map": maps.render(entries) for name, entries in candidate.maps.items()}
        texts[f"{RECENT}.map"] = ""
        return {checking.CONFIG: candidate.text, **candidate.extras, **texts}
