"""Signing in over REST: cookie, CSRF, rotation, throttling, one-time links."""

from __future__ import annotations

import httpx
import pytest
from argon2 import PasswordHasher

from tests.support.people import People, Person
from waypost.application.accounts import passwords
from waypost.application.accounts.passwords import hash_password
from waypost.kit.clock import FakeClock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PASSWORD = "a fine long sentence"
SESSION = "/api/v1/session"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id all the same, at a cost for tests."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_DUMMY", hasher.hash("nobody"))


@pytest.fixture
async def ann(people: People) -> Person:
    """Somebody with a password."""
    return await people.user("Ann", password_hash=await hash_password(PASSWORD))


async def sign_in(client: httpx.AsyncClient, person: Person, password: str = PASSWORD) -> httpx.Response:
    """POST /session; later unsafe calls of ``client`` carry the CSRF token."""
    response = await client.post(SESSION, json={"email": person.email, "password": password})
    if response.status_code == 201:
        client.headers["X-CSRF-Token"] = response.json()["csrf_token"]
    return response


async def test_sign_in_sets_a_guarded_cookie(client: httpx.AsyncClient, ann: Person) -> None:
    response = await sign_in(client, ann)
    assert response.status_code == 201
    cookie, hint = response.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert hint.startswith("signed_in=1;")
    assert "HttpOnly" not in hint
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # http
    body = (await client.get(SESSION)).json()
    assert body["user"]["id"] == ann.id
    assert body["csrf_token"] == response.json()["csrf_token"]
    assert body["must_set_password"] is False


async def test_https_cookie_is_secure(client: httpx.AsyncClient, ann: Person) -> None:
    response = await client.post("https://hub.test/api/v1/session", json={"email": ann.email, "password": PASSWORD})
    assert all("; Secure" in cookie for cookie in response.headers.get_list("set-cookie"))


