"""Floods of what nobody knows: memory of the engine stays bounded, and other APIs are served meanwhile."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.live.envoy.conftest import Gateway
from tests.live.envoy.test_introspection import opened as opened_opaque
from tests.live.envoy.test_introspection import serving
from tests.live.envoy.test_jwt import ISSUER, jwt

from waypost.contracts.ir import ApiIR, BasicAuth, RateLimit, Route, RoutePolicies
from waypost.contracts.vocab import LimitBy

pytestmark = pytest.mark.live

ROUND = 2000
CONNECTIONS = 16
MOST_GROWTH = 24 * 1024 * 1024


def resident(gateway: Gateway) -> int:
    """The engine's memory in bytes."""
    process = gateway.engine._process
    assert process is not None
    pages = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


async def flood(gateway: Gateway, request: Callable[[int], str], numbers: range) -> Counter[int]:
    """Sends one request per number over some connections; statuses, counted."""
    shares = (numbers[first::CONNECTIONS] for first in range(CONNECTIONS))
    return sum(await asyncio.gather(*(_sent(gateway, map(request, share)) for share in shares)), Counter[int]())


async def _sent(gateway: Gateway, requests: Iterable[str]) -> Counter[int]:
    """One after the other: the engine closes connections on which many answers wait to be read."""
    counted = Counter[int]()
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.driver.port)
    for request in requests:
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        counted[int(head.split(" ", 2)[1])] += 1
        await reader.readexactly(int(head.lower().partition("content-length: ")[2].split("\r\n")[0]))
    writer.close()
    return counted


def get(path: str, *headers: str) -> str:
    return "\r\n".join((f"GET {path} HTTP/1.1", "host: x", *headers, "", ""))


async def bounded(gateway: Gateway, request: Callable[[int], str], status: int) -> None:
    """After a first round that fills caches, three more grow nothing."""
    quiet = gateway.api(key_auth=None)
    await gateway.publish(quiet)
    await flood(gateway, request, range(ROUND))
    before = resident(gateway)
    counted = await flood(gateway, request, range(ROUND, 4 * ROUND))
    assert counted == {status: 3 * ROUND}
    assert resident(gateway) - before < MOST_GROWTH
    assert (await gateway.get(f"{quiet.base_path}/a")).status_code == 200


async def test_unknown_keys_and_paths(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    await bounded(gateway, lambda n: get(f"{api.base_path}/a", f"x-api-key: k_{n:032d}"), 401)
    await bounded(gateway, lambda n: get(f"/none{n}/{n}"), 404)


async def test_wrong_passwords_and_tokens(gateway: Gateway) -> None:
    api = gateway.api(key_auth=None, jwt=jwt(), basic=BasicAuth())
    await gateway.publish(api)
    head, body, signature = ISSUER.token().split(".")

    def password(number: int) -> str:
        return get(f"{api.base_path}/a", f"authorization: Basic {base64.b64encode(b'ann:%d' % number).decode()}")

    def token(number: int) -> str:
        return get(f"{api.base_path}/a", f"authorization: Bearer {head}.{body}.{number:06d}{signature[6:]}")

    await bounded(gateway, password, 401)
    await bounded(gateway, token, 401)


async def test_opaque_tokens_that_nobody_made(gateway: Gateway) -> None:
    async with serving() as server:
        server.answer = {"active": False}
        api: ApiIR = await opened_opaque(gateway, server)
        await bounded(gateway, lambda n: get(f"{api.base_path}/a", f"authorization: Bearer {n:0200d}"), 401)


async def test_values_of_a_claim_or_address_fill_no_more_than_their_share(gateway: Gateway) -> None:
    limit = RateLimit(requests=1_000_000, seconds=1, by=LimitBy.IP)
    route = Route(id="op", method="GET", path="/a", policies=RoutePolicies(rate_limits=(limit,)))
    api = gateway.api(key_auth=None, routes=(route,))
    await gateway.publish(api)
    await bounded(gateway, lambda n: get(f"{api.base_path}/a", f"x-forwarded-for: 10.{n % 250}.{n // 250}.1"), 200)
