"""ETags, If-Match and Idempotency-Key, on both databases."""

from __future__ import annotations

import asyncio

import httpx
from sqlalchemy import select

from tests.support.people import Person, Team
from waypost.application.parts import Parts
from waypost.information.models import IdempotencyRow
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock

TEAMS = "/api/v1/teams"
TOKENS = "/api/v1/me/tokens"
NEW_TOKEN = {"name": "ci", "scopes": ["catalog:read"]}


async def test_updates_name_the_revision_that_was_read(client: httpx.AsyncClient, team: Team) -> None:
    url, headers = f"{TEAMS}/{team.id}", team.owner.headers
    read = await client.get(url, headers=headers)
    assert read.headers["etag"] == '"1"'
    none = await client.patch(url, json={"description": "a"}, headers=headers)
    assert (none.status_code, none.json()["code"]) == (428, "precondition_required")
    first = await client.patch(url, json={"description": "a"}, headers={**headers, "If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"], first.json()["revision"]) == (200, '"2"', 2)
    late = await client.patch(url, json={"description": "b"}, headers={**headers, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    for odd in ("1", "*", '"x"', '"1", "2"'):
        answer = await client.patch(url, json={"description": "b"}, headers={**headers, "If-Match": odd})
        assert answer.status_code == 412, odd
    assert (await client.get(url, headers=headers)).json()["description"] == "a"


async def test_only_one_of_two_updates_at_once_wins(client: httpx.AsyncClient, team: Team) -> None:
    url, headers = f"{TEAMS}/{team.id}", {**team.owner.headers, "If-Match": '"1"'}
    calls = [client.patch(url, json={"description": text}, headers=headers) for text in ("a", "b", "c")]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 412}
    assert (await client.get(url, headers=team.owner.headers)).json()["revision"] == 2


async def test_an_unchanged_object_need_not_be_sent_again(client: httpx.AsyncClient, team: Team) -> None:
    headers = {**team.owner.headers, "If-None-Match": '"1"'}
    answer = await client.get(f"{TEAMS}/{team.id}", headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_repeated_create_gets_the_first_answer(client: httpx.AsyncClient, team: Team) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    first = await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    again = await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(TOKENS, json=NEW_TOKEN, headers={**headers, "Idempotency-Key": "two"})
    assert other.json()["id"] != first.json()["id"]


async def test_a_key_belongs_to_one_payload_and_one_person(
    client: httpx.AsyncClient, team: Team, admin: Person
) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    first = await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    other = await client.post(TOKENS, json={**NEW_TOKEN, "name": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    theirs = await client.post(TOKENS, json=NEW_TOKEN, headers={**headers, **admin.headers})
    assert theirs.json()["id"] != first.json()["id"]


async def test_a_token_of_other_scopes_is_not_shown_the_answer(client: httpx.AsyncClient, team: Team) -> None:
    narrow = (await client.post(TOKENS, json=NEW_TOKEN, headers=team.owner.headers)).json()["token"]
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    other = await client.post(TOKENS, json=NEW_TOKEN, headers={**headers, "Authorization": f"Bearer {narrow}"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_failed_create_keeps_nothing(client: httpx.AsyncClient, admin: Person) -> None:
    headers = {**admin.headers, "Idempotency-Key": "one"}
    body = {"name": "A", "organisation_id": "org_missing"}
    assert (await client.post(TEAMS, json=body, headers=headers)).status_code == 422
    assert (await client.post(TEAMS, json={"name": "A"}, headers=headers)).status_code == 201


async def test_keys_are_forgotten_after_a_day(client: httpx.AsyncClient, team: Team, clock: FakeClock) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    first = await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    clock.advance(24 * 3600)
    later = await client.post(TOKENS, json=NEW_TOKEN, headers=headers)
    assert later.json()["id"] != first.json()["id"]


async def test_creates_at_once_make_one_thing(client: httpx.AsyncClient, team: Team) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    answers = await asyncio.gather(*[client.post(TOKENS, json=NEW_TOKEN, headers=headers) for _ in range(6)])
    made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(set(made)) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    listed = (await client.get(TOKENS, headers=team.owner.headers)).json()["items"]
    assert [item["id"] for item in listed if item["name"] == "ci"] == made[:1]


async def test_what_is_kept_is_sealed(client: httpx.AsyncClient, team: Team, parts: Parts) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "one"}
    token = (await client.post(TOKENS, json=NEW_TOKEN, headers=headers)).json()["token"]
    async with unit_of_work(parts.engine, parts.clock, write=False) as uow:
        body = (await uow.session.execute(select(IdempotencyRow.body))).scalar_one()
    assert token.encode() not in body
    assert token.encode() in parts.keyring.open_bytes(body)


async def _link(client: httpx.AsyncClient, admin: Person) -> str:
    made = await client.post("/api/v1/users", json={"email": "new@example.org", "name": "New"}, headers=admin.headers)
    return str(made.json()["one_time_login_url"]).rsplit("token=", 1)[-1]


async def test_of_two_uses_of_a_link_at_once_one_signs_in(client: httpx.AsyncClient, admin: Person) -> None:
    body = {"one_time_token": await _link(client, admin)}
    answers = await asyncio.gather(*[client.post("/api/v1/session", json=body) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]


async def test_calls_at_once_survive_the_rotation_of_the_cookie(
    client: httpx.AsyncClient, admin: Person, clock: FakeClock
) -> None:
    await client.post("/api/v1/session", json={"one_time_token": await _link(client, admin)})
    clock.advance(16 * 60)
    answers = await asyncio.gather(*[client.get("/api/v1/session") for _ in range(6)])
    assert {answer.status_code for answer in answers} == {200}
    assert len([answer for answer in answers if "set-cookie" in answer.headers]) == 1
    assert (await client.get("/api/v1/session")).status_code == 200