async def test_wrong_password_and_unknown_email_look_the_same(client: httpx.AsyncClient, ann: Person) -> None:
    wrong = await client.post(SESSION, json={"email": ann.email, "password": "not this one at all"})
    unknown = await client.post(SESSION, json={"email": "nobody@example.test", "password": "not this one at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert {k: v for k, v in wrong.json().items() if k != "request_id"} == {
        k: v for k, v in unknown.json().items() if k != "request_id"
    }


async def test_guessing_is_slowed_down_and_recovers(client: httpx.AsyncClient, ann: Person, clock: FakeClock) -> None:
    statuses = [(await sign_in(client, ann, "wrong password here")).status_code for _ in range(7)]
    assert statuses == [401, 401, 401, 401, 401, 429, 429]
    refused = await sign_in(client, ann)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_attempts"
    clock.advance(int(refused.headers["retry-after"]))
    assert (await sign_in(client, ann)).status_code == 201
    assert (await sign_in(client, ann, "wrong password here")).status_code == 401  # the count began anew


async def test_one_address_cannot_spray_many_accounts(client: httpx.AsyncClient) -> None:
    statuses = [
        (await client.post(SESSION, json={"email": f"p{n}@example.test", "password": "x"})).status_code
        for n in range(31)
    ]
    assert statuses[:30] == [401] * 30
    assert statuses[30] == 429


async def test_unsafe_calls_of_a_cookie_need_the_csrf_token(client: httpx.AsyncClient, ann: Person) -> None:
    await sign_in(client, ann)
    token = client.headers.pop("X-CSRF-Token")
    refused = await client.patch("/api/v1/me", json={"name": "Eve"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")
    other = ("1" if token[0] == "0" else "0") + token[1:]
    wrong = await client.patch("/api/v1/me", json={"name": "Eve"}, headers={"X-CSRF-Token": other})
    assert wrong.status_code == 403
    right = await client.patch("/api/v1/me", json={"name": "Anna"}, headers={"X-CSRF-Token": token})
    assert (right.status_code, right.json()["name"]) == (200, "Anna")


async def test_other_origins_are_refused_even_with_the_token(client: httpx.AsyncClient, ann: Person) -> None:
    await sign_in(client, ann)
    for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        refused = await client.patch("/api/v1/me", json={"name": "Eve"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")
    own = await client.patch("/api/v1/me", json={"name": "Anna"}, headers={"Origin": "http://hub.test"})
    assert own.status_code == 200


async def test_a_foreign_page_cannot_sign_somebody_in(client: httpx.AsyncClient, ann: Person) -> None:
    body = {"email": ann.email, "password": PASSWORD}
    refused = await client.post(SESSION, json=body, headers={"Origin": "https://evil.test"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


async def test_cookie_rotates_and_the_old_one_works_for_a_minute(
    client: httpx.AsyncClient, ann: Person, clock: FakeClock
) -> None:
    await sign_in(client, ann)
    old = client.cookies["session"]
    clock.advance(16 * 60)
    rotated = await client.get(SESSION)
    fresh = client.cookies["session"]
    assert "set-cookie" in rotated.headers
    assert fresh != old
    client.cookies.set("session", old)
    clock.advance(30)
    assert (await _with_cookie(client, old)).status_code == 200
    clock.advance(61)
    assert (await _with_cookie(client, old)).status_code == 401
    assert (await _with_cookie(client, fresh)).status_code == 200


async def _with_cookie(client: httpx.AsyncClient, value: str) -> httpx.Response:
    client.cookies.clear()
    return await client.get(SESSION, headers={"Cookie": f"session={value}"})


async def test_session_ends_after_its_lifetime_however_busy(
    client: httpx.AsyncClient, ann: Person, clock: FakeClock
) -> None:
    await sign_in(client, ann)
    for _ in range(12):
        clock.advance(3599)
        last = await client.get(SESSION)
    assert last.status_code == 200
    clock.advance(60)
    assert (await client.get(SESSION)).status_code == 401


async def test_sign_out_ends_the_session_on_the_server(client: httpx.AsyncClient, ann: Person) -> None:
    await sign_in(client, ann)
    value = client.cookies["session"]
    gone = await client.delete(SESSION)
    assert gone.status_code == 204
    assert ["Max-Age=0" in cookie for cookie in gone.headers.get_list("set-cookie")] == [True, True]
    assert (await _with_cookie(client, value)).status_code == 401


async def test_one_time_link_signs_in_once_and_asks_for_a_password(
    client: httpx.AsyncClient, admin: Person, clock: FakeClock
) -> None:
    made = await client.post("/api/v1/users", json={"email": "New@Example.org", "name": "New"}, headers=admin.headers)
    assert made.status_code == 201
    link = made.json()["one_time_login_url"]
    assert link.startswith("http://hub.test/login?token=")
    token = link.rsplit("token=", 1)[-1]
    session = await client.post(SESSION, json={"one_time_token": token})
    assert session.status_code == 201
    assert session.json()["must_set_password"] is True
    assert session.json()["user"]["email"] == "new@example.org"
    again = await client.post(SESSION, json={"one_time_token": token})
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_refused")
    headers = {"X-CSRF-Token": session.json()["csrf_token"]}
    weak = await client.post("/api/v1/me/password", json={"new_password": "password1234"}, headers=headers)
    assert (weak.status_code, weak.json()["code"]) == (422, "password_too_weak")
    strong = await client.post("/api/v1/me/password", json={"new_password": PASSWORD}, headers=headers)
    assert strong.status_code == 204
    assert (await client.get(SESSION)).json()["must_set_password"] is False


async def test_a_one_time_link_leaves_nobody_signed_in_who_could_choose_the_password(
    client: httpx.AsyncClient, ann: Person, admin: Person
) -> None:
    thief = {"X-CSRF-Token": (await sign_in(client, ann)).json()["csrf_token"]}
    thief["Cookie"] = f"session={client.cookies['session']}"
    client.cookies.clear()
    made = await client.post(f"/api/v1/users/{ann.id}/one-time-login", headers=admin.headers)
    token = made.json()["one_time_login_url"].rsplit("token=", 1)[-1]
    assert (await client.post(SESSION, json={"one_time_token": token})).status_code == 201
    client.cookies.clear()
    body = {"new_password": "another fine long sentence"}
    assert (await client.post("/api/v1/me/password", json=body, headers=thief)).status_code == 401
    assert (await client.get(SESSION, headers=thief)).status_code == 401


async def test_one_time_link_expires(client: httpx.AsyncClient, admin: Person, clock: FakeClock) -> None:
    made = await client.post("/api/v1/users", json={"email": "new@example.org", "name": "New"}, headers=admin.headers)
    clock.advance(24 * 3600)
    token = made.json()["one_time_login_url"].rsplit("token=", 1)[-1]
    assert (await client.post(SESSION, json={"one_time_token": token})).status_code == 401


async def test_a_disabled_person_is_out_at_once(client: httpx.AsyncClient, ann: Person, admin: Person) -> None:
    await sign_in(client, ann)
    anonymous = {"Cookie": "", **admin.headers}
    etag = (await client.get(f"/api/v1/users/{ann.id}", headers=anonymous)).headers["etag"]
    changed = await client.patch(
        f"/api/v1/users/{ann.id}", json={"state": "disabled"}, headers={**anonymous, "If-Match": etag}
    )
    assert changed.status_code == 200
    assert (await client.get(SESSION)).status_code == 401
    assert (await client.get("/api/v1/me/tokens", headers=ann.headers)).status_code == 401
    assert (await sign_in(client, ann)).status_code == 401


async def test_who_is_enabled_again_has_no_way_in_from_before(
    client: httpx.AsyncClient, ann: Person, admin: Person
) -> None:
    await sign_in(client, ann)
    anonymous = {"Cookie": "", **admin.headers}
    link = (await client.post(f"/api/v1/users/{ann.id}/one-time-login", headers=anonymous)).json()["one_time_login_url"]
    for state in ("disabled", "active"):
        etag = (await client.get(f"/api/v1/users/{ann.id}", headers=anonymous)).headers["etag"]
        headers = {**anonymous, "If-Match": etag}
        changed = await client.patch(f"/api/v1/users/{ann.id}", json={"state": state}, headers=headers)
        assert changed.json()["state"] == state
    assert (await client.get(SESSION)).status_code == 401
    assert (await client.get("/api/v1/me/tokens", headers=ann.headers)).status_code == 401
    token = link.rsplit("token=", 1)[-1]
    assert (await client.post(SESSION, json={"one_time_token": token})).status_code == 401
    events = (await client.get("/api/v1/events?kind=user.updated", headers=anonymous)).json()["items"]
    ended = [event["data"]["ended"] for event in events]
    assert ended[-1] == {"sessions": 1, "tokens": 1, "one_time_logins": 1}
    assert (await sign_in(client, ann)).status_code == 201


async def test_a_new_password_ends_other_sessions_and_needs_the_old_one(client: httpx.AsyncClient, ann: Person) -> None:
    await sign_in(client, ann)
    other = client.cookies["session"]
    client.cookies.clear()
    await sign_in(client, ann)
    body = {"current_password": "wrong one entirely", "new_password": "another fine sentence"}
    wrong = await client.post("/api/v1/me/password", json=body)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    right = await client.post("/api/v1/me/password", json={**body, "current_password": PASSWORD})
    assert right.status_code == 204
    assert (await client.get(SESSION)).status_code == 200
    assert (await _with_cookie(client, other)).status_code == 401
    assert (await sign_in(client, ann)).status_code == 401
    assert (await sign_in(client, ann, "another fine sentence")).status_code == 201


async def test_sign_up_only_where_it_is_open(client: httpx.AsyncClient, admin: Person) -> None:
    body = {"email": "me@example.org", "name": "Me", "password": PASSWORD}
    closed = await client.post("/api/v1/signup", json=body)
    assert (closed.status_code, closed.json()["code"]) == (403, "sign_up_closed")
    hub = await client.get("/api/v1/hub")
    headers = {**admin.headers, "If-Match": hub.headers["etag"]}
    opened = await client.patch("/api/v1/hub", json={"signup": "open"}, headers=headers)
    assert opened.json()["signup"] == "open"
    made = await client.post("/api/v1/signup", json=body)
    assert made.status_code == 202
    assert "set-cookie" not in made.headers
    signed_in = await client.post(SESSION, json={"email": body["email"], "password": PASSWORD})
    assert (signed_in.json()["hub_role"], signed_in.json()["user"]["name"]) == ("member", "Me")


async def test_sign_up_tells_nobody_who_has_an_account(client: httpx.AsyncClient, admin: Person, ann: Person) -> None:
    hub = await client.get("/api/v1/hub")
    headers = {**admin.headers, "If-Match": hub.headers["etag"]}
    await client.patch("/api/v1/hub", json={"signup": "open"}, headers=headers)
    other = "quite another sentence"
    free, known = [
        await client.post("/api/v1/signup", json={"email": email, "name": "Somebody", "password": other})
        for email in ("free@example.org", ann.email.upper())
    ]
    assert (free.status_code, free.content) == (known.status_code, known.content)
    assert set(free.headers) == set(known.headers)
    assert (await sign_in(client, ann, other)).status_code == 401
    assert (await sign_in(client, ann)).status_code == 201
    events = (await client.get("/api/v1/events", params={"kind": "user.sign_up_again"}, headers=admin.headers)).json()
    assert [event["object"]["id"] for event in events["items"]] == [ann.id]


async def test_a_limited_token_hands_on_no_account(client: httpx.AsyncClient, admin: Person) -> None:
    limited = ["users:read", "users:write"]
    asked = {"name": "ci", "scopes": limited}
    token = (await client.post("/api/v1/me/tokens", json=asked, headers=admin.headers)).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    made = await client.post("/api/v1/users", json={"email": "new@example.test", "name": "New"}, headers=headers)
    assert made.status_code == 201
    user = made.json()["user"]["id"]
    link = await client.post(f"/api/v1/users/{admin.id}/one-time-login", headers=headers)
    body = {"email": "boss@example.test", "name": "Boss", "hub_role": "administrator"}
    boss = await client.post("/api/v1/users", json=body, headers=headers)
    found = await client.get(f"/api/v1/users/{user}", headers=headers)
    headers |= {"If-Match": found.headers["ETag"]}
    risen = await client.patch(f"/api/v1/users/{user}", json={"hub_role": "administrator"}, headers=headers)
    assert [(item.status_code, item.json()["code"]) for item in (link, boss, risen)] == [(403, "scope_too_wide")] * 3
