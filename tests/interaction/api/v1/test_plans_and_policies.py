"""Plans and policies over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.conftest import CtxAs
from tests.interaction.api.v1.test_catalog import V1, imported, patch, publish
from tests.support.people import People, Team

from waypost.application.policies.secrets import unseal
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import EventRow, PolicyRow
from waypost.kit.clock import FakeClock

TERMS = {"rate_limits": [{"requests": 6, "seconds": 60}], "quota": {"requests": 1000, "window": "day"}}


@pytest.fixture
async def made(client: httpx.AsyncClient, team: Team) -> dict[str, Any]:
    """A public API that is published."""
    result = await imported(client, team, visibility="public")
    await publish(client, team, result)
    return result


async def plan(client: httpx.AsyncClient, team: Team, api_id: str, **more: Any) -> httpx.Response:
    body = {"name": "Free", "version": TERMS, **more}
    return await client.post(f"{V1}/apis/{api_id}/plans", json=body, headers=team.owner.headers)


async def test_plans_are_made_listed_and_given_new_terms(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    api = made["api"]["id"]
    free = (await plan(client, team, api)).json()
    paid = (await plan(client, team, api, name="Paid", version={"approval": True})).json()
    assert (free["slug"], free["position"], paid["position"]) == ("free", 0, 1)
    assert free["current_version"]["quota"] == {"requests": 1000, "window": "day"}
    plain = {"unit": "requests", "header": "", "rolling": False, "soft_percent": 0, "overage": False}
    assert free["current_version"]["quotas"] == [{"amount": 1000, "window": "day", **plain}]
    assert (paid["current_version"]["quota"], paid["current_version"]["quotas"]) == (None, [])
    seen = (await client.get(f"{V1}/apis/{api}/plans")).json()["items"]
    assert [(item["name"], item["may"]) for item in seen] == [("Free", []), ("Paid", [])]
    terms = {"rate_limits": [{"requests": 12, "seconds": 60}]}
    newer = await client.post(f"{V1}/plans/{free['id']}/versions", json=terms, headers=team.owner.headers)
    assert newer.status_code == 201
    assert newer.json()["current_version"]["number"] == 2
    assert newer.json()["current_version"]["id"] != free["current_version"]["id"]
    history = await client.get(f"{V1}/plans/{free['id']}/versions", headers=team.owner.headers)
    assert [item["number"] for item in history.json()["items"]] == [2, 1]
    assert history.json()["items"][1] == free["current_version"], "a version never changes"


async def test_plan_faults_are_named(
    client: httpx.AsyncClient, team: Team, people: People, made: dict[str, Any]
) -> None:
    api = made["api"]["id"]
    assert (await plan(client, team, api)).status_code == 201
    twice = await plan(client, team, api)
    assert (twice.status_code, twice.json()["code"]) == (409, "plan_taken")
    for wrong in (
        {"rate_limits": [{"requests": 0, "seconds": 60}]},
        {"quota": {"requests": 5, "window": "year"}},
        {"price": {"amount_cents": 100, "currency": "euro"}},
    ):
        answer = await plan(client, team, api, name="Wrong", version=wrong)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith("/version/")
    stranger = await people.user()
    body = {"name": "Mine", "version": {}}
    assert (await client.post(f"{V1}/apis/{api}/plans", json=body, headers=stranger.headers)).status_code == 403


async def test_a_retired_plan_is_hidden_from_consumers(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    free = (await plan(client, team, made["api"]["id"])).json()
    answer = await patch(client, team.owner, f"/plans/{free['id']}", {"lifecycle": "retired", "name": "Old"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Old")
    assert (await client.get(f"{V1}/plans/{free['id']}")).status_code == 404
    assert (await client.get(f"{V1}/apis/{made['api']['id']}/plans")).json()["items"] == []
    headers = {**team.owner.headers, "If-Match": f'"{answer.json()["revision"]}"'}
    assert (await client.delete(f"{V1}/plans/{free['id']}", headers=headers)).status_code == 204


async def test_policies_are_set_explained_and_taken_away(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    version = f"{V1}/versions/{made['version']['id']}"
    operations = (await client.get(f"{version}/operations")).json()["items"]
    first = {"operation_id": operations[0]["id"]}
    who = team.owner.headers
    for params, milliseconds in (({}, 5000), (first, 900)):
        body = {"config": {"request_ms": milliseconds}}
        answer = await client.put(f"{version}/policies/timeout", params=params, json=body, headers=who)
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == '"1"'

    async def timeout(params: dict[str, str]) -> tuple[int, str]:
        items = (await client.get(f"{version}/effective-policies", params=params, headers=who)).json()["items"]
        found = next(item for item in items if item["kind"] == "timeout")
        return found["config"]["request_ms"], found["from"]["level"]

    assert await timeout({}) == (5000, "version")
    assert await timeout(first) == (900, "operation")
    assert (await client.delete(f"{version}/policies/timeout", params=first, headers=who)).status_code == 204
    assert await timeout(first) == (5000, "version")
    assert (await client.delete(f"{version}/policies/timeout", headers=who)).status_code == 204
    assert await timeout(first) == (30_000, "default")
    assert (await client.get(f"{version}/policies/timeout", headers=who)).json()["code"] == "policy_not_found"


async def test_a_policy_is_replaced_only_at_the_revision_that_was_read(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    path, who = f"{V1}/apis/{made['api']['id']}/policies/cors", team.owner.headers
    body = {"config": {"origins": ["https://shop.example"]}}
    assert (await client.put(path, json=body, headers=who)).json()["revision"] == 1
    assert (await client.put(path, json=body, headers={**who, "If-Match": '"1"'})).json()["revision"] == 2
    assert (await client.put(path, json=body, headers={**who, "If-Match": '"1"'})).status_code == 412
    gone = f"{V1}/apis/{made['api']['id']}/policies/ip"
    late = await client.put(gone, json={"config": {}}, headers={**who, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed"), "nobody's removal is undone unseen"
    wrong = await client.put(path, json={"config": {"origins": ["*"], "credentials": True}}, headers=who)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/config/credentials")
    unknown = await client.put(f"{V1}/apis/{made['api']['id']}/policies/mock", json={"config": {}}, headers=who)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "policy_kind_unknown")


async def test_policies_are_the_providers_and_their_values_stay_out_of_the_log(
    client: httpx.AsyncClient, team: Team, people: People, made: dict[str, Any], ctx_as: CtxAs
) -> None:
    path = f"{V1}/versions/{made['version']['id']}/policies/headers"
    body = {"config": {"request_set": [{"name": "authorization", "value": "Basic c2VjcmV0"}]}}
    assert (await client.put(path, json=body, headers=team.owner.headers)).status_code == 200
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers=(await people.user()).headers)).status_code == 403
    async with ctx_as(write=False) as ctx:
        events = (await ctx.session.scalars(select(EventRow).where(EventRow.kind == "policy.set"))).all()
    assert [event.data["policy"] for event in events] == ["headers"]
    assert "c2VjcmV0" not in str(events[0].data)


async def test_the_reference_shows_the_key_where_the_policy_puts_it(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    api, reference = f"{V1}/apis/{made['api']['id']}", f"{V1}/versions/{made['version']['id']}/reference"
    body = {"config": {"header": "authorization", "query": "api_key"}}
    await client.put(f"{api}/policies/key_auth", json=body, headers=team.owner.headers)
    document = (await client.get(reference)).json()
    assert document["security"] == [{"key": []}, {"key_in_query": []}]
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    await client.put(f"{api}/policies/key_auth", json={"config": {"enabled": False}}, headers=team.owner.headers)
    assert (await client.get(reference)).json()["security"] == []


async def test_a_lock_of_the_hub_is_named_to_who_would_override_it(
    client: httpx.AsyncClient, team: Team, people: People, made: dict[str, Any]
) -> None:
    admin, who = (await people.admin()).headers, team.owner.headers
    body = {"config": {"deny": ["203.0.113.0/24"], "allow": ["0.0.0.0/0"]}, "locked": True}
    assert (await client.put(f"{V1}/hub/policies/ip", json=body, headers=who)).status_code == 403
    assert (await client.put(f"{V1}/hub/policies/ip", json=body, headers=admin)).status_code == 200
    assert (
        await client.put(f"{V1}/hub/policies/timeout", json={"config": {}, "locked": True}, headers=admin)
    ).is_success
    path = f"{V1}/apis/{made['api']['id']}/policies"
    refused = await client.put(f"{path}/ip", json={"config": {"allow": ["10.0.0.0/8"]}}, headers=who)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_locked")
    assert refused.json()["errors"][0]["pointer"] == "/config/allow"
    assert "the hub" in refused.json()["errors"][0]["message"]
    whole = await client.put(f"{path}/timeout", json={"config": {"request_ms": 1}}, headers=who)
    assert (whole.status_code, whole.json()["errors"][0]["pointer"]) == (409, "/config")
    assert (await client.put(f"{path}/ip", json={"config": {"deny": ["10.0.0.0/8"]}}, headers=who)).status_code == 200
    mine = {"config": {"deny": ["10.1.0.0/16"]}, "locked": True}
    assert (await client.put(f"{path}/ip", json=mine, headers=who)).json()["errors"][0]["pointer"] == "/locked"
    items = (await client.get(f"{V1}/apis/{made['api']['id']}/effective-policies", headers=who)).json()["items"]
    ip = next(item for item in items if item["kind"] == "ip")
    assert ip["locked"]
    origins = {item["pointer"]: item["from"]["level"] for item in ip["origins"]}
    assert origins == {"/allow": "hub", "/deny/0": "hub", "/deny/1": "api"}


async def test_a_hub_keeps_its_apis_from_taking_calls_without_a_credential(
    client: httpx.AsyncClient, team: Team, people: People, made: dict[str, Any]
) -> None:
    admin, path = (await people.admin()).headers, f"{V1}/apis/{made['api']['id']}"
    body: dict[str, Any] = {"config": {"allowed": True}}
    assert (await client.put(f"{path}/policies/anonymous", json=body, headers=team.owner.headers)).status_code == 200
    lock = {"config": {"allowed": False}, "locked": True}
    assert (await client.put(f"{V1}/hub/policies/anonymous", json=lock, headers=admin)).status_code == 200
    items = (await client.get(f"{path}/effective-policies", headers=team.owner.headers)).json()["items"]
    [held] = [item for item in items if item["kind"] == "anonymous"]
    assert (held["config"], held["from"]["level"], held["locked"]) == ({"allowed": False}, "hub", True)
    version = f"{V1}/versions/{made['version']['id']}/policies/anonymous"
    refused = await client.put(version, json=body, headers=team.owner.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_locked")


async def test_a_team_sets_policies_for_all_its_apis_and_members_only_read_them(
    client: httpx.AsyncClient, team: Team, people: People, made: dict[str, Any]
) -> None:
    member, stranger = await people.user(), await people.user()
    await people.join(member, team, role="developer")
    path = f"{V1}/teams/{team.id}/policies/timeout"
    body = {"config": {"request_ms": 4000}}
    assert (await client.put(path, json=body, headers=member.headers)).status_code == 403
    assert (await client.put(path, json=body, headers=stranger.headers)).status_code == 404
    assert (await client.put(path, json=body, headers=team.owner.headers)).status_code == 200
    assert (await client.get(path, headers=member.headers)).json()["config"] == {"request_ms": 4000}
    effective = f"{V1}/versions/{made['version']['id']}/effective-policies"
    items = (await client.get(effective, headers=member.headers)).json()["items"]
    timeout = next(item for item in items if item["kind"] == "timeout")
    assert (timeout["config"]["request_ms"], timeout["from"]["level"]) == (4000, "team")


async def test_a_maintenance_ends_in_the_future_when_it_is_saved(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any], clock: FakeClock
) -> None:
    path = f"{V1}/apis/{made['api']['id']}/policies/maintenance"

    def at(hours: int) -> dict[str, Any]:
        return {"config": {"until": (clock.now() + timedelta(hours=hours)).isoformat()}}

    for method, address in (("PUT", path), ("POST", f"{path}/plan")):
        answer = await client.request(method, address, json=at(-1), headers=team.owner.headers)
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/config/until"]
        assert "take the policy away" in answer.json()["errors"][0]["hint"]
    off = {"config": {**at(-1)["config"], "enabled": False}}
    assert (await client.put(path, json=off, headers=team.owner.headers)).is_success
    assert (await client.put(path, json=at(1), headers=team.owner.headers)).is_success
    clock.advance(7200)
    kept = await client.get(path, headers=team.owner.headers)
    assert kept.status_code == 200
    held = await client.get(f"{V1}/apis/{made['api']['id']}/effective-policies", headers=team.owner.headers)
    assert "maintenance" in [item["kind"] for item in held.json()["items"]]
    timeout = await client.put(path.replace("maintenance", "timeout"), json={"config": {}}, headers=team.owner.headers)
    assert timeout.is_success, timeout.text
    assert (await client.delete(path, headers=team.owner.headers)).status_code == 204


async def test_a_secret_in_a_policy_is_sealed_and_never_shown_again(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any], ctx_as: CtxAs
) -> None:
    path, who = f"{V1}/versions/{made['version']['id']}/policies/headers", team.owner.headers
    secret = {"name": "authorization", "value": "Basic aHVzaA==", "secret": True}
    saved = await client.put(path, json={"config": {"request_set": [secret]}}, headers=who)
    assert saved.status_code == 200
    for answer in (saved, await client.get(path, headers=who), await client.get(path.rsplit("/", 1)[0], headers=who)):
        assert "aHVzaA" not in answer.text
    again = {"config": {**saved.json()["config"], "request_remove": ["cookie"]}}
    assert (await client.put(path, json=again, headers=who)).status_code == 200, "the kept secret stays"
    async with ctx_as(write=False) as ctx:
        row = (await ctx.session.scalars(select(PolicyRow).where(PolicyRow.kind == "headers"))).one()
        assert "aHVzaA" not in str(row.config)
        assert "Basic aHVzaA==" in unseal(ctx.parts.keyring, row.sealed).values()
    bare = {"config": {"request_set": [{"name": "x-other", "secret": True}]}}
    refused = await client.put(path, json=bare, headers=who)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/config/request_set/0/value")


async def test_what_another_policy_contradicts_is_refused_with_the_place(
    client: httpx.AsyncClient, team: Team, made: dict[str, Any]
) -> None:
    version, who = f"{V1}/versions/{made['version']['id']}", team.owner.headers
    body = {"config": {"request_set": [{"name": "x-org", "value": "{claim.org}"}]}}
    refused = await client.put(f"{version}/policies/headers", json=body, headers=who)
    assert (refused.status_code, refused.json()["code"]) == (422, "policy_contradicts")
    assert refused.json()["errors"][0]["pointer"] == "/config/request_set/0/value"
    jwt = f"{V1}/apis/{made['api']['id']}/policies/jwt"
    unknown = await client.put(jwt, json={"config": {"issuers": [{"issuer": "iss_nobody"}]}}, headers=who)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/config/issuers/0/issuer")
    weak = {"config": {"issuers": [{"issuer": "hub", "algorithms": ["HS256"]}]}}
    assert (await client.put(jwt, json=weak, headers=who)).json()["errors"][0]["pointer"].endswith("/algorithms")
    assert (await client.put(jwt, json={"config": {"issuers": [{"issuer": "hub"}]}}, headers=who)).status_code == 200
    assert (await client.put(f"{version}/policies/headers", json=body, headers=who)).status_code == 200
    needed = await client.delete(jwt, headers=who)
    assert (needed.status_code, needed.json()["code"]) == (422, "policy_contradicts")


async def test_kinds_come_with_the_schema_of_their_form(client: httpx.AsyncClient) -> None:
    items = (await client.get(f"{V1}/policy-kinds")).json()["items"]
    kinds = {item["kind"]: item for item in items}
    assert set(kinds) == {kind.value for kind in PolicyKind}
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert (kinds["cors"]["levels"], kinds["cors"]["merge"]) == (["hub", "team", "api"], "replace")
    assert "origins" in kinds["cors"]["schema"]["properties"]
    assert kinds["ip"]["merge"] == "merge"
