"""The engine's process.

Decision: when the agent is killed, its engine goes on serving with what it has; the next agent on the same data
directory ends that orphan and starts anew, with the last good state loaded before the engine asks for it. (Ending
the engine together with the agent would turn every crash of the agent into an outage; adopting the orphan would
tie the engine's connection details to the life of a process that is gone.) One agent holds the directory by a lock, so
that two engines never share a port.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from pathlib import Path

import structlog

from waypost.contracts.drivers import GatewayDriver, ProcessSpec
from waypost.integration.agent.failures import EngineUnavailable, PortTaken
from waypost.integration.agent.options import Timing
from waypost.kit.supervise import Backoff, ChildSpec, Supervisor, end_orphan

log = structlog.get_logger("agent.engine")
# The engine gets no more of the agent's environment than this: an enrolment token may be in there.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
LOUD = ("error", "critical", "fatal", "panic")


class EngineProcess:
    """Starts, watches and ends the engine of one driver. A driver without a process is always running."""

    def __init__(self, driver: GatewayDriver, *, record: Path, timing: Timing) -> None:
        self._driver = driver
        self._record = record
        self._timing = timing
        self._supervisor: Supervisor | None = None
        self._been_ready: int | None = None

    @property
    def running(self) -> bool:
        """True while the process is alive (or the engine is a remote one)."""
        return self._supervisor.running if self._supervisor else True

    @property
    def restarts(self) -> int:
        """How often the engine had to be started again."""
        return self._supervisor.restarts if self._supervisor else 0

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._supervisor.pid if self._supervisor else None

    async def start(self, *, host: str, port: int) -> None:
        """End an orphan, check the port, start. PortTaken or EngineUnavailable when that is impossible."""
        spec = self._driver.process()
        if spec is None:
            return
        if await end_orphan(self._record, spec.argv, stop_seconds=spec.stop_seconds):
            log.warning("engine.orphan_ended", note="an earlier agent was killed and had left its engine running")
        await require_free_port(host, port)
        self._supervisor = self._supervise(spec)
        try:
            await self._supervisor.start()
        except OSError as error:
            raise EngineUnavailable(f"{spec.argv[0]}: {error.strerror}") from error

    async def wait_ready(self, seconds: float) -> bool:
        """True as soon as the engine listens, False when it does not within ``seconds``.

        A process that listened once is not asked again: what is wrong with it later shows where it is used.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while not (self.running and await self._listens()):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _listens(self) -> bool:
        pid = self.pid
        if pid is not None and pid == self._been_ready:
            return True
        if not await self._driver.ready():
            return False
        self._been_ready = pid
        return True

    async def stop(self) -> None:
        """End the engine gracefully."""
        if self._supervisor:
            await self._supervisor.stop()

    def _supervise(self, spec: ProcessSpec) -> Supervisor:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        child = ChildSpec(
            argv=spec.argv,
            env={**passed_on, **spec.env},
            cwd=spec.cwd,
            stop_seconds=spec.stop_seconds,
            stdout=spec.stdout,
        )
        backoff = Backoff(first=self._timing.engine_backoff_first, most=self._timing.engine_backoff_most)
        return Supervisor(child, record=self._record, backoff=backoff, on_line=_on_line, on_exit=_on_exit)


def _on_line(line: str) -> None:
    """Engines print parts of their configuration on errors, so what they print stays short and off by default."""
    loud = any(word in line.lower() for word in LOUD)
    log.log(30 if loud else 10, "engine.says", line=line[:300])


def _on_exit(code: int, tail: list[str]) -> None:
    level = 20 if code in (0, -15) else 40
    log.log(level, "engine.ended", exit_code=code, last_words=[line[:300] for line in tail[-5:]] if level > 20 else [])


async def require_free_port(host: str, port: int, *, patience: float = 2.0) -> None:
    """PortTaken unless the address can be listened on; waits a moment for one that is just being given up."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        error = _bind_error(host, port)
        if error is None:
            return
        waiting = error.errno == errno.EADDRINUSE and asyncio.get_running_loop().time() < deadline
        if not waiting:
            raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}")
        await asyncio.sleep(0.1)


def pick_free_port(host: str) -> int:
    """A port nobody listens on right now."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _bind_error(host: str, port: int) -> OSError | None:
    """Engines open their ports shared (SO_REUSEPORT) and would not notice a second listener: look without it."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
