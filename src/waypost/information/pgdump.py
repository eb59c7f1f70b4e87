"""PostgreSQL's own tools for a copy of its database: ``pg_dump`` and ``pg_restore`` of the server's major version."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, make_url

from waypost.kit.errors import Unavailable

SECONDS = 3600


class PostgresToolsMissing(Unavailable):
    """``pg_dump`` is not installed here."""

    code = "postgres_tools_missing"
    title = "PostgreSQL's client tools are not installed on this machine"
    hint = "Install them (Debian: postgresql-client), or leave the database to your own PostgreSQL backups."


class PostgresToolFailed(Unavailable):
    """``pg_dump``, ``pg_restore`` or ``psql`` ended with an error."""

    code = "postgres_tool_failed"
    title = "PostgreSQL's tool has failed"
    hint = "Its own message is in the detail; the tools must not be older than the server."


def dump(url: str, target: Path) -> None:
    """The whole database into ``target`` (custom format), as of one instant."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Bring a dump into an empty database, all or nothing."""
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(source))


def is_empty(url: str) -> bool:
    """Whether the database has no table of its own."""
    query = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    return _run("psql", url, "-X", "-A", "-t", "-c", query).strip() == "0"


def _run(tool: str, url: str, *arguments: str) -> str:
    program = shutil.which(tool)
    if program is None:
        raise PostgresToolsMissing(f"`{tool}` was not found.")
    parsed = make_url(url)
    argv = [program, f"--dbname={_address(parsed)}", *arguments]
    environment = dict(os.environ) | ({"PGPASSWORD": str(parsed.password)} if parsed.password else {})
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    if done.returncode != 0:
        raise PostgresToolFailed(f"{tool}: {done.stderr.strip()[:1000]}")
    return done.stdout


def _address(url: URL) -> str:
    """Without the password: command lines are for everybody to read."""
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string()
