"""The token endpoint as RFC 6749 describes it, the tokens as RFC 9068 does, the metadata as RFC 8414."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from joserfc import jwk, jwt
from sqlalchemy import delete

from tests.application.world import World, make_world
from tests.conftest import CtxAs
from tests.support.people import People, Person
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import AppCreate, CredentialCreated
from waypost.application.apps.service import AppService
from waypost.application.oauth.attempts import PER_CLIENT, PER_NETWORK, Attempts
from waypost.application.oauth.errors import OAuthError
from waypost.application.parts import Parts
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import ApiRow, PlanRow, PlanVersionRow, PolicyRow, SubscriptionRow
from waypost.kit.clock import FakeClock
from waypost.kit.ids import new_id

TOKEN = "/oauth/token"
AUDIENCE = "http://hub.test/apis/weather"


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    made = await make_world(parts, people)
    await made.publish()
    return made


@pytest.fixture
async def subscribed(world: World, ctx_as: CtxAs) -> CredentialCreated:
    """A client of an app whose plan gives the scopes `read` and `write`."""
    app = await world.app()
    await world.subscribe(app.id)
    await give(world, ctx_as, ["write", "read"])
    return await world.key(app.id, kind="oauth_client")


async def give(world: World, ctx_as: CtxAs, scopes: list[str]) -> None:
    now, plan = world.parts.clock.now(), world.plans["free"]
    async with ctx_as(SYSTEM) as ctx:
        await ctx.session.execute(delete(PolicyRow).where(PolicyRow.target_id == plan))
        row = PolicyRow(id=new_id("pol"), api_id=world.api_id, level="plan", target_id=plan, kind="scopes")
        row.config, row.created_at, row.updated_at = {"scopes": scopes}, now, now
        ctx.session.add(row)


def basic(user: str, password: str) -> dict[str, str]:
    pair = f"{quote_plus(user)}:{quote_plus(password)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


async def ask(client: httpx.AsyncClient, made: CredentialCreated, **form: Any) -> httpx.Response:
    data = {"grant_type": "client_credentials", **form}
    return await client.post(TOKEN, data=data, headers=basic(made.client_id, made.client_secret))


async def claims(client: httpx.AsyncClient, answer: httpx.Response) -> tuple[dict[str, Any], dict[str, Any]]:
    """(header, claims) of a token, verified with the keys that are published."""
    assert answer.status_code == 200, answer.text
    keys = jwk.KeySet.import_key_set((await client.get("/oauth/jwks.json")).json())
    token = jwt.decode(answer.json()["access_token"], keys, algorithms=["ES256"])
    return token.header, token.claims


async def test_a_client_gets_a_token_that_the_published_keys_verify(
    client: httpx.AsyncClient, subscribed: CredentialCreated, clock: FakeClock
) -> None:
    answer = await ask(client, subscribed)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert {**body, "access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read write",
    }
    header, found = await claims(client, answer)
    assert header["typ"] == "at+jwt"
    now = int(clock.now().timestamp())
    assert len(found.pop("jti")) >= 20
    assert found == {
        "iss": "http://hub.test",
        "aud": AUDIENCE,
        "sub": subscribed.client_id,
        "client_id": subscribed.client_id,
        "scope": "read write",
        "iat": now,
        "exp": now + 3600,
    }
    assert (await claims(client, await ask(client, subscribed)))[1]["jti"] != found.get("jti")


async def test_secret_in_the_body_and_narrowed_scope(client: httpx.AsyncClient, subscribed: CredentialCreated) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": subscribed.client_id,
        "client_secret": subscribed.client_secret,
        "scope": "read",
        "resource": AUDIENCE,
    }
    assert (await client.post(TOKEN, data=form)).json()["scope"] == "read"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"scope": " "}, "invalid_request"),
        ({"resource": "http://hub.test/apis/other"}, "invalid_target"),
        ({"resource": [AUDIENCE, "https://elsewhere.test"]}, "invalid_target"),
        ({"scope": ["read", "write"]}, "invalid_request"),
        ({"client_secret": "again"}, "invalid_request"),
        ({"client_id": "another"}, "invalid_request"),
    ],
)
async def test_errors_have_the_form_of_the_rfc(
    client: httpx.AsyncClient, subscribed: CredentialCreated, form: dict[str, Any], error: str
) -> None:
    answer = await ask(client, subscribed, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_is_no_form_is_no_token_request(client: httpx.AsyncClient, subscribed: CredentialCreated) -> None:
    head = basic(subscribed.client_id, subscribed.client_secret)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers, body in (
        (head, b'{"grant_type":"client_credentials"}'),
        ({**head, **form}, b"grant_type=client_credentials&x=" + b"a" * 20_000),
        ({**head, **form}, b"grant_type=%ff"),
        ({**head, **form}, b"&".join(b"a%d=1" % number for number in range(200))),
    ):
        answer = await client.post(TOKEN, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await client.get(TOKEN)).status_code == 405


async def test_nobody_learns_which_clients_exist(
    client: httpx.AsyncClient, subscribed: CredentialCreated, world: World
) -> None:
    key = await world.key(subscribed.app_id)
    gone = await world.key(subscribed.app_id, kind="oauth_client")
    await revoke(world, gone.id)
    answers = []
    for user, secret in (
        (subscribed.client_id, "wrong"),
        ("c_nobody", subscribed.client_secret),
        (gone.client_id, gone.client_secret),
        (key.prefix, key.key),
        ("", ""),
    ):
        answer = await client.post(TOKEN, data={"grant_type": "client_credentials"}, headers=basic(user, secret))
        answers.append((answer.status_code, answer.headers["www-authenticate"], answer.text))
    assert len(set(answers)) == 1
    assert answers[0][0] == 401
    assert answers[0][1].startswith("Basic ")
    assert "invalid_client" in answers[0][2]
    assert (await client.post(TOKEN, data={"grant_type": "client_credentials"})).status_code == 401


async def revoke(world: World, credential_id: str) -> None:
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await CredentialService().revoke(ctx, credential_id)
        await ctx.uow.commit()


async def test_without_a_subscription_there_is_no_token(
    client: httpx.AsyncClient, subscribed: CredentialCreated, ctx_as: CtxAs
) -> None:
    async with ctx_as(SYSTEM) as ctx:
        await ctx.session.execute(delete(SubscriptionRow))
    assert (await ask(client, subscribed)).json()["error"] == "unauthorized_client"


async def test_a_scope_counts_only_where_every_api_of_the_token_gives_it(
    client: httpx.AsyncClient, parts: Parts, people: People, subscribed: CredentialCreated, world: World, ctx_as: CtxAs
) -> None:
    now = parts.clock.now()
    stamps = {"created_at": now, "updated_at": now, "revision": 1}
    async with ctx_as(SYSTEM) as ctx:
        api = ApiRow(id="api_b", slug="maps", base_path="/maps", owner_id=world.team.id, name="Maps", **stamps)
        api.tags = []
        ctx.session.add(api)
        await ctx.session.flush()
        ctx.session.add(PlanRow(id="plan_b", api_id="api_b", slug="p", name="P", current_version_id="plv_b", **stamps))
        await ctx.session.flush()
        version = PlanVersionRow(id="plv_b", plan_id="plan_b", number=1, features=[], rate_limits=[], created_at=now)
        ctx.session.add(version)
        policy = PolicyRow(id="pol_b", api_id="api_b", level="plan", target_id="plan_b", kind="scopes", **stamps)
        policy.config = {"scopes": ["read", "draw"]}
        ctx.session.add(policy)
        await ctx.session.flush()
        row = SubscriptionRow(id="sub_b", app_id=subscribed.app_id, api_id="api_b", plan_version_id="plv_b", **stamps)
        row.state, row.requested_by = "active", world.consumer.id
        ctx.session.add(row)
    _, both = await claims(client, await ask(client, subscribed))
    assert (both["aud"], both["scope"]) == (["http://hub.test/apis/maps", AUDIENCE], "read")
    _, one = await claims(client, await ask(client, subscribed, resource=AUDIENCE))
    assert (one["aud"], one["scope"]) == (AUDIENCE, "read write")
    assert (await ask(client, subscribed, scope="write")).json()["error"] == "invalid_scope"


async def test_a_token_ends_with_its_client(client: httpx.AsyncClient, world: World, clock: FakeClock) -> None:
    app = await world.app()
    await world.subscribe(app.id)
    made = await world.key(app.id, kind="oauth_client", expires_at=clock.now() + timedelta(seconds=90))
    assert (await ask(client, made)).json()["expires_in"] == 90
    clock.advance(90)
    assert (await ask(client, made)).status_code == 401


async def test_rotated_keys_verify_old_and_new_tokens(
    client: httpx.AsyncClient, subscribed: CredentialCreated, admin: Person, clock: FakeClock
) -> None:
    before = await ask(client, subscribed)
    answer = await client.post("/api/v1/signing-keys/rotate", json={}, headers=admin.headers)
    assert [item["state"] for item in answer.json()["items"]] == ["next", "signing"]
    old, _ = await claims(client, before)
    assert (await claims(client, await ask(client, subscribed)))[0]["kid"] == old["kid"]
    clock.advance(3601)
    after, _ = await claims(client, await ask(client, subscribed))
    assert after["kid"] != old["kid"]
    leaked = await client.post("/api/v1/signing-keys/rotate", json={"drop_old": True}, headers=admin.headers)
    assert [item["state"] for item in leaked.json()["items"]] == ["signing"]
    assert len((await client.get("/oauth/jwks.json")).json()["keys"]) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_metadata_leads_to_tokens_and_keys(client: httpx.AsyncClient) -> None:
    found = (await client.get("/.well-known/oauth-authorization-server")).json()
    assert found == (await client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == "http://hub.test"
    assert found["token_endpoint"] == "http://hub.test/oauth/token"
    assert (await client.get(found["jwks_uri"])).headers["content-type"] == "application/jwk-set+json"
    assert "client_secret_basic" in found["token_endpoint_auth_methods_supported"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_guessing_is_slowed_down_and_the_wait_ends(
    client: httpx.AsyncClient, subscribed: CredentialCreated, clock: FakeClock
) -> None:
    for _ in range(PER_CLIENT):
        headers = basic(subscribed.client_id, "wrong")
        assert (await client.post(TOKEN, data={"grant_type": "client_credentials"}, headers=headers)).status_code == 401
    blocked = await ask(client, subscribed)
    assert (blocked.status_code, blocked.json()["error"], blocked.headers["retry-after"]) == (429, "slow_down", "60")
    clock.advance(60)
    assert (await ask(client, subscribed)).status_code == 200


def test_a_flood_of_wrong_clients_uses_bounded_memory_and_stops_nobody_else(clock: FakeClock) -> None:
    attempts = Attempts(limit=100)
    for number in range(1000):
        attempts.failed(f"198.51.100.{number % 200}", f"client-{number}", clock.now())
    assert len(attempts) == 100
    for _ in range(PER_NETWORK):
        attempts.failed("2001:db8:0:1::1", "victim", clock.now())
    attempts.check("203.0.113.9", "victim", clock.now())
    with pytest.raises(OAuthError):
        attempts.check("2001:db8:0:1:ffff::2", "another", clock.now())


async def test_a_token_is_explained_to_its_client_and_to_the_api_it_opens(
    client: httpx.AsyncClient, subscribed: CredentialCreated, world: World, clock: FakeClock
) -> None:
    token = (await ask(client, subscribed)).json()["access_token"]
    provider = await world.app(world.provider)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        body = AppCreate(name="Backend", owner_id=world.team.id)
        backend = await AppService().create(ctx, body)
        await ctx.uow.commit()
    theirs = await world.key(backend.id, who=world.provider, kind="oauth_client")
    stranger = await world.key(provider.id, who=world.provider, kind="oauth_client")

    async def explained(who: CredentialCreated, text: str = token) -> dict[str, Any]:
        headers = basic(who.client_id, who.client_secret)
        answer = await client.post("/oauth/introspect", data={"token": text}, headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    for who in (subscribed, theirs):
        found = await explained(who)
        assert (found["active"], found["aud"], found["client_id"]) == (True, [AUDIENCE], subscribed.client_id)
        assert (found["scope"], found["exp"]) == ("read write", int(clock.now().timestamp()) + 3600)
    assert await explained(stranger) == {"active": False}
    other = jwt.encode({"alg": "HS256"}, {"iss": "http://hub.test"}, jwk.OctKey.generate_key(256))
    for wrong in (
        token[:-3] + "AAA",
        "nonsense",
        "a.b.c",
        "....",
        "é",
        "MQ.e30.eA",
        "W10.e30.eA",
        subscribed.client_secret,
        "{}",
        other,
    ):
        assert await explained(subscribed, wrong) == {"active": False}
    clock.advance(3600)
    assert await explained(subscribed) == {"active": False}
    fresh = (await ask(client, subscribed)).json()["access_token"]
    await revoke(world, subscribed.id)
    assert await explained(theirs, fresh) == {"active": False}
    refused = await client.post("/oauth/introspect", data={"token": token}, headers=basic("c_nobody", "x"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
