"""What must not happen: two owners of one address, deleting what is in use, half an import."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs
from tests.conftest import CtxAs
from tests.interaction.api.v1.test_catalog import V1, imported, patch, publish
from tests.support.definitions import ORDERS, ORDERS_NEXT
from tests.support.people import Team

from waypost.application.parts import Parts
from waypost.information.models import (
    ApiRow,
    AppRow,
    BlobRow,
    DeploymentRow,
    EventRow,
    GatewayRow,
    SubscriptionRow,
    VersionRow,
)
from waypost.kit.ids import new_id


async def test_of_two_at_the_same_moment_one_gets_the_path(client: httpx.AsyncClient, team: Team) -> None:
    async def attempt(name: str) -> httpx.Response:
        body = {"content": ORDERS, "owner_id": team.id, "slug": name, "base_path": "/orders"}
        return await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)

    answers = await asyncio.gather(*(attempt(f"orders-{number}") for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"path_taken"}


async def test_of_two_versions_at_the_same_moment_one_gets_the_mount(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)

    async def attempt(name: str) -> httpx.Response:
        path = f"{V1}/apis/{made['api']['id']}/versions"
        return await client.post(path, json={"name": name, "mount": "/v2"}, headers=team.owner.headers)

    answers = await asyncio.gather(*(attempt(f"2.{number}") for number in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409], [answer.text for answer in answers]


async def deploy(ctx_as: CtxAs, made: dict[str, Any], *, state: str = "live", url: str = "http://gw.test/") -> None:
    """A deployment as the gateways' part would leave it."""
    async with ctx_as() as ctx:
        now = ctx.clock.now()
        gateway = GatewayRow(id=new_id("gw"), slug=new_id("g")[:20], name="G", engine="envoy", public_url=url)
        gateway.created_at = gateway.updated_at = now
        ctx.session.add(gateway)
        await ctx.session.flush()
        row = DeploymentRow(id=new_id("dep"), version_id=made["version"]["id"], api_id=made["api"]["id"], state=state)
        row.gateway_id, row.requested_at, row.created_at, row.updated_at = gateway.id, now, now, now
        ctx.session.add(row)


async def test_what_is_on_a_gateway_stays(client: httpx.AsyncClient, team: Team, ctx_as: CtxAs) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    await deploy(ctx_as, made)
    api, version = f"/apis/{made['api']['id']}", f"/versions/{made['version']['id']}"
    for path, change in ((api, {"base_path": "/other"}), (version, {"mount": "/v9"}), (version, {"upstream_url": ""})):
        answer = await patch(client, team.owner, path, change)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use"), path
    for path in (version, api):
        assert (await patch(client, team.owner, path, {"lifecycle": "deprecated"})).status_code == 200
        assert (await patch(client, team.owner, path, {"lifecycle": "retired"})).json()["code"] == "in_use"
        tag = (await client.get(f"{V1}{path}", headers=team.owner.headers)).headers["etag"]
        answer = await client.delete(f"{V1}{path}", headers={**team.owner.headers, "If-Match": tag})
        assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
        assert answer.json()["hint"]


async def test_the_reference_names_the_gateways(client: httpx.AsyncClient, team: Team, ctx_as: CtxAs) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    await deploy(ctx_as, made)
    await deploy(ctx_as, made, state="withdrawn", url="http://gone.test")
    reference = await client.get(f"{V1}/versions/{made['version']['id']}/reference")
    assert reference.json()["servers"] == [{"url": "http://gw.test/orders"}]


