"""Everything a hub knows in one file, taken while it runs or not, and brought back into an empty place.

The file is a tar (gzip) with ``manifest.json`` first, which names every other member with its size and SHA-256. It
holds the key ring, so it opens every sealed secret: it is written with mode 0600 and belongs where secrets belong.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from waypost.information import pgdump
from waypost.information.analytics.copying import copy_analytics
from waypost.kit.clock import Clock
from waypost.kit.errors import Conflict, Invalid, NotFound, Problem

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE, POSTGRES, ANALYTICS, KEYRING = "database.sqlite", "database.pgdump", "analytics.duckdb", "keyring.json"
MEMBERS = (SQLITE, POSTGRES, ANALYTICS, f"{ANALYTICS}.wal", KEYRING)
CHUNK = 1024 * 1024


class BackupExists(Conflict):
    """The target is there already."""

    code = "backup_exists"
    title = "There is a file of that name already"
    hint = "Choose another name: a backup is never overwritten."


class BackupUnreadable(Invalid):
    """Not a backup, or one that was damaged."""

    code = "backup_unreadable"
    title = "This is not a whole backup"
    hint = "Use another copy of it; nothing was changed."


class NotEmpty(Conflict):
    """The place to restore into holds something."""

    code = "restore_not_empty"
    title = "A backup is restored into an empty place only"
    hint = "Name an empty data folder (and an empty database), or move away what is there."


class NothingToBackUp(NotFound):
    """There is no hub in this data folder."""

    code = "backup_nothing"
    title = "There is no hub here"
    hint = "Name the data folder of a hub that was started at least once."


class BackupFailed(Problem):
    """The disk is full or not writable."""

    code = "backup_failed"
    status = 507
    title = "The backup could not be written"
    hint = "Free some space (twice the size of the data folder is enough), or write to another disk."


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a hub keeps its things."""

    database_url: str
    analytics: Path
    keyring: Path

    @property
    def sqlite(self) -> Path | None:
        """The database's file, None on PostgreSQL."""
        url = make_url(self.database_url)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file in the backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; ``created_at`` RFC 3339."""

    created_at: str
    format: int = FORMAT
    files: tuple[Member, ...] = field(default_factory=tuple)


async def write_backup(layout: Layout, target: Path, *, clock: Clock) -> Manifest:
    """Write ``target``. The hub may run: every part is a consistent copy of one instant, the key ring's the last.

    Raises BackupExists, NothingToBackUp, BackupFailed, and on PostgreSQL what :mod:`.pgdump` raises.
    """
    return await asyncio.to_thread(_write, layout, target, clock.now().isoformat())


async def read_backup(layout: Layout, source: Path) -> Manifest:
    """Bring ``source`` back. All hashes are checked before the first file is put in its place.

    Raises NotEmpty, BackupUnreadable, NotFound.
    """
    return await asyncio.to_thread(_read, layout, source)


def _write(layout: Layout, target: Path, created_at: str) -> Manifest:
    if target.exists():
        raise BackupExists(str(target))
    if not layout.keyring.exists() or (layout.sqlite is not None and not layout.sqlite.exists()):
        raise NothingToBackUp(str(layout.keyring.parent))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as directory:
            staging = Path(directory)
            _stage(layout, staging)
            files = [_member(path) for path in sorted(staging.iterdir())]
            manifest = Manifest(created_at=created_at, files=tuple(files))
            _pack(staging, manifest, target)
        return manifest
    except FileExistsError as error:
        raise BackupExists(str(target)) from error
    except (OSError, sqlite3.OperationalError) as error:
        raise BackupFailed(str(error)) from error


def _stage(layout: Layout, staging: Path) -> None:
    """The key ring comes last: whatever the copies before it were sealed with is on it."""
    if layout.sqlite is not None:
        _copy_sqlite(layout.sqlite, staging / SQLITE)
    else:
        pgdump.dump(layout.database_url, staging / POSTGRES)
    if layout.analytics.exists():
        copy_analytics(layout.analytics, staging / ANALYTICS)
    shutil.copyfile(layout.keyring, staging / KEYRING)


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup: one read transaction, writers go on."""
    origin = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)
    copy = sqlite3.connect(target)
    try:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        origin.close()


