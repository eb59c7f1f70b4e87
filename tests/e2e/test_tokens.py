"""Tokens of the hub and of an outside issuer, and passwords: from the hub to a real gateway's answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from joserfc import jwk, jwt

from tests.e2e.journey import People, people, publish
from tests.e2e.product import Product, ok, running, until
from tests.e2e.upstream import serving

pytestmark = pytest.mark.live
ISSUER = "https://login.example.test"
KEY = jwk.RSAKey.generate_key(2048, {"kid": "outside", "alg": "RS256", "use": "sig"})


@dataclass(slots=True)
class Scene:
    """An API that takes tokens of both issuers, passwords and keys, with a subscribed app."""

    product: Product
    who: People
    url: str
    api_id: str
    app_id: str
    plan_id: str
    free_id: str

    def make(self, **wanted: Any) -> dict[str, Any]:
        """A credential of the app."""
        made: dict[str, Any] = ok(self.who.consumer.post(f"/apps/{self.app_id}/credentials", json=wanted), 201)
        return made

    def token(self, client: dict[str, Any], **form: str) -> str:
        """An access token of the hub."""
        data = {"grant_type": "client_credentials", **form}
        answer = httpx.post(client["token_url"], data=data, auth=(client["client_id"], client["client_secret"]))
        return str(ok(answer)["access_token"])

    def call(self, token: str = "", **options: Any) -> int:
        """The status of a call."""
        if token:
            options["headers"] = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.url}/orders", **options).status_code

    def becomes(self, status: int, *arguments: Any, **options: Any) -> None:
        """The same call answers ``status`` soon."""
        until(lambda: self.call(*arguments, **options) == status, what=f"{status} for {arguments or options}")

    def outside(self, **changes: Any) -> str:
        """A token of the outside issuer."""
        claims = {"iss": ISSUER, "azp": "planner", "exp": int(time.time()) + 60, **changes}
        return jwt.encode({"alg": "RS256", "kid": "outside"}, claims, KEY)


@pytest.fixture(scope="module", params=["envoy", "haproxy"])
def scene(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Scene]:
    data, engine = tmp_path_factory.mktemp("tokens") / "hub", ("--engine", str(request.param))
    with running(data, options=engine) as product, serving() as upstream:
        who = people(product)
        made = publish(who, upstream)
        api, plan = made["api"]["id"], made["paid"]["id"]
        issuer = {
            "url": ISSUER,
            "client_claim": "azp",
            "jwks": json.dumps({"keys": [KEY.as_dict(private=False)]}),
            "owner_id": who.team_id,
        }
        outside = ok(who.provider.post("/issuers", json=issuer), 201)["id"]
        ways = {"jwt": {"issuers": [{"issuer": "hub"}, {"issuer": outside}]}, "basic": {}, "key_auth": {}}
        for kind, config in ways.items():
            ok(who.provider.put(f"/apis/{api}/policies/{kind}", json={"config": config}))
        app = ok(who.consumer.post("/apps", json={"name": "Planner"}), 201)
        asked = {"app_id": app["id"], "api_id": api, "plan_id": plan}
        subscription = ok(who.consumer.post("/subscriptions", json=asked), 201)
        ok(who.provider.post(f"/subscriptions/{subscription['id']}/approve", json={}))
        yield Scene(product, who, made["receipt"]["url"], api, app["id"], plan, made["free"]["id"])


def test_the_hubs_tokens_open_the_gateway_until_the_client_is_revoked(scene: Scene) -> None:
    client = scene.make(kind="oauth_client")
    token = scene.token(client)
    scene.becomes(200, token)
    assert scene.call() == 401
    assert scene.call(token[:-4] + "AAAA") == 401
    ok(scene.who.consumer.post(f"/credentials/{client['id']}/revoke"))
    until(lambda: scene.call(token) in (401, 403), what="the refusal of a revoked client's token")


def test_passwords_and_outside_tokens_lead_to_the_same_app(scene: Scene) -> None:
    basic = scene.make(kind="basic")
    made = scene.make(kind="external_client", token=scene.outside(aud=scene.product.hub))
    assert (made["identifier"], made["issuer"], made["proven"]) == ("planner", ISSUER, True)
    scene.becomes(200, auth=(basic["username"], basic["password"]))
    scene.becomes(200, scene.outside())
    assert scene.call(auth=(basic["username"], "wrong")) == 401
    assert scene.call(scene.outside(exp=int(time.time()) - 600)) == 401
    assert scene.call(scene.outside(iss="https://elsewhere.test")) == 401
    assert scene.call(scene.outside(azp="stranger")) in (401, 403)
    assert scene.call(headers={"x-api-key": f"{ISSUER} planner"}) == 401, "a client id is no key"


def _subscribed(scene: Scene, who: httpx.Client, name: str) -> Scene:
    """The scene with another app of somebody's, whose quota nobody else uses."""
    app = ok(who.post("/apps", json={"name": name}), 201)["id"]
    asked = {"app_id": app, "api_id": scene.api_id, "plan_id": scene.plan_id}
    made = ok(who.post("/subscriptions", json=asked), 201)
    ok(scene.who.provider.post(f"/subscriptions/{made['id']}/approve", json={}))
    return replace(scene, app_id=app)


