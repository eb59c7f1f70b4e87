"""All six steps by REST through a real engine: Envoy on SQLite and on PostgreSQL, HAProxy on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import journey
from tests.e2e.product import running
from tests.e2e.upstream import serving
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.live


@pytest.fixture
def empty_postgres(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database without any table."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def setting(request: pytest.FixtureRequest) -> dict[str, str]:
    """The setting that chooses the relational store."""
    if request.param == "sqlite":
        return {}
    return {"WAYPOST_DATABASE_URL": request.getfixturevalue("empty_postgres")}


def test_the_journey_by_rest(tmp_path: Path, setting: dict[str, str]) -> None:
    whole_journey(tmp_path / "hub", setting, engine="envoy")


def test_the_journey_on_haproxy(tmp_path: Path) -> None:
    whole_journey(tmp_path / "hub", {}, engine="haproxy")


def whole_journey(data: Path, setting: dict[str, str], *, engine: str) -> None:
    """Every step, one after the other."""
    options = ("--engine", engine)
    with running(data, env=setting, options=options) as product, serving() as upstream, serving() as second:
        who = journey.people(product)
        published = journey.publish(who, upstream)
        published["other"] = journey.publish(who, second, "Returns")
        mine = journey.find_and_subscribe(who, published)
        journey.limits_and_refusals(product, who, published, mine)
        journey.key_of_another_api(who, published, who.consumer)
        mine["key"] = journey.rotate_and_revoke(who, published, mine)
        journey.approval_and_quota(who, published)
        journey.usage(who, published, mine)
        assert product.stop() == 0
