"""Numbered batches of access records on disk, each written with the place in the log that it ends at.

One file per batch: a header line (JSON), then one record per line. Written whole or not at all, so that number, records
and place in the log are one fact: after ``kill -9`` at any instant reading goes on exactly where the last batch ended.
What the hub has taken is deleted, but for the newest batch, which stays for the place it names until there is a newer
one: nothing has to be written on a full disk before something can be deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from waypost.integration.agent.sealing import write_atomic
from waypost.kit.crypto import random_token

log = structlog.get_logger("agent.spool")
HEADER_BYTES = 512


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the access log: which file (inode, 0 = none yet) and how many bytes of it are done with."""

    inode: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that waits. ``size`` is its file's, ``dropped`` what it reports as lost."""

    number: int
    count: int
    dropped: int
    size: int
    path: Path


class Spool:
    """Batches of one directory. Blocking, safe between threads: call it through ``asyncio.to_thread``."""

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self.id = ""
        self.place = Place()
        self.total_dropped = 0
        self.waiting: dict[int, Batch] = {}
        self._directory = directory
        self._max_bytes = max_bytes
        self._last = 0
        self._dropped = 0
        self._sending = 0
        self._acknowledged: Path | None = None
        self._lock = threading.RLock()

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return sum(batch.size for batch in list(self.waiting.values()))

    def load(self) -> None:
        """Find out where an earlier life ended. A directory that lost its cursor begins a new life with a new id."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for draft in self._directory.glob("*.draft"):
            draft.unlink()
        paths = sorted(self._directory.glob("*.batch"))
        cursor = self._read_cursor() or _first_header(paths)
        if cursor is None:
            self.id = random_token("spl", bits=96)
            self._write_cursor()
            return
        self.id = str(cursor["spool"])
        self._last, self.place = int(cursor["number"]), Place(int(cursor["inode"]), int(cursor["offset"]))
        for path in paths:
            self._load_batch(path)

    def add(self, records: list[bytes], place: Place, *, dropped: int = 0) -> None:
        """Write one batch; OSError (a full disk) leaves everything as it was. Makes room by dropping the oldest.

        A batch that the hub took without our having heard of it (killed in between) may be dropped and so counted as
        lost although it is not: ``dropped`` is never too low.
        """
        with self._lock:
            evicted = self._evictable(sum(map(len, records)) + len(records) + HEADER_BYTES)
            lost = self._dropped + dropped + sum(batch.count + batch.dropped for batch in evicted)
            number = self._last + 1
            header = self._header(number, len(records), lost, place, [batch.number for batch in evicted])
            path = self._directory / f"{number:012d}.batch"
            data = b"\n".join([orjson.dumps(header), *records])
            write_atomic(path, data)
            self.waiting[number] = Batch(number, len(records), lost, len(data), path)
            self._last, self.place, self._dropped = number, place, 0
            self.total_dropped += dropped + sum(batch.count for batch in evicted)
            for batch in evicted:
                self._delete(batch)
            self._superseded()

    def oldest(self) -> Batch | None:
        """The batch to ship next; it is not dropped until :meth:`acknowledged` or :meth:`put_back`."""
        with self._lock:
            self._sending = min(self.waiting, default=0)
            return self.waiting.get(self._sending)

    def payload(self, batch: Batch) -> bytes:
        """The JSON of the batch's UsageBatch."""
        _, *records = batch.path.read_bytes().split(b"\n")
        head = orjson.dumps({"spool": self.id, "number": batch.number, "dropped": batch.dropped})
        return head[:-1] + b',"records":[' + b",".join(records) + b"]}"

    def acknowledged(self, number: int) -> int:
        """The hub has every batch up to ``number``: delete them. Returns how many records that were."""
        with self._lock:
            done = [batch for batch in self.waiting.values() if batch.number <= number]
            for batch in done:
                if batch.number == self._last:
                    del self.waiting[batch.number]
                    self._acknowledged = batch.path
                else:
                    self._delete(batch)
            self._sending = 0
            return sum(batch.count for batch in done)

    def put_back(self) -> None:
        """The batch in hand was not taken."""
        self._sending = 0

    def refuse(self, batch: Batch) -> None:
        """The hub will never take this batch: count it as lost and go on."""
        with self._lock:
            self._dropped += batch.count + batch.dropped
            self.total_dropped += batch.count
            self.acknowledged(batch.number)

    def move(self, place: Place) -> None:
        """Note a place that no batch ends at (a new log file). OSError leaves the old one noted."""
        with self._lock:
            before, self.place = self.place, place
            try:
                self._write_cursor()
            except OSError:
                self.place = before
                raise
            self._superseded()

    def lose(self, count: int) -> None:
        """Count records that never got into a batch; the next batch reports them."""
        with self._lock:
            self._dropped += count
            self.total_dropped += count

    def _evictable(self, coming: int) -> list[Batch]:
        excess = self.size + coming - self._max_bytes
        evicted = []
        for number in sorted(self.waiting):
            if excess <= 0:
                break
            if number != self._sending:
                evicted.append(self.waiting[number])
                excess -= self.waiting[number].size
        return evicted

    def _header(self, number: int, count: int, dropped: int, place: Place, evicts: list[int]) -> dict[str, Any]:
        return {
            "spool": self.id,
            "number": number,
            "count": count,
            "dropped": dropped,
            "inode": place.inode,
            "offset": place.offset,
            "evicts": evicts,
        }

    def _load_batch(self, path: Path) -> None:
        with path.open("rb") as stream:
            header = _parsed(stream.readline())
        if header is None or header.get("spool") != self.id:
            log.error("spool.foreign_batch", file=path.name)
            path.rename(path.with_suffix(".foreign"))
            return
        number = int(header["number"])
        size = path.stat().st_size
        self.waiting[number] = Batch(number, int(header["count"]), int(header["dropped"]), size, path)
        if number > self._last:
            self._last, self.place = number, Place(int(header["inode"]), int(header["offset"]))
        # Counted as lost in this batch, so it must not be shipped as well.
        for evicted in header["evicts"]:
            if evicted in self.waiting:
                self._delete(self.waiting[evicted])

    def _superseded(self) -> None:
        """A newer place is on disk: the batch that stayed for its place can go."""
        if self._acknowledged is not None:
            self._acknowledged.unlink(missing_ok=True)
            self._acknowledged = None

    def _delete(self, batch: Batch) -> None:
        batch.path.unlink(missing_ok=True)
        self.waiting.pop(batch.number, None)

    def _read_cursor(self) -> dict[str, Any] | None:
        path = self._directory / "cursor"
        return _parsed(path.read_bytes()) if path.exists() else None

    def _write_cursor(self) -> None:
        place = {"inode": self.place.inode, "offset": self.place.offset}
        write_atomic(self._directory / "cursor", orjson.dumps({"spool": self.id, "number": self._last, **place}))


def _first_header(paths: list[Path]) -> dict[str, Any] | None:
    """The cursor of a directory that lost its own: before its first batch nothing is known."""
    for path in paths:
        with path.open("rb") as stream:
            header = _parsed(stream.readline())
        if header is not None:
            return {"spool": header["spool"], "number": 0, "inode": 0, "offset": 0}
    return None


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def rotated_files(live: Path) -> Iterator[Path]:
    """Files that the log was renamed to, oldest first."""
    numbered = [
        (int(path.suffix[1:]), path) for path in live.parent.glob(live.name + ".*") if path.suffix[1:].isdigit()
    ]
    for _, path in sorted(numbered):
        yield path
