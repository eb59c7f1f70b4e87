"""Opaque tokens on a real Envoy: what is remembered, how long, and what a server's answer may say."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.live.envoy.conftest import SHARED, Gateway, grant_for
from tests.live.envoy.test_jwt import ISSUER, jwt, refused
from tests.live.envoy.test_records import record_of
from tests.live.envoy.tokens import bearer

from waypost.contracts.ir import ApiIR, HeaderEdit, Introspection, Route, RoutePolicies, Scopes
from waypost.contracts.vocab import CredentialKind
from waypost.kit.crypto import Secret

pytestmark = [pytest.mark.live, SHARED]


class Server:
    """Answers every question with ``answer`` and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = {"active": True, "client_id": "c1"}
        self.asked: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(head.lower().partition("content-length: ")[2].split("\r\n")[0])
                self.asked.append(head + (await reader.readexactly(size)).decode())
                body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    found = Server()
    listening = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = listening.sockets[0].getsockname()[1]
    yield found
    listening.close()


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving() as found:
        yield found


async def opened(gateway: Gateway, server: Server, **changes: Any) -> ApiIR:
    asked = Introspection(
        url=f"http://127.0.0.1:{server.port}/ask?x=1", issuer=ISSUER.url, client_id="g w", client_secret=Secret("s:1")
    )
    api = gateway.api(**{"key_auth": None, "introspection": asked, **changes})
    assert (await gateway.publish(api)).outcomes[0].state == "live"
    await gateway.grant(grant_for(api, key=f"{ISSUER.url} c1", kind=CredentialKind.CLIENT))
    return api


async def asked(gateway: Gateway, api: ApiIR, token: str = "tok+en&/=") -> httpx.Response:
    return await gateway.get(f"{api.base_path}/a", headers=bearer(token))


async def test_what_the_server_is_asked_and_that_it_is_asked_once(gateway: Gateway, server: Server) -> None:
    api = await opened(gateway, server)
    for _ in range(20):
        assert (await asked(gateway, api)).status_code == 200
    assert len(server.asked) <= 2  # once per worker
    assert server.asked[0].startswith("POST /ask?x=1 HTTP/1.1\r\n")
    assert "authorization: Basic ZyUyMHc6cyUzQTE=\r\n" in server.asked[0]
    assert server.asked[0].endswith("\r\n\r\ntoken=tok%2Ben%26%2F%3D&token_type_hint=access_token")


async def test_an_answer_is_remembered_no_longer_than_the_token_lives(gateway: Gateway, server: Server) -> None:
    api = await opened(gateway, server)
    server.answer = {"active": True, "client_id": "c1", "exp": int(time.time()) + 2}
    assert (await asked(gateway, api)).status_code == 200
    deadline = time.time() + 5
    while (answer := await asked(gateway, api)).status_code == 200 and time.time() < deadline:
        await asyncio.sleep(0.1)
    refused(answer, 401, "token_expired")
    assert (await record_of(gateway, answer)).code == "token_expired"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"active": False}, 401, "token_invalid"),
        ({"active": True}, 401, "token_invalid"),
        ({"active": True, "client_id": ""}, 401, "token_invalid"),
        ({"active": True, "client_id": ["c1"]}, 401, "token_invalid"),
        ({"active": True, "client_id": "c1 x"}, 401, "token_invalid"),
        ({"active": True, "client_id": "c1", "iss": "https://other.example"}, 401, "token_invalid"),
        ({"active": True, "client_id": "c1", "nbf": 9_999_999_999}, 401, "token_invalid"),
        ({"active": True, "client_id": "c1", "exp": 1}, 401, "token_expired"),
        ({"active": True, "client_id": "c2"}, 403, "not_subscribed"),
        ({"active": "true", "client_id": "c1"}, 503, "issuer_unavailable"),
        ({}, 503, "issuer_unavailable"),
        (b'{"active": true, "client_id": "c1"', 503, "issuer_unavailable"),
        (b'{"active": true, "client_id": "c1"} x', 503, "issuer_unavailable"),
        (b"[" * 10000, 503, "issuer_unavailable"),
        (b'["active", true]', 503, "issuer_unavailable"),
        (b"", 503, "issuer_unavailable"),
    ],
)
async def test_answers_that_let_nobody_in(gateway: Gateway, server: Server, said: Any, status: int, code: str) -> None:
    api = await opened(gateway, server)
    server.answer = said
    answer = await asked(gateway, api)
    refused(answer, status, code)
    assert (await record_of(gateway, answer)).code == code


async def test_scopes_and_claims_of_the_answer(gateway: Gateway, server: Server) -> None:
    policies = RoutePolicies(
        scopes=Scopes(scopes=("read",), roles=("admin",)),
        headers=HeaderEdit(request_set=(("x-org", "<{claim.org}>"), ("x-evil", "<{claim.evil}>"))),
    )
    api = await opened(gateway, server, routes=(Route(id="op", method="GET", path="/a", policies=policies),))
    known = {"active": True, "client_id": "c1", "org": 'blue \u00e9"', "evil": "a\r\nb: c", "nested": {"x": [1, None]}}
    server.answer = {**known, "scope": "write read", "roles": ["user", "admin"]}
    answer = await asked(gateway, api, "one")
    assert answer.status_code == 200, answer.text
    assert dict(answer.json()["headers"])["x-org"].startswith("<blue ")
    assert dict(answer.json()["headers"])["x-evil"] == "<>"
    for token, poor in (("two", {"scope": "reader"}), ("three", {"scope": "read", "roles": ["user"]})):
        server.answer = {**known, **poor}
        refused(await asked(gateway, api, token), 403, "scope_insufficient")


async def test_signed_and_opaque_tokens_on_one_api(gateway: Gateway, server: Server) -> None:
    api = await opened(gateway, server, jwt=jwt())
    assert (await asked(gateway, api, ISSUER.token())).status_code == 200
    assert server.asked == []
    for opaque in ("opaque", "one.dot", "more.than.two.dots"):
        assert (await asked(gateway, api, opaque)).status_code == 200, opaque
    refused(await asked(gateway, api, "a.b.c"), 401, "token_invalid")
    assert len(server.asked) >= 3


async def test_a_server_that_is_not_there(gateway: Gateway, server: Server) -> None:
    api = await opened(gateway, server)
    api_down = await opened(gateway, Server())
    answer = await asked(gateway, api_down)
    refused(answer, 503, "issuer_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert (await asked(gateway, api)).status_code == 200
