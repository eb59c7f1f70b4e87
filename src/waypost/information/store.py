"""Opening the relational store: the schema is brought up to date, and the rows that must exist exist."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from waypost.information.engine import WRITE_OPTION, create_engine
from waypost.information.models import EventHeadRow, HubRow, OrganisationRow
from waypost.information.uow import UnitOfWork, unit_of_work
from waypost.kit.clock import Clock, SystemClock
from waypost.kit.errors import Problem
from waypost.kit.ids import new_id

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x77617970_6F737401  # pg_advisory_xact_lock: only one replica migrates
FIRST_HASH = "0" * 64


class NewerDatabase(Problem):
    """The database was written by a newer release."""

    code = "database_newer"
    status = 500
    title = "This database belongs to a newer release"
    hint = "Start the newer release again, or restore the backup made before the upgrade."


async def open_store(url: str, *, clock: Clock | None = None, hub_name: str = "API hub") -> AsyncEngine:
    """An engine on an up-to-date schema; ``hub_name`` names a hub that is new. Dispose the engine when done."""
    await migrate(url)
    engine = create_engine(url)
    try:
        async with unit_of_work(engine, clock or SystemClock()) as uow:
            await _seed(uow, hub_name)
            await uow.commit()
    except BaseException:
        await engine.dispose()
        raise
    return engine


async def migrate(url: str, *, revision: str = "head") -> None:
    """Upgrade to ``revision`` in one transaction, alone. Raises :class:`NewerDatabase`."""
    _make_file(url)
    engine = create_engine(url, foreign_keys=False)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(**{WRITE_OPTION: True})
            await _alone(connection)
            await connection.run_sync(_upgrade, revision)
            await connection.commit()
    finally:
        await engine.dispose()


def _make_file(url: str) -> None:
    """On SQLite: for its owner only. SQLite gives the files that it adds the same mode."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)


async def _alone(connection: AsyncConnection) -> None:
    """Until this transaction ends. On SQLite its BEGIN IMMEDIATE has seen to that."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def schema_revision(engine: AsyncEngine) -> tuple[str | None, str]:
    """(what the database has, what this release needs)."""
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return current, _script().get_current_head() or ""


def require_known(revision: str | None) -> None:
    """Raises :class:`NewerDatabase` for a revision that this release does not know."""
    known = {script.revision for script in _script().walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerDatabase(f"The database is at revision {revision}, which this release does not know.")


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file."""
    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def _upgrade(connection: Connection, revision: str) -> None:
    require_known(MigrationContext.configure(connection).get_current_revision())
    command.upgrade(config(connection), revision)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration would break {len(broken)} references, first in table {broken[0][0]}")


async def _seed(uow: UnitOfWork, hub_name: str) -> None:
    await _alone(await uow.session.connection())
    now = uow.clock.now()
    if await uow.session.get(EventHeadRow, 1) is None:
        uow.session.add(EventHeadRow(id=1, seq=0, hash=FIRST_HASH))
    if await uow.session.get(HubRow, "hub") is None:
        uow.session.add(HubRow(id="hub", name=hub_name, created_at=now, updated_at=now))
    if await uow.session.scalar(select(OrganisationRow.id).limit(1)) is None:
        row = OrganisationRow(id=new_id("org"), slug="default", name=hub_name, created_at=now, updated_at=now)
        uow.session.add(row)
