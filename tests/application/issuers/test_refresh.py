"""Issuers that are down, slow, or lie: the last good keys go on, and people see what happened."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.application.issuers.keys import jwks, key, kids
from tests.conftest import CtxAs
from tests.integration.web_server import WebServer, redirect, respond
from tests.support.people import Person, Team
from waypost.application.gateways.stream import concerns_routes
from waypost.application.issuers import fetching
from waypost.application.issuers.errors import IssuerInvalid, IssuerTaken, KeysRefused
from waypost.application.issuers.key_sets import key_sets
from waypost.application.issuers.refresh import refresh_due
from waypost.application.issuers.schemas import IssuerCreate, IssuerRead, IssuerUpdate
from waypost.application.issuers.service import IssuerService
from waypost.application.parts import Parts
from waypost.application.work import SYSTEM
from waypost.information.models import EventRow, IssuerRow
from waypost.integration.fetch import SafeFetcher
from waypost.kit.clock import FakeClock
from waypost.kit.errors import Forbidden, NotFound

URL = "https://login.example.test"
SECRET = "a shared secret of more than 32 bytes"


async def make(ctx_as: CtxAs, parts: Parts, who: Person, **wanted: Any) -> IssuerRead:
    body = IssuerCreate(**{"url": URL, "allow_http": True, "algorithms": ["ES256"], **wanted})
    keys = await IssuerService().acquire_new(parts, who.principal, body)
    async with ctx_as(who) as ctx:
        return await IssuerService().create(ctx, body, keys)


async def read(ctx_as: CtxAs, who: Person, issuer_id: str) -> IssuerRead:
    async with ctx_as(who, write=False) as ctx:
        return await IssuerService().get(ctx, issuer_id)


async def kinds(ctx_as: CtxAs) -> list[str]:
    async with ctx_as(SYSTEM, write=False) as ctx:
        found = await ctx.session.scalars(select(EventRow.kind).order_by(EventRow.seq))
        return [kind for kind in found.all() if kind.startswith("issuer.")]


async def test_rotated_keys_reach_the_key_sets_by_themselves(
    ctx_as: CtxAs, parts: Parts, admin: Person, web: WebServer, clock: FakeClock
) -> None:
    first, second = key("first"), key("second")
    web.answers["/keys"] = respond(jwks(first))
    made = await make(ctx_as, parts, admin, jwks_url=web.url("/keys"), client_claim="azp")
    web.answers["/keys"] = respond(jwks(second, first))
    assert await refresh_due(parts) == 0, "it is not time yet"
    for _ in range(2):  # the second time brings the same keys, in whatever order
        clock.advance(400)
        assert await refresh_due(parts) == 1
    async with ctx_as(SYSTEM, write=False) as ctx:
        held = (await key_sets(ctx))[made.id]
    assert kids(held.jwks) == ["first", "second"]
    assert (held.issuer, held.algorithms, held.client_claim, held.owner_id) == (URL, ("ES256",), "azp", "")
    assert await kinds(ctx_as) == ["issuer.created", "issuer.keys_changed"]
    assert concerns_routes("issuer.keys_changed"), "the gateways recompile"


async def hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")


FAULTS = {
    "fetch_failed": drop,
    "fetch_timeout": hang,
    "fetch_status": respond(b"", status="503 Service Unavailable"),
    "keys_not_json": respond(b"<html>Please sign in</html>"),
    "keys_malformed": respond(b'{"error":"not today"}'),
    "keys_none": respond(b'{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'),
    "fetch_too_large": respond(b" " * (fetching.MAX_BYTES + 1)),
    "fetch_redirects": redirect("/keys"),
    "fetch_private_address": redirect("http://169.254.169.254/latest/meta-data/"),
}


@pytest.mark.parametrize("reason", FAULTS)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whatever_an_issuer_does_its_last_good_keys_go_on(
    ctx_as: CtxAs,
    parts: Parts,
    admin: Person,
    web: WebServer,
    clock: FakeClock,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web.answers["/keys"] = good = respond(jwks(key("good")))
    made = await make(ctx_as, parts, admin, jwks_url=web.url("/keys"))
    web.answers["/keys"] = FAULTS[reason]
    clock.advance(400)
    with monkeypatch.context() as patched:
        if reason == "fetch_timeout":
            patched.setattr(fetching, "SECONDS", 0.5)
        for _ in range(3):
            assert await refresh_due(parts) == 1
            clock.advance(200)
    failing = await read(ctx_as, admin, made.id)
    assert (failing.state, failing.error_code) == ("failing", reason)
    assert failing.error
    assert "definition" not in failing.error.lower()
    assert [item.kid for item in failing.keys] == ["good"]
    assert failing.fetched_at < failing.checked_at
    web.answers["/keys"] = good
    clock.advance(400)
    await refresh_due(parts)
    assert (await read(ctx_as, admin, made.id)).state == "ready"
    assert await kinds(ctx_as) == ["issuer.created", "issuer.failing", "issuer.recovered"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_down_issuer_is_asked_less_and_less_and_holds_up_no_other(
    ctx_as: CtxAs, parts: Parts, admin: Person, web: WebServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    for name in ("a", "b", "c", "d"):
        web.answers[f"/{name}"] = respond(jwks(key(name)))
        await make(ctx_as, parts, admin, url=f"{URL}/{name}", jwks_url=web.url(f"/{name}"))
        web.answers[f"/{name}"] = hang
    web.answers["/d"] = respond(jwks(key("e")))
    clock.advance(400)
    began = asyncio.get_running_loop().time()
    assert await refresh_due(parts) == 4
    assert asyncio.get_running_loop().time() - began < 1.5, "together, not one after the other"
    waits = []
    for _ in range(6):
        async with ctx_as(SYSTEM, write=False) as ctx:
            row = await ctx.session.scalar(select(IssuerRow).where(IssuerRow.url == f"{URL}/a"))
        waits.append((row.next_check_at - clock.now()).total_seconds())
        clock.advance(waits[-1] + 1)
        await refresh_due(parts)
    assert 12 <= waits[0] <= 18
    assert waits[-1] > 200
    assert all(wait <= 360 for wait in waits)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_discovery_names_the_keys_and_must_name_itself(
    ctx_as: CtxAs, parts: Parts, admin: Person, web: WebServer
) -> None:
    url = web.url("", host="127.0.0.1")
    web.answers["/keys"] = respond(jwks(key("found")))
    document = {"issuer": url, "jwks_uri": web.url("/keys")}
    for answer, reason in (
        ({**document, "issuer": "https://other.test"}, "discovery_other_issuer"),
        ({"issuer": url}, "discovery_malformed"),
        ({**document, "jwks_uri": "http://10.0.0.1/keys"}, "fetch_private_address"),
        ({**document, "jwks_uri": "file:///etc/passwd"}, "address_insecure"),
        (None, "discovery_malformed"),
    ):
        web.answers["/.well-known/openid-configuration"] = respond(json.dumps(answer).encode())
        with pytest.raises(KeysRefused) as caught:
            await make(ctx_as, parts, admin, url=url)
        assert caught.value.reason == reason
    web.answers["/.well-known/openid-configuration"] = respond(json.dumps(document).encode())
    made = await make(ctx_as, parts, admin, url=url)
    assert (made.source, made.address) == ("discovery", f"{url}/.well-known/openid-configuration")
    assert [item.kid for item in made.keys] == ["found"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_private_addresses_and_plain_http_are_refused(ctx_as: CtxAs, parts: Parts, admin: Person) -> None:
    parts.fetcher = SafeFetcher(allow=())
    for address, allow_http, reason in (
        ("https://127.0.0.1/keys", False, "fetch_private_address"),
        ("http://127.0.0.1/keys", True, "fetch_private_address"),
        ("http://login.example.test/keys", False, "address_insecure"),
    ):
        with pytest.raises(KeysRefused) as caught:
            await make(ctx_as, parts, admin, jwks_url=address, allow_http=allow_http)
        assert caught.value.reason == reason


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_shared_secret_is_sealed_and_stands_alone(ctx_as: CtxAs, parts: Parts, admin: Person) -> None:
    made = await make(ctx_as, parts, admin, shared_secret=SECRET, algorithms=["HS256"])
    assert SECRET not in made.model_dump_json()
    async with ctx_as(SYSTEM, write=False) as ctx:
        row = await ctx.session.get_one(IssuerRow, made.id)
        held = (await key_sets(ctx))[made.id]
    assert SECRET not in row.sealed_secret
    assert (held.secret.reveal(), held.jwks, SECRET in repr(held)) == (SECRET, '{"keys":[]}', False)
    for wanted in (
        {"shared_secret": SECRET, "algorithms": ["RS256"]},
        {"shared_secret": SECRET, "algorithms": ["HS256", "RS256"]},
        {"jwks": jwks(key("a")).decode(), "algorithms": ["HS256"]},
        {"jwks": jwks(key("a")).decode(), "jwks_url": f"{URL}/keys"},
        {"shared_secret": "short", "algorithms": ["HS256"]},
        {"shared_secret": SECRET, "algorithms": ["HS256"], "opaque": True},
    ):
        with pytest.raises(IssuerInvalid):
            await make(ctx_as, parts, admin, url="https://other.test", **wanted)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_issuer_of_opaque_tokens_has_clients_and_no_keys(ctx_as: CtxAs, parts: Parts, admin: Person) -> None:
    made = await make(ctx_as, parts, admin, opaque=True)
    assert (made.source, made.keys, made.may) == ("opaque", [], ["update", "delete"])
    async with ctx_as(SYSTEM, write=False) as ctx:
        assert made.id not in await key_sets(ctx)
    body = IssuerUpdate(jwks=jwks(key("a")).decode())
    keys = await IssuerService().acquire_change(parts, admin.principal, made.id, body)
    async with ctx_as(admin) as ctx:
        assert (await IssuerService().update(ctx, made.id, body, keys, revision=1)).source == "jwks"


async def test_a_change_takes_new_keys_or_leaves_them(ctx_as: CtxAs, parts: Parts, admin: Person) -> None:
    made = await make(ctx_as, parts, admin, jwks=jwks(key("first")).decode(), allow_http=False)
    service, last = IssuerService(), made
    for change, expected in (
        ({"name": "Staff"}, ["first"]),
        ({"jwks": jwks(key("second")).decode()}, ["second"]),
        ({"shared_secret": SECRET, "algorithms": ["HS256"]}, []),
        ({"algorithms": ["HS256"], "client_claim": "azp"}, []),
    ):
        body = IssuerUpdate(**change)
        keys = await service.acquire_change(parts, admin.principal, made.id, body)
        async with ctx_as(admin) as ctx:
            last = await service.update(ctx, made.id, body, keys, revision=last.revision)
        assert [item.kid for item in last.keys] == expected
    assert (last.name, last.client_claim, last.source, last.revision) == ("Staff", "azp", "secret", 5)


async def test_one_url_leads_to_one_set_of_keys(ctx_as: CtxAs, parts: Parts, admin: Person) -> None:
    given = jwks(key("a")).decode()
    await make(ctx_as, parts, admin, jwks=given)
    for url in (URL, "http://hub.test", "http://hub.test/"):
        with pytest.raises(IssuerTaken):
            await make(ctx_as, parts, admin, url=url, jwks=given)


async def test_a_teams_issuer_is_the_teams(ctx_as: CtxAs, parts: Parts, admin: Person, team: Team, people: Any) -> None:
    given = jwks(key("a")).decode()
    made = await make(ctx_as, parts, team.owner, jwks=given, owner_id=team.id, allow_http=False)
    hubs = await make(ctx_as, parts, admin, url="https://hub-wide.test", jwks=given)
    stranger = await people.user()
    with pytest.raises(NotFound):
        await read(ctx_as, stranger, made.id)
    seen = await read(ctx_as, stranger, hubs.id)
    assert (seen.may, seen.address, seen.error) == ([], "", "")
    for who, wanted, problem in (
        (team.owner, {}, Forbidden),
        (team.owner, {"owner_id": team.id, "allow_http": True}, Forbidden),
        (stranger, {"owner_id": team.id}, NotFound),
    ):
        with pytest.raises(problem):
            await make(ctx_as, parts, who, **{"url": "https://x.test", "jwks": given, "allow_http": False, **wanted})