def test_a_proof_takes_a_client_over_and_no_call_is_refused(scene: Scene) -> None:
    provider, token = scene.who.provider, scene.outside(azp="shared", exp=int(time.time()) + 600)
    theirs, mine = _subscribed(scene, provider, "Squatter"), _subscribed(scene, scene.who.consumer, "Owner")
    said = {"kind": "external_client", "issuer": ISSUER, "client_id": "shared"}
    held = ok(provider.post(f"/apps/{theirs.app_id}/credentials", json=said), 201)
    assert not held["proven"]
    scene.becomes(200, token)
    with ThreadPoolExecutor() as pool:
        calls = pool.submit(lambda: [(scene.call(token), time.sleep(0.05))[0] for _ in range(12)])
        mine.make(kind="external_client", token=scene.outside(azp="shared", aud=scene.product.hub))
        assert set(calls.result()) == {200}
    assert [item["state"] for item in ok(provider.get(f"/apps/{theirs.app_id}/credentials"))["items"]] == ["taken_over"]
    key = ok(provider.post(f"/apps/{theirs.app_id}/credentials", json={}), 201)["key"]
    scene.becomes(200, headers={"x-api-key": key})
    ok(provider.delete(f"/apps/{theirs.app_id}", headers={"If-Match": '"1"'}))
    scene.becomes(401, headers={"x-api-key": key})
    assert scene.call(token) == 200, "it counts for the app that proved it"


def test_a_scope_that_the_plan_gives_opens_what_asks_for_it(scene: Scene) -> None:
    provider, client = scene.who.provider, scene.make(kind="oauth_client")
    scene.becomes(200, scene.token(client))
    ok(provider.put(f"/plans/{scene.plan_id}/policies/scopes", json={"config": {"scopes": ["orders:read"]}}))
    ok(provider.put(f"/apis/{scene.api_id}/policies/scopes", json={"config": {"scopes": ["orders:read"]}}))
    token = scene.token(client)
    assert jwt.decode(token, _published(scene), algorithms=["ES256"]).claims["scope"] == "orders:read"
    scene.becomes(403, scene.outside())
    scene.becomes(200, token)
    ok(provider.delete(f"/apis/{scene.api_id}/policies/scopes", headers=_tag(provider, scene)))
    scene.becomes(200, scene.outside())


def test_a_leaked_signing_key_is_dropped_at_the_gateway_too(scene: Scene) -> None:
    client = scene.make(kind="oauth_client")
    before = scene.token(client)
    scene.becomes(200, before)
    ok(scene.product.api().post("/signing-keys/rotate", json={"drop_old": True}), 201)
    scene.becomes(401, before)
    scene.becomes(200, scene.token(client))


def test_the_limits_are_those_of_the_subscription_however_it_calls(scene: Scene) -> None:
    consumer = scene.who.consumer
    app = ok(consumer.post("/apps", json={"name": "Small"}), 201)
    ok(
        consumer.post("/subscriptions", json={"app_id": app["id"], "api_id": scene.api_id, "plan_id": scene.free_id}),
        201,
    )
    small = replace(scene, app_id=app["id"])
    key, basic, client = small.make(), small.make(kind="basic"), small.make(kind="oauth_client")
    ways: list[dict[str, Any]] = [
        {"headers": {"x-api-key": key["key"]}},
        {"auth": (basic["username"], basic["password"])},
        {"headers": {"Authorization": f"Bearer {small.token(client)}"}},
    ]
    began = time.monotonic()
    for way in ways:
        scene.becomes(200, **way)
    answers = [scene.call(**way) for way in ways + ways + ways]
    refilled = int((time.monotonic() - began) / 10) + 1
    assert 3 <= answers.count(200) <= 3 + refilled, "six calls a minute, not six for each credential"
    assert set(answers) == {200, 429}


def _published(scene: Scene) -> jwk.KeySet:
    return jwk.KeySet.import_key_set(httpx.get(f"{scene.product.hub}/oauth/jwks.json").json())


def _tag(provider: httpx.Client, scene: Scene) -> dict[str, str]:
    return {"If-Match": provider.get(f"/apis/{scene.api_id}/policies/scopes").headers["etag"]}
