"""The grants on disk: an append-only log of sealed records, rewritten in the background when it has grown.

A record is ``length (4 bytes) + sealed JSON``; a half-written last record (power cut, full disk) is cut off on reading.
The hub sends again whatever the log does not hold, so a lost tail costs time and no grant. A rewrite collects the
whole set in small steps next to the running agent, while new records go to both files.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import structlog

from waypost.contracts.ir import Grant, GrantDelta
from waypost.integration.agent.codec import grant_from_plain, grants_plain
from waypost.integration.agent.failures import StateUnreadable
from waypost.integration.agent.sealing import Sealer, sync_directory

log = structlog.get_logger("agent.grants")
CHUNK = 500
RETRY_SECONDS = 5.0
_LENGTH = struct.Struct(">I")


class GrantLog:
    """Load once, then :meth:`append` per delta. ``grants``, ``revision`` and ``mark`` are what the log stands for."""

    def __init__(self, path: Path, sealer: Sealer, *, compact_bytes: int = 4 * 1024 * 1024) -> None:
        self.grants: dict[str, Grant] = {}
        self.revision = 0
        self.mark = ""
        self._path = path
        self._sealer = sealer
        self._compact_bytes = compact_bytes
        self._file: int | None = None
        self._size = 0
        self._base_size = 0
        self._behind = False
        self._unsynced = False
        self._again = False
        self._retry_at = 0.0
        self._since_rewrite: list[bytes] | None = None
        self._rewriting: asyncio.Task[None] | None = None

    def load(self) -> None:
        """Read the log, cut off a torn tail, open it for appending."""
        self._path.with_suffix(".draft").unlink(missing_ok=True)
        data = self._path.read_bytes() if self._path.exists() else b""
        good = 0
        for end, record in self._records(data):
            self._replay(record)
            good = end
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, good)
        self._size = self._base_size = good

    def append(self, delta: GrantDelta) -> None:
        """Take ``delta`` into ``grants`` and write it. Never raises for the disk: then it is written later.

        A full delta is written by a rewrite in the background.
        """
        self._take(delta)
        if delta.full:
            self._behind = True
        else:
            self._write(self._record(_plain(delta)))
        grown = self._size > self._base_size + max(self._compact_bytes, self._base_size)
        if self._behind or grown:
            self._start_rewrite(restart=delta.full)

    async def settle(self) -> None:
        """Make what was appended durable and try again what the disk refused; call it every second or so."""
        if self._behind and not self._busy and asyncio.get_running_loop().time() >= self._retry_at:
            self._start_rewrite(restart=False)
        if self._unsynced and self._file is not None:
            self._unsynced = False
            with suppress(OSError):
                await asyncio.to_thread(os.fsync, self._file)

    async def flush(self) -> None:
        """As :meth:`settle`, and wait for a running rewrite: the last word before the agent ends."""
        self._retry_at = 0.0
        await self.settle()
        if self._rewriting:
            await self._rewriting

    @property
    def _busy(self) -> bool:
        return self._rewriting is not None and not self._rewriting.done()

    def _take(self, delta: GrantDelta) -> None:
        if delta.full:
            self.grants = {}
        for grant_id in delta.remove:
            self.grants.pop(grant_id, None)
        for grant in delta.upsert:
            self.grants[grant.id] = grant
        self.revision, self.mark = delta.revision, delta.mark

    def _replay(self, record: dict[str, Any]) -> None:
        grants = tuple(grant_from_plain(item) for item in record["upsert"])
        where = {"revision": record["revision"], "mark": record.get("mark", "")}
        self._take(GrantDelta(**where, full=bool(record["full"]), upsert=grants, remove=tuple(record["remove"])))

    def _write(self, record: bytes) -> None:
        if self._since_rewrite is not None:
            self._since_rewrite.append(record)
        if self._behind or self._file is None:
            return
        try:
            _write_all(self._file, record)
            self._size += len(record)
            self._unsynced = True
        except OSError as error:
            log.warning("grants.not_written", error=error.strerror)
            self._behind = True
            with suppress(OSError):
                os.ftruncate(self._file, self._size)

    def _start_rewrite(self, *, restart: bool) -> None:
        if self._busy:
            self._again = self._again or restart
        elif asyncio.get_running_loop().time() >= self._retry_at:
            self._rewriting = asyncio.get_running_loop().create_task(self._rewrite_until_current())

    async def _rewrite_until_current(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            self._since_rewrite = []
            try:
                await self._rewrite(list(self.grants.values()), (self.revision, self.mark), self._since_rewrite)
            except OSError as error:
                log.warning("grants.not_rewritten", error=error.strerror)
                self._since_rewrite = None
                self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS

    async def _rewrite(self, grants: list[Grant], where: tuple[int, str], news: list[bytes]) -> None:
        draft = self._path.with_suffix(".draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            await self._write_snapshot(handle, grants, where)
            await asyncio.to_thread(os.fsync, handle)
            if not self._again:
                self._switch(draft, handle, news)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        finally:
            if self._file != handle:
                os.close(handle)

    async def _write_snapshot(self, handle: int, grants: list[Grant], where: tuple[int, str]) -> None:
        chunks = [grants[start : start + CHUNK] for start in range(0, len(grants), CHUNK)] or [[]]
        for number, chunk in enumerate(chunks):
            if self._again:
                return
            # Only the last chunk carries the revision: a log that ends earlier must not pass for the whole set.
            at, mark = where if number == len(chunks) - 1 else (0, "")
            plain = {"revision": at, "mark": mark, "full": number == 0, "upsert": grants_plain(chunk), "remove": []}
            await asyncio.to_thread(_write_all, handle, self._record(plain))

    def _switch(self, draft: Path, handle: int, news: list[bytes]) -> None:
        for record in news:
            _write_all(handle, record)
        draft.replace(self._path)
        sync_directory(self._path.parent)
        if self._file is not None:
            os.close(self._file)
        self._file = handle
        self._size = self._base_size = os.fstat(handle).st_size
        self._behind = False
        self._since_rewrite = None

    def _record(self, plain: dict[str, Any]) -> bytes:
        box = self._sealer.seal(orjson.dumps(plain), "grants")
        return _LENGTH.pack(len(box)) + box

    def _records(self, data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
        """Whole records with the offset after each. A record that does not open ends the log, the first one fails."""
        start = 0
        for count in itertools.count():
            if start + _LENGTH.size > len(data):
                return
            end = start + _LENGTH.size + _LENGTH.unpack_from(data, start)[0]
            if end > len(data):
                return
            try:
                plain = self._sealer.open(data[start + _LENGTH.size : end], "grants")
            except StateUnreadable:
                if count == 0:
                    raise
                return
            yield end, orjson.loads(plain)
            start = end


def _plain(delta: GrantDelta) -> dict[str, Any]:
    return {
        "revision": delta.revision,
        "mark": delta.mark,
        "full": delta.full,
        "upsert": grants_plain(delta.upsert),
        "remove": list(delta.remove),
    }


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
