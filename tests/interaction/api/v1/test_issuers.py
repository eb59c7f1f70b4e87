"""Issuers over REST: an answer is repeated for its key, and who owns one is not deleted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support.people import Person, Team

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BODY: dict[str, Any] = {"url": "https://a.test", "shared_secret": "s" * 40, "algorithms": ["HS256"]}


async def test_a_repeated_create_gets_its_first_answer(client: httpx.AsyncClient, admin: Person) -> None:
    headers = {**admin.headers, "Idempotency-Key": "one"}
    answers = [await client.post("/api/v1/issuers", json=BODY, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert (await client.post("/api/v1/issuers", json=BODY, headers=admin.headers)).json()["code"] == "issuer_taken"


async def test_a_team_with_an_issuer_is_not_deleted(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    made = await client.post("/api/v1/issuers", json={**BODY, "owner_id": team.id}, headers=team.owner.headers)
    assert made.status_code == 201, made.text
    tag = {"If-Match": (await client.get(f"/api/v1/teams/{team.id}", headers=admin.headers)).headers["etag"]}
    refused = await client.delete(f"/api/v1/teams/{team.id}", headers={**admin.headers, **tag})
    assert refused.json()["code"] == "owns_things"


async def test_what_a_policy_or_a_client_rests_on_stays(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    made = (await client.post("/api/v1/issuers", json=BODY, headers=admin.headers)).json()
    api = {"name": "Maps", "slug": "maps", "base_path": "/maps", "owner_id": team.id}
    api_id = (await client.post("/api/v1/apis", json=api, headers=team.owner.headers)).json()["id"]
    policy = {"config": {"issuers": [{"issuer": made["id"]}]}}
    put = await client.put(f"/api/v1/apis/{api_id}/policies/jwt", json=policy, headers=team.owner.headers)
    assert put.status_code < 300, put.text
    tag = {**admin.headers, "If-Match": '"1"'}
    refused = await client.delete(f"/api/v1/issuers/{made['id']}", headers=tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "issuer_in_use")
    etag = (await client.get(f"/api/v1/apis/{api_id}/policies/jwt", headers=team.owner.headers)).headers["etag"]
    path = f"/api/v1/apis/{api_id}/policies/jwt"
    assert (await client.delete(path, headers={**team.owner.headers, "If-Match": etag})).status_code == 204
    app = (await client.post("/api/v1/apps", json={"name": "A"}, headers=admin.headers)).json()["id"]
    wanted = {"kind": "external_client", "issuer": made["id"], "client_id": "planner"}
    key = await client.post(f"/api/v1/apps/{app}/credentials", json=wanted, headers=admin.headers)
    assert (await client.delete(f"/api/v1/issuers/{made['id']}", headers=tag)).status_code == 409
    await client.post(f"/api/v1/credentials/{key.json()['id']}/revoke", headers=admin.headers)
    assert (await client.delete(f"/api/v1/issuers/{made['id']}", headers=tag)).status_code == 204