def _member(path: Path) -> Member:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(name=path.name, size=path.stat().st_size, sha256=digest)


def _pack(staging: Path, manifest: Manifest, target: Path) -> None:
    listing = staging / MANIFEST
    listing.write_text(json.dumps(asdict(manifest), indent=1))
    packed = staging / "packed"
    with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
            for name in (MANIFEST, *(member.name for member in manifest.files)):
                tar.add(staging / name, arcname=name, recursive=False)
        file.flush()
        os.fsync(file.fileno())
    os.link(packed, target)  # fails where a file of that name has come up in the meantime


def _read(layout: Layout, source: Path) -> Manifest:
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", hint="Check the path.")
    _refuse_what_is_there(layout)
    layout.keyring.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=layout.keyring.parent) as directory:
        staging = Path(directory)
        manifest = _unpack(source, staging)
        _check(layout, staging, manifest)
        _put(layout, staging)
    return manifest


def _refuse_what_is_there(layout: Layout) -> None:
    data = layout.keyring.parent
    if data.exists() and any(data.iterdir()):
        raise NotEmpty(str(data))
    if layout.sqlite is not None and layout.sqlite.exists():
        raise NotEmpty(str(layout.sqlite))
    if layout.sqlite is None and not pgdump.is_empty(layout.database_url):
        raise NotEmpty("The PostgreSQL database has tables.")


def _unpack(source: Path, staging: Path) -> Manifest:
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST or first.size > CHUNK:
                raise BackupUnreadable(f"{source} does not begin with a manifest.")
            manifest = _manifest(json.load(_file(tar, first)))
            for member in manifest.files:
                _extract(tar, member, staging / member.name)
        return manifest
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BackupUnreadable(f"{source}: {error}") from error


def _manifest(body: dict[str, object]) -> Manifest:
    if body["format"] != FORMAT:
        raise BackupUnreadable(f"Its format is {body['format']!r}; this release reads {FORMAT}.")
    files = tuple(Member(**item) for item in body["files"])  # type: ignore[attr-defined]
    if any(member.name not in MEMBERS for member in files):
        raise BackupUnreadable("It names a file that no backup has.")
    return Manifest(created_at=str(body["created_at"]), files=files)


def _extract(tar: tarfile.TarFile, member: Member, target: Path) -> None:
    entry = tar.next()
    if entry is None or entry.name != member.name or entry.size != member.size:
        raise BackupUnreadable(f"{member.name} is missing or cut.")
    digest, source = hashlib.sha256(), _file(tar, entry)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != member.sha256:
        raise BackupUnreadable(f"{member.name} was changed after the backup was made.")


def _file(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(entry) if entry.isreg() else None
    if file is None:
        raise BackupUnreadable(f"{entry.name} is not a file.")
    return file


def _check(layout: Layout, staging: Path, manifest: Manifest) -> None:
    names = {member.name for member in manifest.files}
    needed = POSTGRES if layout.sqlite is None else SQLITE
    if needed not in names or KEYRING not in names:
        kinds = "PostgreSQL" if needed == POSTGRES else "SQLite"
        raise BackupUnreadable(f"It is not a backup of a hub on {kinds}, which the settings ask for.")
    if needed == SQLITE:
        copy = sqlite3.connect(staging / SQLITE)
        try:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BackupUnreadable(str(error)) from error
        finally:
            copy.close()
        if found != "ok":
            raise BackupUnreadable(f"The database in it is damaged: {found}")


def _put(layout: Layout, staging: Path) -> None:
    """The database last: until it is there, the folder still counts as a failed restore and not as a hub."""
    places = {
        KEYRING: layout.keyring,
        ANALYTICS: layout.analytics,
        f"{ANALYTICS}.wal": layout.analytics.with_name(f"{layout.analytics.name}.wal"),
    }
    if layout.sqlite is None:
        pgdump.load(layout.database_url, staging / POSTGRES)
    for name, place in places.items():
        if (staging / name).exists():
            shutil.move(staging / name, place)
    if layout.sqlite is not None:
        layout.sqlite.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staging / SQLITE, layout.sqlite)
