"""Search over REST: words, facets, and who finds what."""

from __future__ import annotations

from typing import Any

import httpx
from tests.interaction.api.v1.test_catalog import V1, imported, patch, publish
from tests.support.people import People, Team


async def find(client: httpx.AsyncClient, headers: dict[str, str] | None = None, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"{V1}/search", params=query, headers=headers or {})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_apis_and_operations_are_found_with_facets(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team, visibility="public", category="Commerce")
    await publish(client, team, made)
    found = await find(client, q="order")
    assert {item["type"] for item in found["items"]} == {"api", "operation"}
    assert found["items"][0]["type"] == "api", "the API itself comes first"
    assert found["facets"]["category"] == [{"value": "Commerce", "label": "Commerce", "count": 1}]
    assert found["facets"]["team"] == [{"value": team.id, "label": "Payments", "count": 1}]
    assert found["facets"]["tag"][0]["value"] == "orders"
    placed = await find(client, q="place an")
    assert [item["operation"]["path"] for item in placed["items"]] == ["/orders"]
    assert any(part["match"] and part["text"] == "Place" for part in placed["items"][0]["highlight"])
    assert (await find(client, q="order", category="Maps"))["total"] == 0
    assert (await find(client, q="order", team=team.id, kind="rest", lifecycle="published", tag="orders"))["total"] > 0


async def test_pages_follow_on_each_other(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    everything = await find(client, q="order")
    items, cursor = [], None
    while True:
        page = await find(client, q="order", limit=1, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert items == everything["items"]
    assert len(items) == everything["total"]
    for bad in ("nonsense", "WyJhIl0", "Wy0xXQ"):
        assert (await client.get(f"{V1}/search", params={"cursor": bad})).json()["code"] == "bad_cursor"


async def test_everybody_finds_only_what_they_see(client: httpx.AsyncClient, team: Team, people: People) -> None:
    made = await imported(client, team, visibility="public")
    somebody, administrator = await people.user(), await people.admin()

    async def totals() -> list[bool]:
        callers = (None, somebody.headers, team.owner.headers, administrator.headers)
        return [(await find(client, headers, q="orders"))["total"] > 0 for headers in callers]

    assert await totals() == [False, False, True, True]
    await publish(client, team, made)
    assert await totals() == [True, True, True, True]
    await patch(client, team.owner, f"/apis/{made['api']['id']}", {"visibility": "internal"})
    assert await totals() == [False, True, True, True]
    await patch(client, team.owner, f"/apis/{made['api']['id']}", {"visibility": "private"})
    assert await totals() == [False, False, True, True]


async def test_the_index_follows_renames_and_reimports(client: httpx.AsyncClient, team: Team) -> None:
    made = await imported(client, team, visibility="public")
    await publish(client, team, made)
    await patch(client, team.owner, f"/apis/{made['api']['id']}", {"name": "Zebra crossing"})
    assert (await find(client, q="zebra"))["items"][0]["api"]["id"] == made["api"]["id"]
    body = {"content": "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/giraffes: {get: {responses: {}}}}"}
    path = f"{V1}/versions/{made['version']['id']}/definition"
    answer = await client.put(path, json={**body, "confirm": True}, headers=team.owner.headers)
    assert answer.status_code == 200, answer.text
    assert (await find(client, q="giraffes"))["total"] == 1
    assert (await find(client, q="place"))["total"] == 0


async def test_no_text_breaks_the_search(client: httpx.AsyncClient) -> None:
    for text in ('"', "a AND", "*", "NEAR(", "col:x", "-", "'; DROP TABLE apis; --", "\\", "💥", "a" * 500):
        assert (await find(client, q=text))["items"] == []
