# ruff: noqa: E501 - tables of cases
"""Opening, migrating, seeding: on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.postgres import PostgresServer
from waypost.information.engine import WRITE_OPTION, create_engine
from waypost.information.migrations.compare import include_object
from waypost.information.models import (
    Base,
    CredentialRow,
    EventHeadRow,
    HubRow,
    OrganisationRow,
    PlanVersionRow,
    QuotaCounterRow,
)
from waypost.information.store import NewerDatabase, migrate, open_store, schema_revision
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock


@pytest.fixture
def empty_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'empty.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    request.addfinalizer(lambda: server.drop(name))
    return server.url(name)


async def test_models_and_migrations_say_the_same(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        options = {"compare_type": True, "include_object": include_object}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    current, needed = await schema_revision(engine)
    assert current == needed != ""


async def test_opening_seeds_once(empty_url: str) -> None:
    for name in ("First name", "Ignored afterwards"):
        engine = await open_store(empty_url, hub_name=name)
        async with unit_of_work(engine, FakeClock(), write=False) as uow:
            hub = await uow.session.get_one(HubRow, "hub")
            assert hub.name == "First name"
            assert await uow.session.scalar(select(func.count()).select_from(OrganisationRow)) == 1
            assert (await uow.session.get_one(EventHeadRow, 1)).seq == 0
        await engine.dispose()


async def test_replicas_that_start_together_migrate_once(empty_url: str) -> None:
    engines = await asyncio.gather(*(open_store(empty_url) for _ in range(4)))
    async with unit_of_work(engines[0], FakeClock(), write=False) as uow:
        assert await uow.session.scalar(select(func.count()).select_from(OrganisationRow)) == 1
    for engine in engines:
        await engine.dispose()


async def _filled(url: str, revision: str, statements: Sequence[str]) -> None:
    """A store of an earlier hub with these rows."""
    await migrate(url, revision=revision)
    old = create_engine(url)
    async with old.connect() as connection:
        await connection.execution_options(**{WRITE_OPTION: True})
        for statement in statements:
            await connection.execute(text(statement))
        await connection.commit()
    await old.dispose()


async def test_an_upgrade_keeps_the_data_and_makes_it_findable(empty_url: str) -> None:
    await _filled(empty_url, BEFORE_FULL_TEXT, OLD_ROWS)
    engine = await open_store(empty_url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT name FROM apis")) == "Payments"
        if engine.dialect.name == "sqlite":
            found = "SELECT count(*) FROM search_fts WHERE search_fts MATCH 'payments'"
        else:
            found = "SELECT count(*) FROM search_documents WHERE words @@ to_tsquery('simple', 'payments')"
        assert await connection.scalar(text(found)) == 1
    await engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_file_is_for_its_owner_only(empty_url: str) -> None:
    engine = await open_store(empty_url)
    async with unit_of_work(engine, FakeClock()) as uow:
        await uow.record("hub.updated", object_kind="hub", object_id="hub")
        await uow.commit()
        files = list(Path(empty_url.removeprefix("sqlite:///")).parent.iterdir())
        assert {path.stat().st_mode & 0o077 for path in files} == {0}
        assert len(files) == 3
    await engine.dispose()


async def test_a_newer_database_is_refused_and_left_alone(store_url: str) -> None:
    engine = create_engine(store_url)
    async with engine.connect() as connection:
        await connection.execution_options(**{WRITE_OPTION: True})
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.commit()
    with pytest.raises(NewerDatabase, match="9999"):
        await open_store(store_url)
    await engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sqlite_is_durable_and_checks_references(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        pragmas = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


BEFORE_FULL_TEXT = "0002"
AT = "'2026-01-01 00:00:00'"
OLD_ROWS = (
    f"INSERT INTO entities(id, kind, slug, name, created_at) VALUES ('team_1', 'team', 'red', 'Red', {AT})",
    "INSERT INTO apis(id, slug, base_path, owner_id, name, kind, visibility, lifecycle, category, tags, summary, description,"
    " support_url, demo, created_at, updated_at, revision) VALUES ('api_1', 'pay', '/pay', 'team_1', 'Payments', 'rest',"
    f" 'public', 'published', '', '[]', '', '', '', false, {AT}, {AT}, 1)",
    "INSERT INTO search_documents(id, type, api_id, owner_id, visibility, lifecycle, category, kind, sort_title, excerpt,"
    " words_a, words_b, words_c, words_d) VALUES ('api_1', 'api', 'api_1', 'team_1', 'public', 'published', '', 'rest',"
    " 'payments', '', 'payments', '', '', '')",
)

OLD_QUOTAS = (
    "INSERT INTO plans(id, api_id, slug, name, description, position, lifecycle, created_at, updated_at, revision)"
    f" VALUES ('plan_1', 'api_1', 'free', 'Free', '', 0, 'published', {AT}, {AT}, 1)",
    "INSERT INTO plan_versions(id, plan_id, number, rate_limits, quota, approval, features, created_at) VALUES"
    f""" ('plv_1', 'plan_1', 1, '[]', '{{"requests": 1000, "window": "day"}}', false, '[]', {AT}),"""
    f" ('plv_2', 'plan_1', 2, '[]', NULL, false, '[]', {AT})",
    f"INSERT INTO apps(id, owner_id, name, description, demo, created_at, updated_at, revision) VALUES ('app_1', 'team_1', 'A', '', false, {AT}, {AT}, 1)",
    "INSERT INTO subscriptions(id, app_id, api_id, plan_version_id, state, reason, requested_by, demo, created_at, updated_at, revision)"
    f" VALUES ('sub_1', 'app_1', 'api_1', 'plv_1', 'active', '', 'usr_1', false, {AT}, {AT}, 1)",
    f"""INSERT INTO quota_counters(subscription_id, "window", starts_at, used) VALUES ('sub_1', 'day', {AT}, 7)""",
)


async def test_an_upgrade_keeps_quotas_and_what_was_used_of_them(empty_url: str) -> None:
    await _filled(empty_url, "0005", (*OLD_ROWS[:2], *OLD_QUOTAS))
    engine = await open_store(empty_url)
    async with unit_of_work(engine, FakeClock(), write=False) as uow:
        rows = (await uow.session.scalars(select(PlanVersionRow).order_by(PlanVersionRow.number))).all()
        assert [[(item["amount"], item["window"]) for item in row.quotas] for row in rows] == [[(1000, "day")], []]
        counter = (await uow.session.scalars(select(QuotaCounterRow))).one()
        assert (counter.meter, counter.span, counter.used) == ("requests", "day", 7)
    await engine.dispose()


OLD_KINDS = ("key", "basic", "oauth_client", "external_client", "certificate")
OLD_CREDENTIALS = tuple(
    f"INSERT INTO credentials(id, app_id, kind, name, prefix, key_sha256, sealed, state, created_at) VALUES ('cred_{kind}',"
    f" 'app_1', '{kind}', '', 'k', '{kind}', '', 'active', {AT})"
    for kind in OLD_KINDS
)


async def test_an_upgrade_believes_no_more_than_was_shown(empty_url: str) -> None:
    await _filled(empty_url, "0014", (OLD_ROWS[0], OLD_QUOTAS[2], *OLD_CREDENTIALS))
    engine = await open_store(empty_url)
    async with unit_of_work(engine, FakeClock(), write=False) as uow:
        rows = (await uow.session.scalars(select(CredentialRow))).all()
        assert {row.kind for row in rows if not row.proven} == {"external_client", "certificate"}
        assert {row.kind for row in rows if row.proven} == {"key", "basic", "oauth_client"}
    await engine.dispose()
