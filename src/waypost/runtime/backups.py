"""``waypost backup``, ``restore`` and ``rotate-keyring`` for the hub that the settings name."""

from __future__ import annotations

from pathlib import Path

from waypost.information import backup, reseal
from waypost.information.engine import create_engine
from waypost.information.secrets import KeyRing
from waypost.kit.clock import SystemClock
from waypost.runtime.settings import Settings


async def write_backup(settings: Settings, target: Path) -> None:
    """Copy the hub, running or not, into ``target``."""
    await backup.write_backup(_layout(settings), target, clock=SystemClock())


async def read_backup(settings: Settings, source: Path) -> None:
    """Bring ``source`` into an empty data folder."""
    await backup.read_backup(_layout(settings), source)


async def rotate_keys(settings: Settings) -> int:
    """A fresh key on the ring; how many stored values were sealed anew. Safe while the hub runs."""
    keyring = settings.data_dir / "keyring.json"
    if not keyring.exists():  # loading would make one
        raise backup.NothingToBackUp(str(settings.data_dir))
    engine = create_engine(settings.store_url)
    try:
        return await reseal.rotate_keys(engine, SystemClock(), KeyRing.load(keyring))
    finally:
        await engine.dispose()


def _layout(settings: Settings) -> backup.Layout:
    return backup.Layout(
        database_url=settings.store_url,
        analytics=settings.data_dir / "analytics.duckdb",
        keyring=settings.data_dir / "keyring.json",
    )
