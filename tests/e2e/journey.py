"""The journey of issue 2 by REST: publish, find, subscribe, call through the gateway, see the usage, approve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from http_sf import parse

from tests.e2e.product import Product, ok, promised, until
from tests.e2e.upstream import Upstream

FREE = {
    "name": "Free",
    "version": {"rate_limits": [{"requests": 6, "seconds": 60}], "quota": {"requests": 1000, "window": "day"}},
}
PAID = {
    "name": "Paid",
    "version": {
        "rate_limits": [{"requests": 1000, "seconds": 60}],
        "quota": {"requests": 20, "window": "month"},
        "price": {"amount_cents": 4900, "currency": "EUR", "period": "month"},
        "approval": True,
    },
}


@dataclass(slots=True)
class People:
    """Clients of a provider (maintainer of a team), a consumer, and somebody of another team."""

    provider: httpx.Client
    consumer: httpx.Client
    stranger: httpx.Client
    team_id: str
    ids: dict[str, str] = field(default_factory=dict)


def people(product: Product) -> People:
    """Make a team and three people, and sign each in by their one-time link."""
    admin = product.api()
    team = ok(admin.post("/teams", json={"name": "Shop"}), 201)
    other = ok(admin.post("/teams", json={"name": "Elsewhere"}), 201)
    clients: dict[str, httpx.Client] = {}
    ids: dict[str, str] = {}
    for name in ("provider", "consumer", "stranger"):
        made = ok(admin.post("/users", json={"email": f"{name}@example.org", "name": name.title()}), 201)
        ids[name] = made["user"]["id"]
        clients[name] = sign_in(product, made["one_time_login_url"])
    ok(admin.put(f"/teams/{team['id']}/members/{ids['provider']}", json={"role": "maintainer"}))
    ok(admin.put(f"/teams/{other['id']}/members/{ids['stranger']}", json={"role": "owner"}))
    return People(**clients, team_id=team["id"], ids=ids)


def sign_in(product: Product, link: str) -> httpx.Client:
    """A cookie session by a one-time link, with its CSRF token on every request."""
    client = httpx.Client(base_url=f"{product.hub}/api/v1", timeout=60)
    session = ok(client.post("/session", json={"one_time_token": link.rsplit("token=", 1)[-1]}), 201)
    client.headers["X-CSRF-Token"] = session["csrf_token"]
    return client


def publish(who: People, upstream: Upstream, title: str = "Orders") -> dict[str, Any]:
    """Steps 1 and 2: import, plans, visibility, publish, receipt."""
    content = {"content": upstream.definition(title), "filename": "orders.yaml", "owner_id": who.team_id}
    made = ok(who.provider.post("/apis/import", json=content), 201)
    api, version = made["api"], made["version"]
    assert api["lifecycle"] == "draft"
    assert version["upstream_url"] == upstream.url
    assert len(made["preview"]["operations"]) == 3
    free = ok(who.provider.post(f"/apis/{api['id']}/plans", json=FREE), 201)
    paid = ok(who.provider.post(f"/apis/{api['id']}/plans", json=PAID), 201)
    tag = {"If-Match": who.provider.get(f"/apis/{api['id']}").headers["etag"]}
    ok(who.provider.patch(f"/apis/{api['id']}", json={"visibility": "internal", "category": "Commerce"}, headers=tag))
    gateway = ok(who.provider.get("/gateways"))["items"][0]
    asked = ok(who.provider.post(f"/versions/{version['id']}/deployments", json={"gateway_id": gateway["id"]}), 201)
    receipt = ok(who.provider.get(f"/deployments/{asked['id']}", params={"wait_seconds": 20}))
    assert receipt["state"] == "live", receipt
    assert receipt["verified"] is True
    assert receipt["live_after_ms"] >= 0
    return {"api": api, "version": version, "free": free, "paid": paid, "receipt": receipt}


def find_and_subscribe(who: People, published: dict[str, Any]) -> dict[str, Any]:
    """Step 3: search, reference, app, subscription, key."""
    found = ok(who.consumer.get("/search", params={"q": "order", "category": "Commerce"}))
    assert {item["type"] for item in found["items"]} == {"api", "operation"}
    assert found["facets"]["category"][0]["value"] == "Commerce"
    reference = ok(who.consumer.get(f"/versions/{published['version']['id']}/reference"))
    assert reference["servers"][0]["url"] == published["receipt"]["url"]
    app = ok(who.consumer.post("/apps", json={"name": "Checkout"}), 201)
    asked = {"app_id": app["id"], "api_id": published["api"]["id"], "plan_id": published["free"]["id"]}
    subscription = ok(who.consumer.post("/subscriptions", json=asked), 201)
    assert subscription["state"] == "active"
    key = ok(who.consumer.post(f"/apps/{app['id']}/credentials", json={"name": "first"}), 201)
    assert key["key"] not in who.consumer.get(f"/apps/{app['id']}/credentials").text, "a key is shown once"
    return {"app": app, "subscription": subscription, "credential": key, "key": key["key"]}


def call_until(url: str, key: str, status: int, *, seconds: float = 5) -> httpx.Response:
    """Call until the gateway answers ``status``: grants take up to 100 ms to arrive."""

    def attempt() -> httpx.Response | None:
        response = httpx.get(url, headers={"x-api-key": key})
        return response if response.status_code == status else None

    return until(attempt, seconds=seconds, what=f"{status} from {url}")  # type: ignore[return-value]


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The gateway's refusal is problem+json with this code, a hint and a decision id."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["hint"]
    assert body["decision_id"] == response.headers["x-request-id"]
    assert "envoy" not in str(response.headers).lower() + response.text.lower()
    assert "waypost" not in str(response.headers).lower() + response.text.lower()
    return body


def limits_and_refusals(product: Product, who: People, published: dict[str, Any], mine: dict[str, Any]) -> None:
    """Step 4, first half: 200s with limit headers, 429, 401, 403, 404, 405."""
    url = f"{published['receipt']['url']}/orders"
    first = call_until(url, mine["key"], 200)
    remaining = _limit(first)["r"]
    answers = [httpx.get(url, headers={"x-api-key": mine["key"]}) for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * remaining + [429] * (6 - remaining)
    assert [_limit(a)["r"] for a in answers[:remaining]] == list(range(remaining - 1, -1, -1))
    problem(answers[-1], 429, "rate_limited")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    refused = httpx.get(url)
    problem(refused, 401, "key_missing")
    assert refused.headers["www-authenticate"].startswith("Key realm=")
    problem(httpx.get(url, headers={"x-api-key": "nonsense"}), 401, "key_invalid")
    problem(httpx.get(f"{product.gateway}/nowhere"), 404, "not_found")
    problem(httpx.get(f"{published['receipt']['url']}/nowhere", headers={"x-api-key": mine["key"]}), 404, "not_found")
    wrong = httpx.delete(url, headers={"x-api-key": mine["key"]})
    problem(wrong, 405, "method_not_allowed")
    assert {"GET", "POST"} <= {name.strip() for name in wrong.headers["allow"].split(",")}


def _limit(response: httpx.Response) -> dict[str, int]:
    (_, parameters), *_ = parse(response.headers["ratelimit"].encode(), tltype="list")
    return dict(parameters)


def key_of_another_api(who: People, published: dict[str, Any], key_holder: httpx.Client) -> None:
    """A valid key whose app is not subscribed here answers 403; who called and who was called find out why."""
    app = ok(key_holder.post("/apps", json={"name": "Unrelated"}), 201)
    key = ok(key_holder.post(f"/apps/{app['id']}/credentials", json={"name": "k"}), 201)["key"]
    paid = {"app_id": app["id"], "api_id": published["other"]["api"]["id"], "plan_id": published["other"]["free"]["id"]}
    ok(key_holder.post("/subscriptions", json=paid), 201)
    call_until(f"{published['other']['receipt']['url']}/orders", key, 200)
    refused = problem(call_until(f"{published['receipt']['url']}/orders", key, 403), 403, "not_subscribed")
    address = f"/decisions/{refused['decision_id']}"
    until(lambda: key_holder.get(address).is_success, what="the caller's own decision")
    for side, client in (("consumer", key_holder), ("provider", who.provider)):
        told = ok(client.get(address))
        assert (told["seen_as"], told["app"]["name"], told["operation"]["label"]) == (side, "Unrelated", "GET /orders")
    assert who.stranger.get(address).status_code == 404


def rotate_and_revoke(who: People, published: dict[str, Any], mine: dict[str, Any]) -> str:
    """Step 4, second half: both keys work in the overlap, a revoked one is refused within the promise."""
    url = f"{published['receipt']['url']}/orders/o-1"
    rotated = ok(
        who.consumer.post(f"/credentials/{mine['credential']['id']}/rotate", json={"overlap_seconds": 3600}), 201
    )
    new = rotated["key"]
    for key in (new, mine["key"]):
        until(lambda key=key: httpx.get(url, headers={"x-api-key": key}).status_code in (200, 429), what="both keys")
    _revoke(who, url, mine["credential"]["id"], mine["key"])

    def come_and_gone() -> None:
        path = f"/apps/{mine['app']['id']}/credentials"
        another = ok(who.consumer.post(path, json={"name": "another"}), 201)
        _revoke(who, url, another["id"], another["key"])

    promised(2, come_and_gone)
    assert httpx.get(url, headers={"x-api-key": new}).status_code in (200, 429)
    return str(new)


def approval_and_quota(who: People, published: dict[str, Any]) -> dict[str, Any]:
    """Steps 6 and 4: a paid plan waits for approval; refused, approved; over its quota 429."""
    app = ok(who.consumer.post("/apps", json={"name": "Reports"}), 201)
    key = ok(who.consumer.post(f"/apps/{app['id']}/credentials", json={"name": "k"}), 201)["key"]
    asked = {"app_id": app["id"], "api_id": published["api"]["id"], "plan_id": published["paid"]["id"]}
    pending = ok(who.consumer.post("/subscriptions", json=asked), 201)
    assert pending["state"] == "pending"
    assert who.consumer.post(f"/subscriptions/{pending['id']}/approve", json={}).status_code in (403, 404)
    assert who.stranger.post(f"/subscriptions/{pending['id']}/approve", json={}).status_code == 404
    waiting = ok(who.provider.get("/subscriptions", params={"role": "provider", "state": "pending"}))["items"]
    assert [item["id"] for item in waiting] == [pending["id"]]
    refused = ok(who.provider.post(f"/subscriptions/{pending['id']}/refuse", json={"reason": "Which team?"}))
    assert refused["state"] == "refused"
    assert ok(who.consumer.get(f"/subscriptions/{pending['id']}"))["reason"] == "Which team?"
    again = ok(who.consumer.post("/subscriptions", json=asked), 201)
    assert ok(who.provider.post(f"/subscriptions/{again['id']}/approve", json={}))["state"] == "active"
    assert ok(who.consumer.get(f"/subscriptions/{again['id']}"))["state"] == "active"
    url = f"{published['receipt']['url']}/orders"
    call_until(url, key, 200)
    over = until(lambda: _over_quota(url, key), seconds=15, what="the quota")
    assert problem(over, 429, "quota_exceeded")
    assert int(over.headers["retry-after"]) >= 1
    return {"app": app, "subscription": again}


def _over_quota(url: str, key: str) -> httpx.Response | None:
    response = httpx.get(url, headers={"x-api-key": key})
    return response if response.status_code == 429 and response.json()["code"] == "quota_exceeded" else None


def _revoke(who: People, url: str, credential_id: str, key: str) -> None:
    ok(who.consumer.post(f"/credentials/{credential_id}/revoke"))
    problem(call_until(url, key, 401), 401, "key_invalid")


def usage(who: People, published: dict[str, Any], mine: dict[str, Any]) -> None:
    """Step 5: both sides see the calls within five seconds, each only their own."""
    url = f"{published['receipt']['url']}/orders/o-9"

    def made_and_seen() -> tuple[httpx.Response, list[dict[str, Any]]]:
        answer = httpx.get(url, headers={"x-api-key": mine["key"]})
        decision = answer.headers["x-request-id"]
        both = (who.consumer, who.provider)
        return answer, [until(lambda client=client: _call(client, decision), what="the call") for client in both]

    answer, calls = promised(5, made_and_seen)
    decision = answer.headers["x-request-id"]
    for client, seen in zip((who.consumer, who.provider), calls, strict=True):
        assert seen["status"] == answer.status_code
        assert seen["app"]["name"] == "Checkout"
        told = ok(client.get(f"/decisions/{decision}"))
        assert (told["status"], told["app"]["name"]) == (answer.status_code, "Checkout")
        assert told["now"] is not None
    assert who.stranger.get(f"/calls/{decision}").status_code == 404
    assert who.stranger.get(f"/decisions/{decision}").status_code == 404
    assert ok(who.stranger.get("/analytics/summary"))["calls"] == 0
    summary = ok(who.provider.get("/analytics/summary", params={"api_id": published["api"]["id"]}))
    assert summary["calls"] >= 8
    assert summary["p99_us"] >= summary["p50_us"] > 0
    series = ok(who.consumer.get("/analytics/series", params={"interval": "minute"}))
    assert sum(point["calls"] for point in series["points"]) >= 8
    by_operation = ok(who.provider.get("/analytics/breakdown", params={"by": "operation"}))["items"]
    assert any("orders" in item["label"] for item in by_operation)
    by_app = ok(who.provider.get("/analytics/breakdown", params={"by": "app"}))["items"]
    assert {"Checkout", "Reports"} <= {item["label"] for item in by_app}


def _call(client: httpx.Client, decision: str) -> dict[str, Any] | None:
    items = ok(client.get("/calls", params={"limit": 100}))["items"]
    return next((item for item in items if item["decision_id"] == decision), None)
