"""Copying the analytics file although another process writes it.

DuckDB lets nobody else open its file. So whoever writes holds a lock on a file beside it for as long as a write takes;
while the lock is ours, file and write-ahead log stand still and are together what a kill at this instant would leave,
which DuckDB recovers from by itself.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the lock of the analytics file ``path``; waits for whoever has it."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def copy_analytics(path: Path, target: Path) -> None:
    """A consistent copy of ``path`` and its write-ahead log beside ``target``. Writes wait meanwhile, reads do not."""
    with writing(path):
        for suffix in ("", ".wal"):
            source = path.with_name(path.name + suffix)
            if source.exists():
                copy = target.with_name(target.name + suffix)
                copy.touch(mode=0o600)
                shutil.copyfile(source, copy)
