"""Keep one child process running: restart with backoff, stop gracefully, find an orphan of an earlier life again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

CREATE_TIME_TOLERANCE = 2.0
LINE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """What to run. ``env`` is the whole environment; ``stop_seconds`` is between SIGTERM and SIGKILL.

    ``stdout`` is a file to append standard output to; then only standard error is read as what the child prints.
    """

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    stop_seconds: float = 5.0
    stdout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds between restarts: doubled from ``first`` to ``most``, back to ``first`` after a life of ``healthy``."""

    first: float = 0.1
    most: float = 10.0
    healthy: float = 10.0


class Supervisor:
    """Runs a child again and again until :meth:`stop`.

    ``on_line`` gets each line the child prints. ``record`` is a file that names the running child, so that the next
    supervisor can end it with :func:`end_orphan` when this process was killed: the child outlives it on purpose.
    """

    def __init__(
        self,
        spec: ChildSpec,
        *,
        record: Path | None = None,
        backoff: Backoff | None = None,
        on_line: Callable[[str], None] | None = None,
        on_exit: Callable[[int, list[str]], None] | None = None,
    ) -> None:
        self.restarts = 0
        self.pid: int | None = None
        self._spec = spec
        self._record = record
        self._backoff = backoff or Backoff()
        self._on_line = on_line
        self._on_exit = on_exit
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tail: deque[str] = deque(maxlen=20)

    @property
    def running(self) -> bool:
        """True while the child is alive."""
        return self.pid is not None

    async def start(self) -> None:
        """Start the child; OSError when its program cannot be run at all."""
        process = await self._spawn()
        self._task = asyncio.create_task(self._watch(process))

    async def stop(self) -> None:
        """End the child for good: SIGTERM, then SIGKILL when it takes too long."""
        self._stopping.set()
        if self._task:
            await self._task

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        delay = self._backoff.first
        while True:
            born = time.monotonic()
            await self._live(process)
            if self._stopping.is_set():
                return
            delay = self._backoff.first if time.monotonic() - born >= self._backoff.healthy else delay
            again = await self._spawn_later(delay)
            delay = min(delay * 2, self._backoff.most)
            if again is None:
                return
            process = again

    async def _spawn_later(self, delay: float) -> asyncio.subprocess.Process | None:
        while not await self._stopped_within(delay):
            try:
                process = await self._spawn()
            except OSError as error:
                self._say(f"cannot start again: {error.strerror}")
                delay = self._backoff.most
            else:
                self.restarts += 1
                return process
        return None

    async def _stopped_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    async def _spawn(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        with appending(self._spec.stdout) as stdout:
            process = await asyncio.create_subprocess_exec(
                *self._spec.argv,
                env=dict(self._spec.env),
                cwd=self._spec.cwd or None,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout or pipe,
                stderr=pipe if stdout else asyncio.subprocess.STDOUT,
                start_new_session=True,
                limit=LINE_LIMIT,
            )
        self.pid = process.pid
        self._tail.clear()
        if self._record:
            write_record(self._record, process.pid)
        return process

    async def _live(self, process: asyncio.subprocess.Process) -> None:
        """Until the child has ended, by itself or because of :meth:`stop`."""
        reader = asyncio.create_task(self._read(process))
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await self._end(process, ended)
        stopping.cancel()
        self.pid = None
        if self._record:
            self._record.unlink(missing_ok=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await reader
        if self._on_exit:
            self._on_exit(await ended, list(self._tail))

    async def _end(self, process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
        process.terminate()
        done, _ = await asyncio.wait({ended}, timeout=self._spec.stop_seconds)
        if not done:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await ended

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stderr if self._spec.stdout else process.stdout
        while stream is not None:
            try:
                line = await stream.readline()
            except ValueError:  # longer than LINE_LIMIT: readline has dropped it
                continue
            if not line:
                return
            self._say(line.decode(errors="replace").rstrip())

    def _say(self, line: str) -> None:
        self._tail.append(line)
        if self._on_line:
            self._on_line(line)


@contextlib.contextmanager
def appending(path: str) -> Iterator[IO[bytes] | None]:
    """A file that a child appends to, made with mode 0600; None for an empty path."""
    if not path:
        yield None
        return
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file


def write_record(path: Path, pid: int) -> None:
    """Note which process ``pid`` is, in a way that survives reuse of the number. A full disk is no reason to fail."""
    try:
        process = psutil.Process(pid)
        text = json.dumps({"pid": pid, "create_time": process.create_time(), "exe": process.exe()})
        path.write_text(text)
    except (psutil.Error, OSError):
        path.unlink(missing_ok=True)


async def end_orphan(record: Path, argv: Sequence[str], *, stop_seconds: float) -> bool:
    """End what an earlier supervisor left running: the recorded child, or one of ours with the very same ``argv``.

    True when there was one. A process is only touched when program and start time (or the whole command line and the
    user) are those of the child.
    """
    orphans = await asyncio.to_thread(_orphans, record, list(argv))
    for process in orphans:
        await asyncio.to_thread(_end_process, process, stop_seconds)
    await asyncio.to_thread(record.unlink, missing_ok=True)
    return bool(orphans)


def _orphans(record: Path, argv: list[str]) -> list[psutil.Process]:
    found = {process.pid: process for process in _same_command(argv)}
    recorded = _recorded(record)
    if recorded is not None:
        found[recorded.pid] = recorded
    found.pop(os.getpid(), None)
    return list(found.values())


def _recorded(record: Path) -> psutil.Process | None:
    try:
        noted = json.loads(record.read_text())
        process = psutil.Process(int(noted["pid"]))
        same_time = abs(process.create_time() - float(noted["create_time"])) < CREATE_TIME_TOLERANCE
        return process if same_time and process.exe() == noted["exe"] else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def _same_command(argv: list[str]) -> list[psutil.Process]:
    """Covers a kill between the start of a child and its record."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cmdline() == argv and process.uids().real == os.getuid():
                found.append(process)
    return found


def _end_process(process: psutil.Process, stop_seconds: float) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(stop_seconds)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
