"""APIs and versions over REST: import, re-import, visibility, lifecycle, addresses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support.definitions import ORDERS, ORDERS_NEXT
from tests.support.people import People, Person, Team

V1 = "/api/v1"


async def imported(client: httpx.AsyncClient, team: Team, **more: Any) -> dict[str, Any]:
    body = {"content": ORDERS, "filename": "orders.yaml", "owner_id": team.id, **more}
    answer = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patch(client: httpx.AsyncClient, person: Person, path: str, change: dict[str, Any]) -> httpx.Response:
    read = await client.get(f"{V1}{path}", headers=person.headers)
    headers = {**person.headers, "If-Match": read.headers["etag"]}
    return await client.patch(f"{V1}{path}", json=change, headers=headers)


async def publish(client: httpx.AsyncClient, team: Team, made: dict[str, Any], **change: Any) -> None:
    version = await patch(client, team.owner, f"/versions/{made['version']['id']}", {"lifecycle": "published"})
    assert version.status_code == 200, version.text
    if change:
        answer = await patch(client, team.owner, f"/apis/{made['api']['id']}", change)
        assert answer.status_code == 200, answer.text


async def test_an_import_makes_a_draft_that_says_all_the_definition_says(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    api, version = made["api"], made["version"]
    assert (api["slug"], api["base_path"], api["lifecycle"], api["visibility"]) == (
        "orders",
        "/orders",
        "draft",
        "private",
    )
    assert api["owner"]["name"] == "Payments"
    assert api["current_version_id"] == version["id"]
    assert api["summary"] == "Orders"
    assert api["tags"] == ["orders"]
    assert {"update", "publish", "delete"} <= set(api["may"])
    assert (version["name"], version["mount"], version["format"]) == ("1.2.0", "", "openapi-3.1")
    assert version["upstream_url"] == "https://orders.example.com/base"
    assert version["operations_count"] == 3
    assert version["security_schemes"][0]["kind"] == "http"
    assert [item["path"] for item in made["preview"]["operations"]] == ["/orders", "/orders", "/orders/{id}"]


async def test_operations_are_listed_in_order_and_searched(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    path = f"{V1}/versions/{made['version']['id']}/operations"
    first = (await client.get(path, params={"limit": 2}, headers=team.owner.headers)).json()
    assert [item["key"] for item in first["items"]] == ["GET /orders", "POST /orders"]
    assert first["items"][0]["has_mock"] is True
    rest = await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]}, headers=team.owner.headers)
    assert [item["key"] for item in rest.json()["items"]] == ["GET /orders/{id}"]
    found = await client.get(path, params={"q": "place"}, headers=team.owner.headers)
    assert [item["operation_id"] for item in found.json()["items"]] == ["placeOrder"]
    tagged = await client.get(path, params={"tag": "orders"}, headers=team.owner.headers)
    assert [item["key"] for item in tagged.json()["items"]] == ["GET /orders"]
    wild = await client.get(path, params={"q": "%"}, headers=team.owner.headers)
    assert wild.json()["items"] == []


async def test_a_dry_run_keeps_nothing_and_names_clashes(client: httpx.AsyncClient, team: Team) -> None:
    body = {"content": ORDERS, "owner_id": team.id, "dry_run": True}
    answer = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert answer.status_code == 200
    assert answer.json()["api"] is None
    assert answer.json()["preview"]["base_path"] == "/orders"
    assert (await client.get(f"{V1}/apis", headers=team.owner.headers)).json()["items"] == []
    await imported(client, team)
    again = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert [problem["code"] for problem in again.json()["problems"] if problem["pointer"] == "/slug"] == ["path_taken"]


async def test_what_cannot_be_imported_is_named_by_line(client: httpx.AsyncClient, team: Team) -> None:
    body = {"content": "openapi: 3.1.0\ninfo: [\n", "filename": "a.yaml", "owner_id": team.id}
    answer = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "definition_invalid"
    assert problem["errors"][0]["line"] >= 2
    nothing = await client.post(f"{V1}/apis/import", json={"owner_id": team.id}, headers=team.owner.headers)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "definition_missing")


async def test_the_hub_fetches_no_private_address(client: httpx.AsyncClient, team: Team) -> None:
    for url in ("http://127.0.0.1:1/openapi.json", "file:///etc/passwd", "http://169.254.169.254/latest"):
        body = {"url": url, "owner_id": team.id}
        answer = await client.post(f"{V1}/apis/import", json=body, headers=team.owner.headers)
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "definition_not_fetched"
        assert answer.json()["reason"]
        assert answer.json()["errors"][0]["pointer"] == "/url"


async def test_two_apis_cannot_claim_one_path_and_private_ones_stay_unnamed(
    client: httpx.AsyncClient, team: Team, people: People
) -> None:
    await imported(client, team, name="Secret orders", slug="secret", base_path="/orders")
    own = await client.post(
        f"{V1}/apis/import", json={"content": ORDERS, "owner_id": team.id}, headers=team.owner.headers
    )
    assert (own.status_code, own.json()["code"]) == (409, "path_taken")
    assert "Secret orders" in own.text
    other = await people.team("Other")
    theirs = await client.post(
        f"{V1}/apis/import", json={"content": ORDERS, "owner_id": other.id}, headers=other.owner.headers
    )
    assert (theirs.status_code, theirs.json()["code"]) == (409, "path_taken")
    assert theirs.json()["errors"][0]["pointer"] == "/base_path"
    assert "Secret" not in theirs.text
    assert "api_" not in theirs.text


async def test_an_import_repeated_with_its_key_makes_one_api(client: httpx.AsyncClient, team: Team) -> None:
    headers = {**team.owner.headers, "Idempotency-Key": "once"}
    body = {"content": ORDERS, "owner_id": team.id}
    first = await client.post(f"{V1}/apis/import", json=body, headers=headers)
    second = await client.post(f"{V1}/apis/import", json=body, headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len((await client.get(f"{V1}/apis", headers=team.owner.headers)).json()["items"]) == 1


async def test_only_developers_of_the_owner_import(client: httpx.AsyncClient, team: Team, people: People) -> None:
    body = {"content": ORDERS, "owner_id": team.id}
    assert (await client.post(f"{V1}/apis/import", json=body)).status_code == 401
    stranger, viewer, developer = [await people.user() for _ in range(3)]
    await people.join(viewer, team, role="viewer")
    await people.join(developer, team, role="developer")
    statuses = [
        (await client.post(f"{V1}/apis/import", json=body, headers=person.headers)).status_code
        for person in (stranger, viewer, developer)
    ]
    assert statuses == [404, 403, 201]


async def test_who_sees_an_api_depends_on_visibility_and_lifecycle(
    client: httpx.AsyncClient, team: Team, people: People
) -> None:
    made = await imported(client, team, visibility="public")
    path, somebody = f"{V1}/apis/{made['api']['id']}", await people.user()
    version_path = f"{V1}/versions/{made['version']['id']}"

    async def statuses(at: str = path) -> list[int]:
        people_headers = ({}, somebody.headers, team.owner.headers)
        return [(await client.get(at, headers=headers)).status_code for headers in people_headers]

    assert await statuses() == [404, 404, 200], "a draft is its team's"
    await publish(client, team, made)
    assert await statuses() == await statuses(version_path) == [200, 200, 200]
    await patch(client, team.owner, f"/apis/{made['api']['id']}", {"visibility": "internal"})
    assert await statuses() == await statuses(version_path) == [404, 200, 200]
    await patch(client, team.owner, f"/apis/{made['api']['id']}", {"visibility": "private"})
    assert await statuses() == await statuses(version_path) == [404, 404, 200]
    listed = (await client.get(f"{V1}/apis", headers=somebody.headers)).json()["items"]
    assert listed == []


async def test_consumers_do_not_learn_where_the_upstream_is(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    path = f"{V1}/versions/{made['version']['id']}"
    version = (await client.get(path)).json()
    assert (version["upstream_url"], version["servers"], version["may"]) == ("", [], [])
    assert (await client.get(f"{path}/definition")).status_code == 401
    reference = await client.get(f"{path}/reference")
    assert reference.status_code == 200
    assert "example.com" not in reference.text
    document = reference.json()
    assert document["servers"] == []
    assert document["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"]["key"]["name"] == "x-api-key"
    assert "security" not in document["paths"]["/orders"]["get"]


async def test_the_definition_comes_back_as_it_came(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    path = f"{V1}/versions/{made['version']['id']}/definition"
    original = await client.get(path, headers=team.owner.headers)
    assert original.text == ORDERS
    assert original.headers["content-type"].startswith("application/yaml")
    effective = await client.get(path, params={"variant": "effective"}, headers=team.owner.headers)
    assert effective.json()["openapi"] == "3.1.0"


async def test_tags_of_an_operation_are_some_and_one_line(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    version = f"{V1}/versions/{made['version']['id']}"
    operation = (await client.get(f"{version}/operations", headers=team.owner.headers)).json()["items"][0]["id"]
    headers = {**team.owner.headers, "If-Match": f'"{made["version"]["revision"]}"'}
    for tags, pointer in ((["x"] * 1000, "/tags"), (["a\nb"], "/tags/0")):
        wrong = await client.patch(f"{version}/operations/{operation}", json={"tags": tags}, headers=headers)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_reimport_keeps_ids_and_the_hubs_words(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    path = f"{V1}/versions/{made['version']['id']}"
    before = {item["key"]: item for item in (await _operations(client, team, path))}
    own = {"summary": "All your orders"}
    change = await patch_operation(client, team, path, before["GET /orders"]["id"], own)
    assert change.json()["summary"] == "All your orders"
    answer = await client.put(f"{path}/definition", json={"content": ORDERS_NEXT}, headers=team.owner.headers)
    assert answer.status_code == 200, answer.text
    changes = answer.json()["changes"]
    assert (changes["added"], changes["removed"]) == (["PUT /orders"], ["POST /orders"])
    assert changes["changed"] == ["GET /orders", "GET /orders/{id}"]
    assert changes["kept_overlay"] == ["GET /orders"]
    after = {item["key"]: item for item in (await _operations(client, team, path))}
    assert list(after) == ["GET /orders", "PUT /orders", "GET /orders/{id}"]
    assert after["GET /orders"]["id"] == before["GET /orders"]["id"]
    assert after["GET /orders"]["summary"] == "All your orders", "people's words stay"
    assert after["GET /orders/{id}"]["summary"] == "Fetch an order", "the definition's words follow it"
    effective = await client.get(f"{path}/definition", params={"variant": "effective"}, headers=team.owner.headers)
    assert effective.json()["paths"]["/orders"]["get"]["summary"] == "All your orders"
    back = await patch_operation(client, team, path, after["GET /orders"]["id"], {"summary": None})
    assert back.json()["summary"] == "List all orders", "null gives the field back"


async def patch_operation(
    client: httpx.AsyncClient, team: Team, path: str, operation_id: str, change: dict[str, Any]
) -> httpx.Response:
    tag = (await client.get(path, headers=team.owner.headers)).headers["etag"]
    headers = {**team.owner.headers, "If-Match": tag}
    return await client.patch(f"{path}/operations/{operation_id}", json=change, headers=headers)


async def _operations(client: httpx.AsyncClient, team: Team, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"{path}/operations", headers=team.owner.headers)).json()["items"]
    return items


async def test_operations_of_a_published_version_go_only_after_a_yes(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    await publish(client, team, made)
    path = f"{V1}/versions/{made['version']['id']}/definition"
    body: dict[str, Any] = {"content": ORDERS_NEXT}
    refused = await client.put(path, json=body, headers=team.owner.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "operations_would_go")
    look = await client.put(path, json={**body, "dry_run": True}, headers=team.owner.headers)
    assert look.json()["changes"]["removed"] == ["POST /orders"]
    yes = await client.put(path, json={**body, "confirm": True}, headers=team.owner.headers)
    assert yes.status_code == 200
    stale = {**team.owner.headers, "If-Match": '"1"'}
    assert (await client.put(path, json={**body, "confirm": True}, headers=stale)).status_code == 412


async def test_the_upstream_follows_the_definition_until_somebody_chooses_one(
    client: httpx.AsyncClient, team: Team
) -> None:
    made = await imported(client, team)
    path = f"/versions/{made['version']['id']}"
    moved = ORDERS.replace("orders.example.com/base", "new.example.com")
    answer = await client.put(f"{V1}{path}/definition", json={"content": moved}, headers=team.owner.headers)
    assert answer.json()["version"]["upstream_url"] == "https://new.example.com"
    await patch(client, team.owner, path, {"upstream_url": "https://chosen.example.com/"})
    answer = await client.put(f"{V1}{path}/definition", json={"content": ORDERS}, headers=team.owner.headers)
    assert answer.json()["version"]["upstream_url"] == "https://chosen.example.com"


async def test_lifecycle_goes_forward_only(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    api, version = f"/apis/{made['api']['id']}", f"/versions/{made['version']['id']}"
    early = await patch(client, team.owner, api, {"lifecycle": "published"})
    assert (early.status_code, early.json()["code"]) == (409, "lifecycle_refused")
    assert (await patch(client, team.owner, version, {"lifecycle": "retired"})).status_code == 409
    await publish(client, team, made)
    assert (await client.get(f"{V1}{api}", headers=team.owner.headers)).json()["lifecycle"] == "published"
    for step, status in (
        ("draft", 409),
        ("deprecated", 200),
        ("published", 200),
        ("deprecated", 200),
        ("retired", 200),
    ):
        assert (await patch(client, team.owner, version, {"lifecycle": step})).status_code == status, step
    assert (await patch(client, team.owner, version, {"lifecycle": "published"})).status_code == 409


async def test_further_versions_get_a_mount_and_stay_hidden_as_drafts(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    path = f"{V1}/apis/{made['api']['id']}/versions"
    second = ORDERS.replace("1.2.0", "2.0.0")
    added = await client.post(path, json={"content": second}, headers=team.owner.headers)
    assert added.status_code == 201, added.text
    assert (added.json()["name"], added.json()["mount"], added.json()["current"]) == ("2.0.0", "/v2", False)
    assert [item["name"] for item in (await client.get(path)).json()["items"]] == ["1.2.0"]
    assert (await client.get(f"{V1}/versions/{added.json()['id']}")).status_code == 404
    clash = await client.post(path, json={"content": second, "mount": ""}, headers=team.owner.headers)
    assert (clash.status_code, clash.json()["code"]) == (409, "version_taken")
    assert {error["pointer"] for error in clash.json()["errors"]} == {"/name", "/mount"}
    await patch(client, team.owner, f"/versions/{added.json()['id']}", {"lifecycle": "published"})
    assert (await client.get(f"{V1}/apis/orders")).json()["current_version_id"] == added.json()["id"]


async def test_changes_need_the_revision_that_was_read(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team)
    path = f"{V1}/apis/{made['api']['id']}"
    assert (await client.patch(path, json={"name": "X"}, headers=team.owner.headers)).status_code == 428
    headers = {**team.owner.headers, "If-Match": f'"{made["api"]["revision"]}"'}
    first = await client.patch(path, json={"name": "X", "tags": ["a", "a", "b"]}, headers=headers)
    assert (first.status_code, first.json()["name"], first.json()["tags"]) == (200, "X", ["a", "b"])
    assert (await client.patch(path, json={"name": "Y"}, headers=headers)).status_code == 412


async def test_deleting_takes_versions_along_and_is_refused_to_others(
    client: httpx.AsyncClient, team: Team, people: People
) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    path = f"{V1}/apis/{made['api']['id']}"
    tag = (await client.get(path)).headers["etag"]
    stranger = await people.user()
    assert (await client.delete(path, headers={**stranger.headers, "If-Match": tag})).status_code == 403
    assert (await client.delete(path, headers={**team.owner.headers, "If-Match": tag})).status_code == 204
    for gone in (path, f"{V1}/versions/{made['version']['id']}"):
        assert (await client.get(gone, headers=team.owner.headers)).status_code == 404
    assert (await client.get(f"{V1}/search", params={"q": "orders"})).json()["total"] == 0


async def test_lists_are_filtered_and_sorted(client: httpx.AsyncClient, team: Team) -> None:
    for name, category, tags in (("Alpha", "Money", ["x"]), ("Beta", "Money", []), ("Gamma", "Maps", ["x", "y"])):
        body = {"owner_id": team.id, "name": name, "category": category, "tags": tags}
        assert (await client.post(f"{V1}/apis", json=body, headers=team.owner.headers)).status_code == 201

    async def names(**query: Any) -> list[str]:
        answer = await client.get(f"{V1}/apis", params=query, headers=team.owner.headers)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names() == ["Alpha", "Beta", "Gamma"]
    assert await names(sort="-name") == ["Gamma", "Beta", "Alpha"]
    assert await names(category="Money") == ["Alpha", "Beta"]
    assert await names(tag="x") == ["Alpha", "Gamma"]
    assert await names(q="ET") == ["Beta"]
    assert await names(q="_") == []
    assert await names(mine=True, lifecycle="draft", owner_id=team.id, kind="rest") == ["Alpha", "Beta", "Gamma"]
    assert await names(owner_id="usr_nobody") == []


@pytest.mark.parametrize("text", ["\u0000", "a\u0000b"], ids=["nul", "nul inside"])
async def test_nul_is_refused_or_harmless_everywhere(client: httpx.AsyncClient, team: Team, text: str) -> None:
    blank = await client.post(f"{V1}/apis", json={"owner_id": team.id, "name": f"x{text}"}, headers=team.owner.headers)
    assert blank.status_code == 422
    for path in ("/apis/%00", "/versions/%00", "/plans/%00", "/apis?q=%00", "/apis?tag=%00", "/search?q=%00&tag=%00"):
        assert (await client.get(f"{V1}{path}", headers=team.owner.headers)).status_code in (200, 404), path
    escaped = ORDERS.replace("summary: List orders", 'summary: "List\\0orders"')
    made = await client.post(
        f"{V1}/apis/import", json={"content": escaped, "owner_id": team.id}, headers=team.owner.headers
    )
    assert made.status_code in (201, 422), made.text
