"""People, tokens, teams, the hub's settings and events over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text
from tests.support.definitions import ORDERS
from tests.support.people import People, Person, Team

from waypost.application.parts import Parts
from waypost.kit.clock import FakeClock

V1 = "/api/v1"


async def change(client: httpx.AsyncClient, who: Person, path: str, **options: Any) -> httpx.Response:
    """PATCH with the present ETag, or DELETE without a body."""
    read = await client.get(V1 + path, headers=who.headers)
    headers = {**who.headers, "If-Match": read.headers["etag"]}
    return await client.request(options.pop("method", "PATCH"), V1 + path, headers=headers, **options)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_people_are_added_found_changed_and_deleted(client: httpx.AsyncClient, admin: Person) -> None:
    new = {"email": "Ada@Example.org", "name": "Ada Lovelace"}
    made = await client.post(f"{V1}/users", json=new, headers=admin.headers)
    user = made.json()["user"]
    assert (user["email"], user["slug"], user["hub_role"]) == ("ada@example.org", "ada-lovelace", "member")
    assert code(await client.post(f"{V1}/users", json=new, headers=admin.headers)) == (409, "email_taken")
    found = await client.get(f"{V1}/users?q=LOVELACE", headers=admin.headers)
    assert [item["id"] for item in found.json()["items"]] == [user["id"]]
    assert (await client.get(f"{V1}/users?q=%25", headers=admin.headers)).json()["items"] == []
    changed = await change(client, admin, f"/users/{user['id']}", json={"hub_role": "auditor"})
    assert changed.json()["hub_role"] == "auditor"
    assert (await change(client, admin, f"/users/{user['id']}", method="DELETE")).status_code == 204
    assert (await client.get(f"{V1}/users/{user['id']}", headers=admin.headers)).status_code == 404


async def test_people_are_paged_in_a_stable_order(client: httpx.AsyncClient, admin: Person, people: People) -> None:
    for number in range(5):
        await people.user(f"Same Name {number % 2}")
    seen: list[str] = []
    cursor = ""
    while True:
        query = f"?limit=2&sort=-name{cursor}"
        page = (await client.get(f"{V1}/users{query}", headers=admin.headers)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 6
    bad = await client.get(f"{V1}/users?sort=password_hash", headers=admin.headers)
    assert code(bad) == (400, "bad_sort")
    assert code(await client.get(f"{V1}/users?cursor=nonsense", headers=admin.headers)) == (400, "bad_cursor")


async def test_the_last_administrator_stays(client: httpx.AsyncClient, admin: Person, people: People) -> None:
    for body in ({"hub_role": "member"}, {"state": "disabled"}):
        refused = await change(client, admin, f"/users/{admin.id}", json=body)
        assert code(refused) == (409, "last_administrator")
    other = await people.admin("Other")
    assert (await change(client, other, f"/users/{admin.id}", json={"hub_role": "member"})).status_code == 200


async def test_who_owns_things_is_not_deleted(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    await client.post(f"{V1}/apps", json={"name": "Mine"}, headers=team.owner.headers)
    assert code(await change(client, admin, f"/users/{team.owner.id}", method="DELETE")) == (409, "owns_things")


async def test_a_token_does_what_its_scopes_allow_until_it_is_revoked(
    client: httpx.AsyncClient, team: Team, clock: FakeClock
) -> None:
    owner = team.owner.headers
    body = {"name": "ci", "scopes": ["teams:read", "account:write", "account:read"]}
    made = (await client.post(f"{V1}/me/tokens", json=body, headers=owner)).json()
    listed = await client.get(f"{V1}/me/tokens", headers=owner)
    assert made["token"] not in listed.text
    assert made["token"].startswith(made["prefix"])
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert (await client.get(f"{V1}/teams/{team.id}", headers=mine)).status_code == 200
    refused = await client.patch(f"{V1}/teams/{team.id}", json={"name": "X"}, headers={**mine, "If-Match": '"1"'})
    assert code(refused) == (403, "forbidden")
    assert "teams:write" in refused.json()["detail"]
    wider = await client.post(f"{V1}/me/tokens", json={"name": "x", "scopes": ["teams:write"]}, headers=mine)
    assert code(wider) == (403, "scope_too_wide")
    password = await client.post(f"{V1}/me/password", json={"new_password": "a fine long sentence"}, headers=mine)
    assert password.status_code == 403
    assert (await client.delete(f"{V1}/me/tokens/{made['id']}", headers=owner)).status_code == 204
    assert (await client.get(f"{V1}/teams/{team.id}", headers=mine)).status_code == 401


async def test_the_end_of_a_token_is_a_moment_with_its_zone(client: httpx.AsyncClient, admin: Person) -> None:
    for moment in ("2026-12-30T00:00:00", "2026-12-30", "9999-12-31T23:59:59-14:00"):
        body = {"name": "ci", "scopes": ["account:read"], "expires_at": moment}
        assert (await client.post(f"{V1}/me/tokens", json=body, headers=admin.headers)).status_code == 422, moment


async def test_a_token_makes_none_that_outlives_it(client: httpx.AsyncClient, admin: Person, clock: FakeClock) -> None:
    soon, later = (clock.now() + timedelta(hours=hours) for hours in (1, 2))
    body = {"name": "ci", "scopes": ["account:write"], "expires_at": soon.isoformat()}
    made = (await client.post(f"{V1}/me/tokens", json=body, headers=admin.headers)).json()
    mine = {"Authorization": f"Bearer {made['token']}"}
    longer = await client.post(f"{V1}/me/tokens", json={**body, "expires_at": later.isoformat()}, headers=mine)
    assert code(longer) == (422, "invalid")
    assert longer.json()["errors"][0]["pointer"] == "/expires_at"
    unsaid = await client.post(f"{V1}/me/tokens", json={**body, "expires_at": None}, headers=mine)
    assert unsaid.json()["expires_at"] == made["expires_at"]


async def test_a_revoked_token_takes_along_what_was_made_with_it(client: httpx.AsyncClient, admin: Person) -> None:
    async def made(headers: dict[str, str]) -> tuple[str, dict[str, str]]:
        body = {"name": "ci", "scopes": ["account:read", "account:write", "events:read"]}
        token = (await client.post(f"{V1}/me/tokens", json=body, headers=headers)).json()
        return token["id"], {"Authorization": f"Bearer {token['token']}"}

    first, with_first = await made(admin.headers)
    _, with_second = await made(with_first)
    third, with_third = await made(with_second)
    _, with_other = await made(admin.headers)
    assert (await client.delete(f"{V1}/me/tokens/{first}", headers=admin.headers)).status_code == 204
    asked = [await client.get(f"{V1}/me/tokens", headers=who) for who in (with_first, with_second, with_third)]
    assert [answer.status_code for answer in asked] == [401] * 3
    assert (await client.delete(f"{V1}/me/tokens/{third}", headers=with_other)).status_code == 404
    (event,) = (await client.get(f"{V1}/events?kind=access_token.deleted", headers=admin.headers)).json()["items"]
    assert (event["object"]["id"], event["data"]["made_with_it"]) == (first, 2)


async def test_tokens_expire(client: httpx.AsyncClient, admin: Person, clock: FakeClock) -> None:
    soon = clock.now().replace(hour=13).isoformat()
    body = {"name": "ci", "scopes": ["hub:write"], "expires_at": soon}
    made = (await client.post(f"{V1}/me/tokens", json=body, headers=admin.headers)).json()
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert (await client.get(f"{V1}/roles", headers=mine)).status_code == 200
    clock.advance(3600)
    assert (await client.get(f"{V1}/roles", headers=mine)).status_code == 401
    past = await client.post(f"{V1}/me/tokens", json=body, headers=admin.headers)
    assert past.json()["errors"][0]["pointer"] == "/expires_at"
    unknown = {"name": "ci", "scopes": ["everything"]}
    assert (await client.post(f"{V1}/me/tokens", json=unknown, headers=admin.headers)).status_code == 422


async def test_others_tokens_and_sessions_are_out_of_reach(
    client: httpx.AsyncClient, admin: Person, team: Team
) -> None:
    body = {"name": "ci", "scopes": ["teams:read"]}
    made = (await client.post(f"{V1}/me/tokens", json=body, headers=team.owner.headers)).json()
    assert (await client.delete(f"{V1}/me/tokens/{made['id']}", headers=admin.headers)).status_code == 404


async def test_administrators_see_and_end_what_somebody_comes_in_by(
    client: httpx.AsyncClient, admin: Person, team: Team, people: People
) -> None:
    """Auditors see it; the secret is shown to nobody; the log tells who ended what."""
    owner, auditor = team.owner, await people.user("Audrey")
    await change(client, admin, f"/users/{auditor.id}", json={"hub_role": "auditor"})
    body = {"name": "ci", "scopes": ["account:read", "account:write"]}
    made = (await client.post(f"{V1}/me/tokens", json=body, headers=owner.headers)).json()
    with_it = {"Authorization": f"Bearer {made['token']}"}
    child = (await client.post(f"{V1}/me/tokens", json=body, headers=with_it)).json()
    path = f"{V1}/users/{owner.id}/tokens"
    for who in (admin, auditor):
        listed = await client.get(path, headers=who.headers)
        assert {made["id"], child["id"]} <= {item["id"] for item in listed.json()["items"]}
        assert made["token"] not in listed.text
    assert code(await client.delete(f"{path}/{made['id']}", headers=auditor.headers)) == (403, "forbidden")
    assert (await client.delete(f"{path}/{admin.id}", headers=admin.headers)).status_code == 404
    assert (await client.get(f"{V1}/users/usr_nobody/tokens", headers=admin.headers)).status_code == 404
    assert (await client.delete(f"{path}/{made['id']}", headers=admin.headers)).status_code == 204
    assert (await client.get(f"{V1}/me/tokens", headers=with_it)).status_code == 401
    (event,) = (await client.get(f"{V1}/events?kind=access_token.deleted", headers=admin.headers)).json()["items"]
    assert (event["actor"]["id"], event["owner_id"], event["object"]["id"]) == (admin.id, owner.id, made["id"])
    assert event["data"] == {"prefix": made["prefix"], "name": "ci", "made_with_it": 1}
    assert (await client.delete(path, headers=auditor.headers)).status_code == 403
    assert (await client.delete(path, headers=admin.headers)).status_code == 204
    assert (await client.get(f"{V1}/session", headers=owner.headers)).status_code == 401, "all of them"
    (event,) = (await client.get(f"{V1}/events?kind=user.tokens_revoked", headers=admin.headers)).json()["items"]
    assert (event["object"]["id"], event["data"]) == (owner.id, {"tokens": 1})


async def test_administrators_sign_somebody_out(client: httpx.AsyncClient, admin: Person) -> None:
    made = (await client.post(f"{V1}/users", json={"email": "ada@x.test", "name": "Ada"}, headers=admin.headers)).json()
    path = f"{V1}/users/{made['user']['id']}"
    links = [made["one_time_login_url"]]
    for _ in range(2):
        body = {"one_time_token": links[-1].rsplit("token=", 1)[-1]}
        assert (await client.post(f"{V1}/session", json=body)).status_code == 201
        fresh = await client.post(f"{path}/one-time-login", headers=admin.headers)
        links.append(fresh.json()["one_time_login_url"])
    (session,) = (await client.get(f"{path}/sessions", headers=admin.headers)).json()["items"]
    assert session["current"] is False
    assert (await client.delete(f"{path}/sessions/{session['id']}", headers=admin.headers)).status_code == 204
    assert (await client.get(f"{path}/sessions", headers=admin.headers)).json()["items"] == []
    assert (await client.get(f"{V1}/session")).status_code == 401
    assert (await client.delete(f"{path}/sessions", headers=admin.headers)).status_code == 204
    spent = await client.post(f"{V1}/session", json={"one_time_token": links[-1].rsplit("token=", 1)[-1]})
    assert spent.status_code == 401, "the link that was not used yet"
    (event,) = (await client.get(f"{V1}/events?kind=user.signed_out", headers=admin.headers)).json()["items"]
    assert event["data"] == {"sessions": 0, "one_time_logins": 1}


async def test_a_team_keeps_an_owner_and_members_may_leave(
    client: httpx.AsyncClient, team: Team, people: People
) -> None:
    path, owner = f"{V1}/teams/{team.id}/members", team.owner
    refused = await client.delete(f"{path}/{owner.id}", headers=owner.headers)
    assert code(refused) == (409, "last_owner")
    assert code(await client.put(f"{path}/{owner.id}", json={"role": "viewer"}, headers=owner.headers)) == (
        409,
        "last_owner",
    )
    bob = await people.user("Bob")
    added = await client.put(f"{path}/{bob.email}", json={"role": "viewer"}, headers=owner.headers)
    assert (added.json()["user_id"], added.json()["role"]) == (bob.id, "viewer")
    assert (await client.put(f"{path}/{owner.id}", json={"role": "viewer"}, headers=bob.headers)).status_code == 403
    assert (await client.delete(f"{path}/{bob.id}", headers=bob.headers)).status_code == 204
    assert (await client.get(path, headers=bob.headers)).status_code == 404


async def test_team_slugs_are_one_of_a_kind(client: httpx.AsyncClient, admin: Person) -> None:
    first = await client.post(f"{V1}/teams", json={"name": "Data"}, headers=admin.headers)
    second = await client.post(f"{V1}/teams", json={"name": "Data"}, headers=admin.headers)
    assert (first.json()["slug"], second.json()["slug"]) == ("data", "data-2")
    taken = await client.post(f"{V1}/teams", json={"name": "X", "slug": "data"}, headers=admin.headers)
    assert code(taken) == (409, "slug_taken")
    by_slug = await client.get(f"{V1}/teams/data", headers=admin.headers)
    assert by_slug.json()["id"] == first.json()["id"]
    gone = await change(client, admin, "/teams/data", method="DELETE")
    assert gone.status_code == 204


async def test_the_brand_is_the_hubs_own(client: httpx.AsyncClient, admin: Person) -> None:
    brand = {"name": "Acme APIs", "primary_color": "#336699", "logo_url": "/logo.svg"}
    assert (await change(client, admin, "/hub", json=brand)).status_code == 200
    hub = (await client.get(f"{V1}/hub")).json()
    assert {name: hub[name] for name in brand} == brand
    assert hub["may"] == []
    picture = {"logo_url": "data:image/png;base64," + "A" * 40_000}
    assert (await change(client, admin, "/hub", json=picture)).json()["logo_url"] == picture["logo_url"]
    for bad in (
        {"logo_url": "https://tracker.example/x.png"},
        {"logo_url": "data:text/html;base64,AAAA"},
        {"logo_url": "//tracker.example/x.png"},
        {"primary_color": "red;background:url(x)"},
        {"support_url": "javascript:alert(1)"},
        {"name": ""},
    ):
        assert (await change(client, admin, "/hub", json=bad)).status_code == 422, bad


async def test_events_tell_who_did_what_to_what(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    await change(client, team.owner, f"/teams/{team.id}", json={"description": "Ours"})
    await client.patch(f"{V1}/me", json={"name": "Boss"}, headers=admin.headers)
    events = (await client.get(f"{V1}/events", headers=admin.headers)).json()["items"]
    assert [event["kind"] for event in events] == ["user.updated", "team.updated"]
    assert events[1]["actor"] == {"id": team.owner.id, "kind": "user", "name": team.owner.name}
    assert events[1]["object"] == {"kind": "team", "id": team.id, "label": "Payments"}
    assert events[1]["request_id"].startswith("req_")
    mine = (await client.get(f"{V1}/events", headers=team.owner.headers)).json()["items"]
    assert [event["kind"] for event in mine] == ["team.updated"]
    some = await client.get(f"{V1}/events?kind=team.*&actor_id={team.owner.id}", headers=admin.headers)
    assert len(some.json()["items"]) == 1
    none = await client.get(f"{V1}/events?to=2020-01-01T00:00:00Z", headers=admin.headers)
    assert none.json()["items"] == []


async def test_events_name_what_they_speak_of(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    new = {"content": ORDERS, "owner_id": team.id, "name": "Orders"}
    api = (await client.post(f"{V1}/apis/import", json=new, headers=admin.headers)).json()["api"]
    plan = {"name": "Free", "version": {"rate_limits": [{"requests": 10, "seconds": 60}]}}
    await client.post(f"{V1}/apis/{api['id']}/plans", json=plan, headers=admin.headers)
    app = (await client.post(f"{V1}/apps", json={"name": "Shop"}, headers=admin.headers)).json()
    made = await client.post(f"{V1}/apps/{app['id']}/credentials", json={"name": "first"}, headers=admin.headers)
    await client.put(f"{V1}/teams/{team.id}/members/{admin.id}", json={"role": "viewer"}, headers=admin.headers)
    events = (await client.get(f"{V1}/events", headers=admin.headers)).json()["items"]
    labels = {event["kind"]: event["object"]["label"] for event in events}
    assert labels["plan.created"] == "Orders · Free"
    assert labels["credential.created"] == f"Shop · {made.json()['prefix']}"
    assert labels["team.member_set"] == f"{team.name} · {admin.name}"


async def test_a_changed_event_breaks_the_chain(
    client: httpx.AsyncClient, admin: Person, team: Team, parts: Parts
) -> None:
    for name in ("a", "b", "c"):
        await client.patch(f"{V1}/me", json={"name": name}, headers=admin.headers)
    whole = (await client.get(f"{V1}/events/verify", headers=admin.headers)).json()
    assert whole == {"ok": True, "checked": 3, "broken_at": None}
    async with parts.engine.begin() as connection:
        await connection.execute(text("UPDATE events SET kind = 'user.created' WHERE seq = 2"))
    broken = (await client.get(f"{V1}/events/verify", headers=admin.headers)).json()
    assert (broken["ok"], broken["broken_at"]) == (False, 2)
    async with parts.engine.begin() as connection:
        await connection.execute(text("DELETE FROM events WHERE seq >= 2"))
    cut = (await client.get(f"{V1}/events/verify", headers=admin.headers)).json()
    assert (cut["ok"], cut["broken_at"]) == (False, 2)
