"""A running product with its demo content and a little more, shared by the tests that only look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.journey import call_until, sign_in
from tests.e2e.product import Product, ok, until


@dataclass(slots=True)
class Place:
    """The running product with its demo content, a consumer with calls, and what stands in the addresses."""

    product: Product
    admin: httpx.Client
    consumer: httpx.Client
    names: dict[str, str]

    def address(self, template: str) -> str:
        """The page's address: ``$slug`` and the like replaced."""
        return re.sub(r"\$(\w+)", lambda match: self.names[match[1]], template)


def furnish(product: Product) -> Place:
    """A consumer with an app, a key and a few calls beside the demo content."""
    admin = enter(product, product.login, "lanterns over seven quiet harbours")
    made = ok(admin.post("/users", json={"email": "ada@example.org", "name": "Ada Consumer"}), 201)
    consumer = enter(product, made["one_time_login_url"], "every shelf holds one odd teapot")
    ok(consumer.post("/me/tokens", json={"name": "CI of the shop", "scopes": ["catalog:read", "apps:read"]}), 201)
    api = next(one for one in ok(admin.get("/apis", params={"limit": 100}))["items"] if one["slug"] == "weather")
    version = api["current_version_id"]
    subscription, key, address = subscribe(consumer, api)
    operation = ok(admin.get(f"/versions/{version}/operations"))["items"][0]["id"]
    set_policies(admin, api, plan=subscription["plan"]["id"], operation=operation)
    names = {
        "slug": api["slug"],
        "apiId": api["id"],
        "versionId": version,
        "versionName": next_version(admin, api),
        "operationId": operation,
        "planId": subscription["plan"]["id"],
        "decisionId": refused_call(consumer, address, key),
        "appId": subscription["app"]["id"],
        "subscriptionId": subscription["id"],
        "userId": made["user"]["id"],
        "organisationId": ok(admin.get("/organisations"))["items"][0]["id"],
        "teamId": ok(admin.get("/teams"))["items"][0]["id"],
        "gatewayId": ok(admin.get("/gateways"))["items"][0]["id"],
    }
    return Place(product, admin, consumer, names)


def next_version(admin: httpx.Client, api: dict[str, Any]) -> str:
    """A second version of the API, of the same definition, that consumers may look at; its name."""
    definition = admin.get(f"/versions/{api['current_version_id']}/definition", params={"variant": "original"}).text
    made = ok(admin.post(f"/apis/{api['id']}/versions", json={"content": definition, "name": "next"}), 201)
    tag = {"If-Match": f'"{made["revision"]}"'}
    shown = ok(admin.patch(f"/versions/{made['id']}", json={"lifecycle": "published"}, headers=tag))
    tag = {"If-Match": f'"{shown["revision"]}"'}
    ok(admin.patch(f"/versions/{made['id']}", json={"lifecycle": "deprecated"}, headers=tag))
    return str(made["name"])


def enter(product: Product, link: str, password: str) -> httpx.Client:
    """Sign in by one-time link and choose a password, which renews the session."""
    client = sign_in(product, link)
    ok(client.post("/me/password", json={"new_password": password}))
    client.headers["X-CSRF-Token"] = ok(client.get("/session"))["csrf_token"]
    return client


def join(place: Place, team_id: str, role: str, *, name: str, email: str, password: str) -> httpx.Client:
    """Somebody new in a team."""
    made = ok(place.admin.post("/users", json={"email": email, "name": name}), 201)
    ok(place.admin.put(f"/teams/{team_id}/members/{made['user']['id']}", json={"role": role}))
    return enter(place.product, made["one_time_login_url"], password)


def leave(place: Place, team_id: str, member: httpx.Client) -> None:
    """They are in the team no longer."""
    user_id = ok(member.get("/session"))["user"]["id"]
    place.admin.delete(f"/teams/{team_id}/members/{user_id}").raise_for_status()


def set_policies(admin: httpx.Client, api: dict[str, Any], *, plan: str, operation: str) -> None:
    """One policy or more at every level, of kinds that merge and kinds that replace."""
    version, team = api["current_version_id"], api["owner"]["id"]
    for path, config, locked in (
        ("/hub/policies/ip", {"deny": ["192.0.2.0/24", "2001:db8:bad::/48"]}, False),
        ("/hub/policies/sizes", {"request_bytes": 1_000_000}, True),
        (f"/teams/{team}/policies/ip", {"deny": ["198.51.100.7/32"]}, False),
        (f"/apis/{api['id']}/policies/headers", {"request_set": [{"name": "x-plan", "value": "{plan.name}"}]}, False),
        (f"/versions/{version}/policies/timeout", {"request_ms": 10_000}, False),
        (f"/versions/{version}/policies/cost?operation_id={operation}", {"cost": 3}, False),
        (f"/plans/{plan}/policies/rate_limit", {"limits": [{"requests": 2000, "seconds": 3600, "by": "app"}]}, False),
    ):
        ok(admin.put(path, json={"config": config, "locked": locked}))


def refused_call(consumer: httpx.Client, address: str, key: str) -> str:
    """The decision id of the first call over the plan's rate, once the hub can explain it."""
    with httpx.Client(headers={"x-api-key": key}) as calls:
        answer = until(lambda: over_the_rate(calls, address), what="429")
    decision = answer.headers["x-request-id"]
    until(lambda: consumer.get(f"/decisions/{decision}").status_code == 200, what="its explanation")
    return decision


def over_the_rate(calls: httpx.Client, address: str) -> httpx.Response | None:
    answer = calls.get(address)
    return answer if answer.status_code == 429 else None


def subscribe(consumer: httpx.Client, api: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """A new app's subscription to the API's free plan, its key, and an address that it has called."""
    plan = next(
        one for one in ok(consumer.get(f"/apis/{api['id']}/plans"))["items"] if not one["current_version"]["approval"]
    )
    app = ok(consumer.post("/apps", json={"name": "Storefront", "description": "The web shop"}), 201)
    key = ok(consumer.post(f"/apps/{app['id']}/credentials", json={"name": "production"}), 201)["key"]
    asked = {"app_id": app["id"], "api_id": api["id"], "plan_id": plan["id"]}
    made: dict[str, Any] = ok(consumer.post("/subscriptions", json=asked), 201)
    reference = ok(consumer.get(f"/versions/{api['current_version_id']}/reference"))
    path = next(path for path, item in reference["paths"].items() if "get" in item and "{" not in path)
    address = reference["servers"][0]["url"] + path
    call_until(address, key, 200)
    return made, key, address
