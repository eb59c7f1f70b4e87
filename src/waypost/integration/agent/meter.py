"""The meter: follows the engine's access log, puts calls into the spool, rotates the log.

Nothing is counted twice and nothing is left out: what has been read is only what a batch on disk says (``spool``).
Files are told apart by inode; a rotated file is read to its end before the next one is begun, and only then deleted.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import structlog

from waypost.contracts.drivers import GatewayDriver
from waypost.integration.agent.codec import encode_record
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.options import Timing
from waypost.integration.agent.spool import Place, Spool, rotated_files
from waypost.kit.holes import punch
from waypost.kit.watch import Signal

log = structlog.get_logger("agent.meter")
READ_BYTES = 1024 * 1024
LONGEST_LINE = 256 * 1024
SLICE = 200
MOST_RECORDS = 5000
FULL_DISK_PAUSE = 1.0


@dataclass(slots=True)
class _Open:
    """The log file in hand: ``offset`` is where the next unread line begins."""

    handle: int
    path: Path
    inode: int
    offset: int


class Meter:
    """Reads one engine's log. ``written`` pulses per batch."""

    def __init__(
        self,
        driver: GatewayDriver,
        path: Path,
        spool: Spool,
        *,
        metrics: AgentMetrics,
        timing: Timing,
        rotate_bytes: int,
        backlog_bytes: int,
    ) -> None:
        self.written = Signal()
        self._driver = driver
        self._path = path
        self._spool = spool
        self._metrics = metrics
        self._timing = timing
        self._rotate_bytes = rotate_bytes
        self._backlog_bytes = backlog_bytes
        self._open: _Open | None = None
        self._quiet_since: float | None = None
        self._cut_at = 0.0
        self._freed = 0

    async def run(self) -> None:
        """Read for ever. A failure is logged and tried again: metering never ends by itself."""
        while True:
            try:
                worked = await self.step()
                pause = 0.0 if worked else self._timing.meter_poll
            except OSError as error:
                log.error("meter.disk", error=error.strerror)
                pause = FULL_DISK_PAUSE
                await self._skip_backlog()
            except Exception:
                log.exception("meter.failed")
                pause = FULL_DISK_PAUSE
            await asyncio.sleep(pause)

    async def drain(self) -> None:
        """Read all there is, without holding anything back: before the agent ends."""
        while await self.step(final=True):
            pass

    async def step(self, *, final: bool = False) -> bool:
        """Read one piece of the log. False when there was nothing to do. OSError when the spool's disk refuses."""
        current = self._open or self._open_next()
        if current is None:
            return False
        data = _whole_lines(os.pread(current.handle, READ_BYTES, current.offset))
        if not data:
            return await self._at_end(current)
        self._quiet_since = None
        if not final and self._hold(len(data)):
            return False
        await self._take(current, data)
        await self._rotate(current)
        return True

    def _hold(self, waiting: int) -> bool:
        """The first call after a pause goes on at once, later ones together; fewer and larger while the hub is away.

        The log itself keeps what is held.
        """
        if waiting >= READ_BYTES // 2:
            return False
        gap = self._timing.meter_hold if self._spool.waiting else self._timing.meter_gap
        return asyncio.get_running_loop().time() - self._cut_at < gap

    async def _take(self, current: _Open, data: bytes) -> None:
        self._cut_at = asyncio.get_running_loop().time()
        lines = data.split(b"\n")[:-1]
        offset = current.offset
        for start in range(0, len(lines), MOST_RECORDS):
            part = lines[start : start + MOST_RECORDS]
            records, dropped = await self._parse(part)
            offset += sum(map(len, part)) + len(part)
            if records or dropped:
                place = Place(current.inode, offset)
                await self._add(records, place, dropped, current)
                self._note(len(records))
            current.offset = offset

    async def _add(self, records: list[bytes], place: Place, dropped: int, current: _Open) -> None:
        """Also when the agent is ending meanwhile: what is on disk must not be read a second time."""
        adding = asyncio.ensure_future(asyncio.to_thread(self._spool.add, records, place, dropped=dropped))
        try:
            await asyncio.shield(adding)
        except asyncio.CancelledError:
            await asyncio.wait({adding})
            if adding.exception() is None:
                current.offset = place.offset
            raise

    async def _parse(self, lines: list[bytes]) -> tuple[list[bytes], int]:
        """In slices, so that grants never wait for it."""
        records: list[bytes] = []
        dropped = 0
        for start in range(0, len(lines), SLICE):
            for line in lines[start : start + SLICE]:
                try:
                    record = self._driver.parse_record(line)
                except Exception as error:
                    dropped += 1
                    log.warning("meter.unreadable_line", error=f"{type(error).__name__}: {error}"[:200])
                    continue
                if record is not None:
                    records.append(encode_record(record))
            await asyncio.sleep(0)
        return records, dropped

    def _note(self, count: int) -> None:
        self._metrics.records_read.inc(count)
        self.gauge()
        self.written.pulse()

    def gauge(self) -> None:
        """Show the spool's state."""
        self._metrics.spool_bytes.set(self._spool.size)
        self._metrics.spool_batches.set(len(self._spool.waiting))
        self._metrics.records_dropped.set(self._spool.total_dropped)

    async def _rotate(self, current: _Open) -> None:
        """Rename the live file when it has grown; the engine opens a new one."""
        if current.path != self._path or current.offset < self._rotate_bytes:
            return
        if self._written_in_place():
            self._give_back(current)
            return
        numbers = [int(path.suffix[1:]) for path in rotated_files(self._path)]
        target = self._path.with_name(f"{self._path.name}.{max(numbers, default=0) + 1}")
        self._path.rename(target)
        current.path = target
        await self._driver.reopen_log()
        log.info("meter.rotated", bytes=current.offset)

    def _written_in_place(self) -> bool:
        """An engine that logs to its standard output goes on with the file that it was started with."""
        spec = self._driver.process()
        return spec is not None and spec.stdout == str(self._path)

    def _give_back(self, current: _Open) -> None:
        """Free the disk of what is safe in the spool, ``rotate_bytes`` at a time; the file only seems to grow."""
        safe = self._spool.place.offset if self._spool.place.inode == current.inode else 0
        if safe - self._freed < self._rotate_bytes:
            return
        self._freed = safe
        if not punch(current.path, safe):
            log.warning("meter.log_grows", note="this file system cannot free the beginning of a file")

    async def _at_end(self, current: _Open) -> bool:
        """Nothing new in this file: go on to the next one if there is one and this one is surely finished."""
        size = os.fstat(current.handle).st_size
        if size < current.offset:
            log.warning("meter.log_truncated", was=current.offset, now=size)
            current.offset = 0
            return True
        await self._rotate(current)
        if current.path == self._path and _inode(self._path) == current.inode:
            return False
        if not await self._finished():
            return False
        await self._close(current, size)
        return True

    async def _finished(self) -> bool:
        """A renamed file may still get the lines that the engine holds; the new file must be there, and time passed."""
        now = asyncio.get_running_loop().time()
        if self._quiet_since is None:
            self._quiet_since = now
        if now - self._quiet_since < self._timing.rotated_drain:
            return False
        if not self._path.exists():
            self._quiet_since = now
            await self._driver.reopen_log()
            return False
        return True

    async def _close(self, current: _Open, size: int) -> None:
        """Done with this file. It goes first: on a full disk that is what makes room for noting the new place.

        Killed in between, the noted file is missing and reading begins with the oldest that is there: the right one.
        """
        following = self._after(current)
        if current.path != self._path:
            current.path.unlink(missing_ok=True)
        os.close(current.handle)
        self._open = None
        self._quiet_since = None
        if size > current.offset:
            log.warning("meter.torn_line", bytes=size - current.offset)
            await asyncio.to_thread(self._spool.lose, 1)
        place = Place(_inode(following) or 0, 0) if following else Place()
        await asyncio.to_thread(self._spool.move, place)

    def _files(self) -> list[Path]:
        return [*rotated_files(self._path), *([self._path] if self._path.exists() else [])]

    def _after(self, current: _Open) -> Path | None:
        """The file after the one in hand; the first of all when that one is no longer there."""
        files = self._files()
        inodes = [_inode(path) for path in files]
        index = inodes.index(current.inode) + 1 if current.inode in inodes else 0
        return files[index] if index < len(files) else None

    def _open_next(self) -> _Open | None:
        """Open the file that the spool's place is in, else the oldest. Files before that place are done with."""
        files = self._files()
        if not files:
            return None
        place = self._spool.place
        inodes = [_inode(path) for path in files]
        index = inodes.index(place.inode) if place.inode in inodes else 0
        for path in files[:index]:
            path.unlink(missing_ok=True)
        offset = place.offset if inodes[index] == place.inode else 0
        handle = os.open(files[index], os.O_RDONLY | os.O_CLOEXEC)
        inode = os.fstat(handle).st_ino
        self._open = _Open(handle, files[index], inode, offset if inode == place.inode else 0)
        return self._open

    async def _skip_backlog(self) -> None:
        """The disk takes no batch: once more waits in the log than the spool may hold, the oldest of it is given up.

        That lets the log be rotated away, which is what makes room again.
        """
        current = self._open
        if current is None or os.fstat(current.handle).st_size - current.offset <= self._backlog_bytes:
            return
        lost = 0
        while data := _whole_lines(os.pread(current.handle, READ_BYTES, current.offset)):
            lost += data.count(b"\n")
            current.offset += len(data)
        await asyncio.to_thread(self._spool.lose, lost)
        self.gauge()
        log.error("meter.backlog_dropped", records=lost)


def _whole_lines(data: bytes) -> bytes:
    end = data.rfind(b"\n") + 1
    if not end and len(data) > LONGEST_LINE:
        # No engine writes such a line; without this one broken line would stop the meter for ever.
        return data[:-1] + b"\n"
    return data[:end]


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
