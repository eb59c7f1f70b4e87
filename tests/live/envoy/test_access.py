"""Addresses, maintenance and opening hours on a real Envoy (scopes and roles: the conformance suite)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.live.envoy.conftest import GET_A, SHARED, Gateway
from tests.live.envoy.test_jwt import refused
from tests.live.envoy.test_records import record_of

from waypost.contracts.ir import ApiIR, IpRules, Maintenance, OpenHours, Route, RoutePolicies, TimeWindows
from waypost.testing.engine import NO_TLS

pytestmark = [pytest.mark.live, SHARED]


def route(path: str = "/a", **policies: object) -> Route:
    return Route(id="op", method="GET", path=path, policies=RoutePolicies(**policies))  # type: ignore[arg-type]


async def asked(gateway: Gateway, source: str = "127.0.0.1", **policies: object) -> httpx.Response:
    api = gateway.api(key_auth=None, routes=(route(**policies),))
    await gateway.publish(api)
    return await called(gateway, api, source)


async def called(gateway: Gateway, api: ApiIR, source: str = "127.0.0.1") -> httpx.Response:
    transport = httpx.AsyncHTTPTransport(local_address=source, verify=NO_TLS)
    async with httpx.AsyncClient(base_url=gateway.engine.base_url, transport=transport, trust_env=False) as client:
        return await client.get(f"{api.base_path}/a")


@pytest.mark.parametrize(
    ("allow", "deny", "passes"),
    [
        ((), ("10.0.0.0/8",), True),
        ((), ("127.0.0.9",), False),
        ((), ("0.0.0.0/0",), False),
        ((), ("::/0",), True),
        (("127.0.0.0/8",), (), True),
        (("127.0.0.8", "127.0.0.9/32"), (), True),
        (("127.0.0.10", "::/0"), (), False),
        (("127.0.0.0/8",), ("127.0.0.9",), False),
        (("127.0.0.13/24",), (), True),
    ],
)
async def test_addresses(gateway: Gateway, allow: tuple[str, ...], deny: tuple[str, ...], passes: bool) -> None:
    answer = await asked(gateway, "127.0.0.9", ip=IpRules(allow=allow, deny=deny))
    if passes:
        assert answer.status_code == 200
    else:
        refused(answer, 403, "address_denied")
        assert (await record_of(gateway, answer)).code == "address_denied"


async def test_an_address_is_asked_before_the_key_and_cannot_be_claimed(gateway: Gateway) -> None:
    api = gateway.api(routes=(route(ip=IpRules(allow=("10.0.0.1",))), replace(GET_A, id="b", path="/b")))
    await gateway.publish(api)
    for headers in ({}, {"x-forwarded-for": "10.0.0.1"}, {"x-real-ip": "10.0.0.1"}, {"forwarded": "for=10.0.0.1"}):
        refused(await gateway.get(f"{api.base_path}/a", headers=headers), 403, "address_denied")
    refused(await gateway.get(f"{api.base_path}/b"), 401, "key_missing")


async def test_maintenance(gateway: Gateway) -> None:
    until = datetime.now(UTC) + timedelta(minutes=10)
    api = gateway.api(
        key_auth=None,
        routes=(route(maintenance=Maintenance(message='back "soon" 100%', until=until, allow=("127.0.0.2",))),),
    )
    await gateway.publish(api)
    answer = await called(gateway, api)
    refused(answer, 503, "maintenance")
    assert answer.json()["detail"] == 'back "soon" 100%'
    assert 590 <= int(answer.headers["retry-after"]) <= 600
    assert (await record_of(gateway, answer)).code == "maintenance"
    assert (await called(gateway, api, "127.0.0.2")).status_code == 200


async def test_maintenance_without_an_end(gateway: Gateway) -> None:
    for until in (None, datetime(2020, 1, 1, tzinfo=UTC)):
        answer = await asked(gateway, maintenance=Maintenance(until=until))
        refused(answer, 503, "maintenance")
        assert answer.headers["retry-after"] == "60"
        assert answer.json()["detail"]
    assert (await asked(gateway, maintenance=Maintenance(enabled=False))).status_code == 200


async def test_hours(gateway: Gateway) -> None:
    while time.time() % 60 > 55:  # the test needs a few seconds of one minute
        time.sleep(0.1)
    now = datetime.now(UTC)
    minute, today = now.hour * 60 + now.minute, now.isoweekday()
    cases = [
        ((), True),
        ((OpenHours(),), True),
        ((OpenHours(days=(today,)),), True),
        ((OpenHours(days=(today % 7 + 1,)),), False),
        ((OpenHours(days=(today,), start_minute=minute, end_minute=minute + 1),), True),
        ((OpenHours(days=(today,), start_minute=minute + 1, end_minute=1440),), False),
        ((OpenHours(days=(today,), start_minute=0, end_minute=minute),), False),
        ((OpenHours(days=(today % 7 + 1,)), OpenHours(days=(today,), start_minute=minute)), True),
    ]
    for windows, passes in cases:
        answer = await asked(gateway, hours=TimeWindows(open=windows))
        assert answer.status_code == (200 if passes else 403), windows
        if passes:
            assert not [name for name, _ in answer.json()["headers"] if name.startswith("x-gw")]
        else:
            refused(answer, 403, "closed")
            assert (await record_of(gateway, answer)).code == "closed"
