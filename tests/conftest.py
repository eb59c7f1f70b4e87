"""Fixtures of every layer.

``engine`` and all that stands on it run once on SQLite and once on a real PostgreSQL. A module for which the database
makes no difference says ``pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)``.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine
from xdist.remote import Producer

from tests.support.people import People, Person, Team
from tests.support.postgres import PostgresServer, running_postgres
from tests.support.shares import Shares
from waypost.application.context import Context, Principal
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.information.analytics import DuckDbAnalytics, open_analytics
from waypost.information.engine import create_engine
from waypost.information.search import open_search
from waypost.information.secrets import KeyRing
from waypost.information.store import open_store
from waypost.kit.clock import FakeClock

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
# How long an example takes says something of the machine only.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
CtxAs = Callable[..., AbstractAsyncContextManager[Context]]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares:
    """With several workers."""
    return Shares(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, copied for every test: migrating costs more than most tests."""
    path = tmp_path_factory.mktemp("template") / "hub.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A migrated database, copied for every test."""
    name = postgres.create()
    _prepare(postgres.url(name))
    return name


def _prepare(url: str) -> None:
    async def run() -> None:
        engine = await open_store(url, hub_name="Test hub")
        await engine.dispose()

    asyncio.run(run())


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """``sqlite`` or ``postgres``."""
    return str(request.param)


@pytest.fixture
def store_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database on the newest schema, seeded."""
    if database == "sqlite":
        path = tmp_path / "hub.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(template=request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def engine(store_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a fresh database."""
    made = create_engine(store_url)
    yield made
    await made.dispose()


@pytest.fixture
def clock() -> FakeClock:
    """Stands still at a Wednesday noon in the middle of a month until told."""
    return FakeClock(datetime(2026, 7, 15, 12, 0, tzinfo=UTC))


@pytest.fixture
async def analytics(tmp_path: Path, clock: FakeClock) -> AsyncIterator[DuckDbAnalytics]:
    """An empty analytics file."""
    store = await open_analytics(tmp_path / "analytics.duckdb", clock=clock)
    yield store
    await store.close()


@pytest.fixture
def parts(engine: AsyncEngine, clock: FakeClock, analytics: DuckDbAnalytics, tmp_path: Path) -> Parts:
    """All parts of a hub, real ones, with a clock that stands still."""
    from waypost.integration.fetch import SafeFetcher
    from waypost.integration.importers import OpenApiImporter

    return Parts(
        engine=engine,
        clock=clock,
        keyring=KeyRing.load(tmp_path / "keyring.json"),
        analytics=analytics,
        search=open_search(engine),
        importer=OpenApiImporter(),
        fetcher=SafeFetcher(allow=()),
        public_url="http://hub.test",
    )


@pytest.fixture
def ctx_as(parts: Parts) -> CtxAs:
    """``async with ctx_as(person) as ctx:`` a context in a transaction that commits at the end.

    Takes a Person, a Principal or nothing (anonymous); ``write=False`` reads only.
    """

    @asynccontextmanager
    async def open_as(who: Person | Principal | None = None, *, write: bool = True) -> AsyncIterator[Context]:
        principal = who.principal if isinstance(who, Person) else who or Principal()
        async with open_context(parts, principal, write=write, request_id="req_test") as ctx:
            yield ctx
            await ctx.uow.commit()

    return open_as


@pytest.fixture
def people(parts: Parts) -> People:
    """Makes people and teams."""
    return People(parts)


@pytest.fixture
async def admin(people: People) -> Person:
    """An administrator of the hub."""
    return await people.admin()


@pytest.fixture
async def team(people: People) -> Team:
    """A team with an owner."""
    return await people.team("Payments")


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Anonymous REST calls into the application; pass ``headers=person.headers`` to be somebody."""
    from waypost.interaction.api.app import create_app

    transport = httpx.ASGITransport(app=create_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as made:
        yield made
