"""Countries by a real database on a real Envoy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.live.envoy.conftest import Gateway, options, running
from tests.live.envoy.test_access import called, route
from tests.live.envoy.test_jwt import refused
from tests.live.envoy.test_records import record_of

from waypost.contracts.drivers import Capability
from waypost.contracts.ir import Countries
from waypost.integration.gateways.envoy.driver import EnvoyDriver
from waypost.testing.conformance.geoip import database

pytestmark = pytest.mark.live


@pytest.fixture
async def located(tmp_path: Path) -> AsyncIterator[Gateway]:
    file = tmp_path / "countries.mmdb"
    file.write_bytes(database({"127.0.1.0/24": "DE", "127.0.2.0/24": "FR", "127.0.3.7/32": "NL"}))
    async with running(EnvoyDriver(options(tmp_path / "engine", geoip_database=str(file)))) as gateway:
        yield gateway


async def test_countries(located: Gateway) -> None:
    german, french, dutch, nowhere = "127.0.1.9", "127.0.2.9", "127.0.3.7", "127.0.3.8"
    cases: list[tuple[Countries, set[str]]] = [
        (Countries(allow=("DE", "nl")), {german, dutch, nowhere}),
        (Countries(allow=("DE",), unknown=False), {german}),
        (Countries(deny=("FR",)), {german, dutch, nowhere}),
        (Countries(deny=("FR",), unknown=False), {german, dutch}),
        (Countries(allow=("DE", "FR"), deny=("FR",)), {german, nowhere}),
        (Countries(unknown=False), {german, french, dutch}),
        (Countries(), {german, french, dutch, nowhere}),
    ]
    for countries, passing in cases:
        api = located.api(key_auth=None, routes=(route(countries=countries),))
        result = await located.publish(api)
        assert result.outcomes[0].state == "live", result.outcomes
        for source in (german, french, dutch, nowhere):
            answer = await called(located, api, source)
            if source in passing:
                assert answer.status_code == 200, (countries, source)
                assert not [name for name, _ in answer.json()["headers"] if name.startswith("x-gw")]
            else:
                refused(answer, 403, "country_denied")
                assert (await record_of(located, answer)).code == "country_denied"


async def test_without_a_database_the_engine_says_that_it_cannot(tmp_path: Path) -> None:
    assert Capability.COUNTRIES not in EnvoyDriver(options(tmp_path)).info.capabilities
    assert Capability.COUNTRIES in EnvoyDriver(options(tmp_path, geoip_database="x")).info.capabilities