@pytest.mark.parametrize(("state", "status"), [("active", 409), ("pending", 409), ("cancelled", 204)])
async def test_what_is_subscribed_to_stays(
    client: httpx.AsyncClient, team: Team, ctx_as: CtxAs, state: str, status: int
) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    path = f"{V1}/apis/{made['api']['id']}"
    plan = await client.post(f"{path}/plans", json={"name": "Free", "version": {}}, headers=team.owner.headers)
    async with ctx_as() as ctx:
        now = ctx.clock.now()
        app = AppRow(id=new_id("app"), owner_id=team.id, name="A", created_at=now, updated_at=now)
        ctx.session.add(app)
        await ctx.session.flush()
        row = SubscriptionRow(id=new_id("sub"), app_id=app.id, api_id=made["api"]["id"], state=state, requested_by="x")
        row.plan_version_id, row.created_at, row.updated_at = plan.json()["current_version"]["id"], now, now
        ctx.session.add(row)
    headers = {**team.owner.headers, "If-Match": '"1"'}
    used = await client.delete(f"{V1}/plans/{plan.json()['id']}", headers=headers)
    assert (used.status_code, used.json()["code"]) == (409, "plan_in_use")
    tag = (await client.get(path)).headers["etag"]
    assert (await client.delete(path, headers={**team.owner.headers, "If-Match": tag})).status_code == status


async def test_an_import_that_fails_half_way_leaves_nothing(
    client: httpx.AsyncClient, team: Team, parts: Parts, ctx_as: CtxAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        async def replace(self, *_: Any) -> None:
            raise RuntimeError("the disk is full")

    body = {"content": ORDERS, "owner_id": team.id}
    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(parts, "search", Broken())
        failed = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert failed.status_code == 500
    assert "disk" not in failed.text, "nothing internal leaks"
    assert any(entry["log_level"] == "error" for entry in logged)
    async with ctx_as(write=False) as ctx:
        for row in (ApiRow, VersionRow, BlobRow, EventRow):
            assert await ctx.session.scalar(select(func.count()).select_from(row)) == 0, row
    again = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert again.status_code == 201


async def test_a_definition_over_the_limit_is_refused(client: httpx.AsyncClient, team: Team, parts: Parts) -> None:
    parts.limits = type(parts.limits)(definition_bytes=1000)
    body = {"content": ORDERS, "owner_id": team.id}
    answer = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_private_upstreams_are_not_taken_over_where_they_are_off(
    client: httpx.AsyncClient, team: Team, parts: Parts
) -> None:
    parts.limits = type(parts.limits)(private_upstreams=False)
    made = await imported(client, team)
    path = f"/versions/{made['version']['id']}"
    refused = await patch(client, team.owner, path, {"upstream_url": "http://10.0.0.1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "upstream_invalid")
    local = ORDERS.replace("https://orders.example.com/base", "http://localhost:9")
    answer = await client.put(f"{V1}{path}/definition", json={"content": local}, headers=team.owner.headers)
    assert answer.json()["version"]["upstream_url"] == ""


async def test_of_two_changes_at_the_same_moment_none_is_lost(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    api, version = f"{V1}/apis/{made['api']['id']}", f"{V1}/versions/{made['version']['id']}"
    tag = {**team.owner.headers, "If-Match": f'"{made["api"]["revision"]}"'}
    patches = [client.patch(api, json={"name": name}, headers=tag) for name in "abc"]
    assert sorted(answer.status_code for answer in await asyncio.gather(*patches))[0] == 200
    read = (await client.get(api, headers=team.owner.headers)).json()
    assert read["revision"] == made["api"]["revision"] + 1, "exactly one of them"
    imports = [
        client.put(f"{version}/definition", json={"content": text}, headers=team.owner.headers)
        for text in (ORDERS_NEXT, ORDERS, ORDERS_NEXT)
    ]
    statuses = {answer.status_code for answer in await asyncio.gather(*imports)}
    assert statuses <= {200, 409}
    keys = [
        item["key"] for item in (await client.get(f"{version}/operations", headers=team.owner.headers)).json()["items"]
    ]
    assert len(keys) == len(set(keys)) == 3
    puts = [
        client.put(f"{version}/policies/timeout", json={"config": {"request_ms": ms}}, headers=team.owner.headers)
        for ms in (1, 2, 3)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*puts)} <= {200, 409}
