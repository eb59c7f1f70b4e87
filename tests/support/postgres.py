"""A real PostgreSQL server for one test run, in a temporary directory, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "postgres"
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "shared_buffers=64MB")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server; ``bin`` holds psql and pg_dump."""

    port: int
    directory: Path
    bin: Path

    def url(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, *, template: str = "template1") -> str:
        """A new database, a copy of ``template``; its name."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, statement: str) -> str:
        """Run a statement on the maintenance database."""
        argv = [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        done = subprocess.run([*argv, self.url("postgres")], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def binaries() -> Path:
    """Where ``initdb`` is. A missing server fails the tests: skipping would hide half of what is promised."""
    on_path = shutil.which("initdb")
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]  # Debian keeps them off the path
    if on_path:
        found.append(Path(on_path).resolve().parent)
    assert found, "PostgreSQL is not installed; `scripts/need postgresql` installs it"
    return found[0]


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start one, yield it, stop it."""
    bin_dir, directory = binaries(), Path(tempfile.mkdtemp(prefix="pg-"))
    owner = pwd.getpwnam(USER) if os.geteuid() == 0 else None  # the server refuses to run as root
    if owner:
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    data, port = directory / "data", _free_port()
    try:
        _run(
            owner,
            bin_dir / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        options = [str(bin_dir / "postgres"), "-D", str(data), "-p", str(port), "-k", str(directory), *FAST]
        log = (directory / "log").open("wb")
        process = subprocess.Popen([*options, "-h", "127.0.0.1"], stdout=log, stderr=log, **_as(owner))
        try:
            _await_ready(bin_dir, port, process)
            yield PostgresServer(port, directory, bin_dir)
        finally:
            process.terminate()  # smart shutdown waits for clients, so ask a second time for the fast one
            process.send_signal(2)
            process.wait(30)
            log.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _await_ready(bin_dir: Path, port: int, process: subprocess.Popen[bytes]) -> None:
    argv = [str(bin_dir / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    for _ in range(300):
        assert process.poll() is None, "postgres ended while starting"
        if subprocess.run(argv, check=False, timeout=10).returncode == 0:
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("postgres did not become ready")


def _run(owner: pwd.struct_passwd | None, *argv: object) -> None:
    done = subprocess.run([str(a) for a in argv], check=False, capture_output=True, timeout=120, **_as(owner))
    assert done.returncode == 0, done.stderr.decode()


def _as(owner: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "cwd": "/"} if owner else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
