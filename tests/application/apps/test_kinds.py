"""Credentials of every kind: one value each, resolved to one app, shown once, on their way to the gateways."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.application.apps.material import certificate
from tests.application.world import World
from tests.support.people import Person
from waypost.application.apps.certificates import read_fingerprint
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.errors import BadCredential, CredentialTaken, NothingToRotate, ProofNeeded
from waypost.application.apps.moving import follow_issuer
from waypost.application.apps.schemas import CredentialRotate
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import CredentialRow, EventRow, IssuerRow
from waypost.kit.clock import FakeClock
from waypost.kit.crypto import sha256_hex

ISSUER = "https://login.example.test"


async def _issuer(world: World) -> str:
    now = world.parts.clock.now()
    async with open_context(world.parts, SYSTEM, write=True) as ctx:
        row = IssuerRow(id="iss_1", name="Login", url=ISSUER, source="jwks", algorithms=["RS256"])
        row.created_at = row.updated_at = now
        ctx.session.add(row)
        await ctx.uow.commit()
    return "iss_1"


async def _rotate(world: World, credential_id: str, *, who: Person | None = None, **body: Any) -> Any:
    async with open_context(world.parts, (who or world.consumer).principal, write=True) as ctx:
        made = await CredentialService().rotate(ctx, credential_id, CredentialRotate(**body))
        await ctx.uow.commit()
    return made


async def _published(world: World) -> str:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    return app.id


async def test_each_kind_reaches_the_gateway_as_one_value(world: World, clock: FakeClock) -> None:
    app_id = await _published(world)
    await _issuer(world)
    pem, fingerprint, _ = certificate(clock.now())
    key = await world.key(app_id)
    basic = await world.key(app_id, kind="basic")
    client = await world.key(app_id, kind="oauth_client")
    admin = await world.people.admin()
    outside = await world.key(app_id, who=admin, kind="external_client", issuer=ISSUER, client_id="planner")
    cert = await world.key(app_id, who=admin, kind="certificate", certificate=pem)
    agent = world.agent()
    await agent.look()
    grants = {item["credential_id"]: item for item in agent.grants.values()}
    assert {(grants[made.id]["kind"], grants[made.id]["key"]) for made in (key, basic, client, outside, cert)} == {
        ("key", key.key),
        ("basic", f"{basic.username}:{basic.password}"),
        ("client", f"http://hub.test {client.client_id}"),
        ("client", f"{ISSUER} planner"),
        ("certificate", fingerprint),
    }
    assert all(item["key_sha256"] == sha256_hex(item["key"]) for item in grants.values())
    assert (client.token_url, key.token_url) == ("http://hub.test/oauth/token", "")
    assert (cert.subject, cert.expires_at) == ("CN=planner", (clock.now() + timedelta(days=30)))
    assert (basic.key, outside.client_secret) == ("", "")


async def test_no_secret_is_stored_in_clear_or_told_twice(world: World) -> None:
    app = await world.app()
    basic = await world.key(app.id, kind="basic")
    client = await world.key(app.id, kind="oauth_client")
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        rows = (await ctx.session.scalars(select(CredentialRow))).all()
        stored = " ".join(str(getattr(row, column.name)) for row in rows for column in CredentialRow.__table__.columns)
        events = json.dumps([event.data for event in (await ctx.session.scalars(select(EventRow))).all()])
        from waypost.kit.paging import PageRequest

        listed = (await CredentialService().list(ctx, app.id, page=PageRequest())).items
        shown = " ".join(item.model_dump_json() for item in listed)
    for secret in (basic.password, client.client_secret):
        assert len(secret) >= 43
        assert secret not in stored + events + shown
    assert {item.identifier for item in listed} == {basic.username, client.client_id}


async def test_what_belongs_to_one_app_is_told_to_no_other(world: World, clock: FakeClock) -> None:
    mine = await world.app()
    admin, issuer_id = await world.people.admin(), await _issuer(world)
    pem, fingerprint, _ = certificate(clock.now())
    wanted: list[dict[str, Any]] = [
        {"kind": "certificate", "certificate": pem},
        {"kind": "external_client", "issuer": issuer_id, "client_id": "planner"},
    ]
    for body in wanted:
        made = await world.key(mine.id, who=admin, **body)
        with pytest.raises(CredentialTaken) as caught:
            await world.key(mine.id, who=admin, **body)
        assert made.id in caught.value.detail, "who sees the app is told where to revoke it"
        async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
            await CredentialService().revoke(ctx, made.id)
            await ctx.uow.commit()
        again = await world.key(mine.id, who=admin, **body)
        assert again.identifier == made.identifier, "what was revoked may be registered anew"
    with pytest.raises(CredentialTaken):
        await world.key(mine.id, who=admin, kind="certificate", fingerprint=fingerprint.upper())


async def test_each_kind_rotates_in_its_own_way(world: World, clock: FakeClock) -> None:
    app_id = await _published(world)
    await _issuer(world)
    first, second = certificate(clock.now())[0], certificate(clock.now(), days=60)[0]
    basic = await world.key(app_id, kind="basic")
    client = await world.key(app_id, kind="oauth_client")
    admin = await world.people.admin()
    outside = await world.key(app_id, who=admin, kind="external_client", issuer=ISSUER, client_id="planner")
    cert = await world.key(app_id, who=admin, kind="certificate", certificate=first)
    assert outside.may == ["revoke"]
    new_basic = await _rotate(world, basic.id, overlap_seconds=60)
    new_client = await _rotate(world, client.id)
    with pytest.raises(ProofNeeded):
        await _rotate(world, cert.id, certificate=second, overlap_seconds=60)
    new_cert = await _rotate(world, cert.id, who=admin, certificate=second, overlap_seconds=60)
    assert new_basic.username != basic.username
    assert new_client.client_secret != client.client_secret
    assert new_cert.expires_at == clock.now() + timedelta(days=60)
    with pytest.raises(NothingToRotate):
        await _rotate(world, outside.id)
    with pytest.raises(BadCredential):
        await _rotate(world, new_cert.id)
    agent = world.agent()
    await agent.look()
    held = {item["credential_id"] for item in agent.grants.values()}
    assert held == {basic.id, new_basic.id, new_client.id, outside.id, cert.id, new_cert.id}


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"kind": "key", "client_id": "x"}, "/client_id"),
        ({"kind": "basic", "certificate": "x"}, "/certificate"),
        ({"kind": "external_client", "issuer": "https://nobody.test", "client_id": "x"}, "/issuer"),
        ({"kind": "external_client", "issuer": "http://hub.test", "client_id": "x"}, "/issuer"),
        ({"kind": "external_client", "client_id": "x"}, "/issuer"),
        ({"kind": "certificate"}, "/certificate"),
        ({"kind": "certificate", "certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END"}, "/certificate"),
        ({"kind": "certificate", "fingerprint": "ab:cd"}, "/fingerprint"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_makes_no_credential_is_named(world: World, wanted: dict[str, Any], pointer: str) -> None:
    app = await world.app()
    with pytest.raises(BadCredential) as caught:
        await world.key(app.id, **wanted)
    assert [item.pointer for item in caught.value.errors] == [pointer]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_certificate_is_sent_alone_and_alive(world: World, clock: FakeClock) -> None:
    app = await world.app()
    pem, _, private = certificate(clock.now())
    gone = certificate(clock.now(), days=-1)[0]
    for text, said in ((pem + private, "private key"), (pem + pem, "2 certificates"), (gone, "expired")):
        with pytest.raises(BadCredential) as caught:
            await world.key(app.id, kind="certificate", certificate=text)
        assert said in caught.value.errors[0].message


@given(st.binary(min_size=32, max_size=32), st.sampled_from(["", ":", " "]), st.booleans())
def test_a_fingerprint_is_read_in_every_spelling(digest: bytes, between: str, upper: bool) -> None:
    text = between.join(f"{byte:02x}" for byte in digest)
    assert read_fingerprint(text.upper() if upper else text) == digest.hex()


async def test_clients_follow_the_hub_to_its_new_address(world: World) -> None:
    app_id = await _published(world)
    client, key = await world.key(app_id, kind="oauth_client"), await world.key(app_id)
    agent = world.agent()
    await agent.look()
    world.parts.public_url = "https://apis.example.test/"
    for expected in (1, 0):
        async with open_context(world.parts, SYSTEM, write=True) as ctx:
            assert await follow_issuer(ctx) == expected
            await ctx.uow.commit()
    await agent.look()
    assert agent.keys() == {f"https://apis.example.test {client.client_id}", key.key}
