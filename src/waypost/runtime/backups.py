"""``waypost backup``, ``restore``, ``rotate-keyring``: settings say where things are, the rest is information's."""

from __future__ import annotations

from pathlib import Path

from waypost.information import backup, reseal
from waypost.information.backup import Layout, Manifest
from waypost.information.engine import create_engine
from waypost.information.secrets import KeyRing
from waypost.kit.clock import SystemClock
from waypost.runtime.settings import Settings


def layout(settings: Settings) -> Layout:
    """Where this hub keeps its things."""
    data = settings.data_dir
    return Layout(settings.store_url, data / "analytics.duckdb", data / "keyring.json")


async def write_backup(settings: Settings, target: Path) -> Manifest:
    """Everything this hub knows into ``target``."""
    return await backup.write_backup(layout(settings), target, clock=SystemClock())


async def read_backup(settings: Settings, source: Path) -> Manifest:
    """``source`` into an empty data folder (and, on PostgreSQL, an empty database)."""
    return await backup.read_backup(layout(settings), source)


async def rotate_keys(settings: Settings) -> int:
    """A fresh key for everything stored; how many values were sealed anew."""
    found = layout(settings)
    if not found.keyring.exists():
        raise backup.NothingToBackUp(str(settings.data_dir))
    engine = create_engine(settings.store_url)
    try:
        return await reseal.rotate_keys(engine, SystemClock(), KeyRing.load(found.keyring))
    finally:
        await engine.dispose()
