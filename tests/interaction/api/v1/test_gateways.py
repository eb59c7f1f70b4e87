"""Gateways and deployments by REST: what members see, what administrators may, what is refused."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import yaml
from tests.application.world import World, make_world
from tests.support.people import People, Person

from waypost.application.parts import Parts
from waypost.contracts.agent import ApiReceipt, GatewayHealth, Receipts
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock

V1 = "/api/v1"


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    """A provider's draft API, a gateway, a consumer."""
    return await make_world(parts, people)


async def test_members_see_where_gateways_are_and_nothing_of_their_inner_life(
    client: httpx.AsyncClient, world: World, admin: Person, clock: FakeClock
) -> None:
    health = GatewayHealth(engine_running=True, engine_version="1.40.0", records_dropped=7)
    await world.receive(Receipts(health=health))
    full = (await client.get(f"{V1}/gateways/edge", headers=admin.headers)).json()
    assert (full["state"], full["health"]["records_dropped"], full["deployments_count"]) == ("online", 7, 0)
    assert full["may"] == ["update", "delete", "enrol", "confirm"]
    seen = (await client.get(f"{V1}/gateways/edge", headers=world.consumer.headers)).json()
    assert (seen["public_url"], seen["health"], seen["grants_revision"], seen["may"]) == (
        "http://gw.test",
        None,
        None,
        [],
    )
    assert (await client.get(f"{V1}/gateways")).status_code == 401
    clock.advance(31)
    later = (await client.get(f"{V1}/gateways/edge", headers=world.consumer.headers)).json()
    assert later["state"] == "offline"


async def test_looking_at_what_publishing_would_meet_waits_for_nobody(client: httpx.AsyncClient, world: World) -> None:
    path = f"{V1}/versions/{world.version_id}/deployments/plan"
    assert (await client.post(path, headers=world.provider.headers)).status_code == 200  # its token is noted as used
    async with unit_of_work(world.parts.engine, world.parts.clock), asyncio.timeout(10):
        found = await client.post(path, headers=world.provider.headers)
    assert (found.status_code, found.json()["gateways"][0]["obstacles"]) == (200, [])
    assert (await client.post(path)).status_code == 401


async def test_a_gateways_life(client: httpx.AsyncClient, world: World, admin: Person) -> None:
    body = {"name": "Edge München", "engine": "envoy", "public_url": "https://api.example.org/"}
    made = await client.post(f"{V1}/gateways", json=body, headers=admin.headers)
    assert made.status_code == 201, made.text
    gateway = made.json()
    assert (gateway["slug"], gateway["state"], gateway["public_url"]) == (
        "edge-munchen",
        "awaiting",
        "https://api.example.org",
    )
    again = await client.post(f"{V1}/gateways", json=body, headers=admin.headers)
    assert (again.status_code, again.json()["code"]) == (409, "gateway_taken")
    for url in ("ftp://x", "javascript:alert(1)", "https://u:p@host", "https://h/?q=1"):
        wrong = await client.post(f"{V1}/gateways", json={"name": "X", "public_url": url}, headers=admin.headers)
        assert wrong.status_code == 422, url
    path = f"{V1}/gateways/{gateway['id']}"
    assert (await client.patch(path, json={"region": "eu"}, headers=admin.headers)).status_code == 428
    tag = {**admin.headers, "If-Match": '"1"'}
    assert (await client.patch(path, json={"region": "eu"}, headers=tag)).json()["revision"] == 2
    assert (await client.delete(path, headers=tag)).status_code == 412
    assert (await client.delete(path, headers={**admin.headers, "If-Match": '"2"'})).status_code == 204
    assert (await client.get(path, headers=admin.headers)).status_code == 404


async def test_a_gateway_in_use_stays(client: httpx.AsyncClient, world: World, admin: Person) -> None:
    await world.publish()
    gone = await client.delete(f"{V1}/gateways/edge", headers={**admin.headers, "If-Match": '"1"'})
    assert (gone.status_code, gone.json()["code"]) == (409, "gateway_in_use")


async def test_an_enrolment_token_ends_after_an_hour(
    client: httpx.AsyncClient, world: World, admin: Person, clock: FakeClock
) -> None:
    made = await client.post(f"{V1}/gateways/edge/enrolment-token", headers=admin.headers)
    clock.advance(3601)
    late = await client.post(f"{V1}/agent/enrol", json={"token": made.json()["token"], "engine": "envoy"})
    assert (late.status_code, late.json()["code"]) == (401, "bad_enrolment")


async def test_the_ir_as_yaml_and_json_holds_no_key(client: httpx.AsyncClient, world: World, admin: Person) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    key = await world.key(app.id)
    as_yaml = await client.get(f"{V1}/gateways/edge/ir", headers=admin.headers)
    as_json = await client.get(f"{V1}/gateways/edge/ir", params={"format": "json"}, headers=admin.headers)
    assert yaml.safe_load(as_yaml.text) == as_json.json()
    assert as_json.json()["apis"][0]["slug"] == "weather"
    assert key.key not in as_yaml.text


async def test_a_held_delete_shows_and_a_yes_lets_it_through(
    client: httpx.AsyncClient, world: World, admin: Person
) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.confirm()
    withdrawn = await client.delete(f"{V1}/deployments/{made.id}", headers=world.provider.headers)
    assert withdrawn.json()["state"] == "withdrawing"
    held = ApiReceipt(api_id=world.api_id, content_hash="x", state="quarantined", reason="delete held: 1 of 1")
    await world.receive(Receipts(apis=(held,)))
    shown = (await client.get(f"{V1}/gateways/edge", headers=admin.headers)).json()
    assert shown["held_deletes"] == [world.api_id]
    assert (await client.post(f"{V1}/gateways/edge/confirm-deletes", headers=world.provider.headers)).status_code == 403
    yes = await client.post(f"{V1}/gateways/edge/confirm-deletes", headers=admin.headers)
    assert yes.status_code == 200
    await world.receive(Receipts(apis=(ApiReceipt(api_id=world.api_id, content_hash="", state="removed"),)))
    settled = await client.get(f"{V1}/deployments/{made.id}", headers=world.provider.headers)
    assert settled.json()["state"] == "withdrawn"
    again = await client.delete(f"{V1}/deployments/{made.id}", headers=world.provider.headers)
    assert (again.status_code, again.json()["code"]) == (409, "not_deployed")


async def test_a_key_by_rest_is_shown_once_even_when_the_create_is_sent_twice(
    client: httpx.AsyncClient, world: World
) -> None:
    app = await world.app()
    headers = {**world.consumer.headers, "Idempotency-Key": "abc"}
    first, second = [
        await client.post(f"{V1}/apps/{app.id}/credentials", json={"name": "ci"}, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    listed = (await client.get(f"{V1}/apps/{app.id}/credentials", headers=world.consumer.headers)).json()
    assert len(listed["items"]) == 1
    assert first.json()["key"] not in str(listed)
