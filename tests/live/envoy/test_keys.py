"""Keys on a real Envoy: missing, unknown, for another API, in every place, hidden."""

from __future__ import annotations

import httpx
import pytest
from tests.live.envoy.conftest import SHARED, Gateway, grant_for

from waypost.contracts.ir import KeyAuth

pytestmark = [pytest.mark.live, SHARED]


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["decision_id"] == answer.headers["x-request-id"]
    assert {"type", "title", "status", "hint"} <= answer.json().keys()


def received(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["headers"])


async def test_a_call_with_a_key_reaches_the_upstream_without_it(gateway: Gateway) -> None:
    api, key = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", key)
    assert answer.json()["line"] == "GET /a HTTP/1.1"
    assert "x-api-key" not in received(answer)


async def test_no_key_is_401_with_a_challenge(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    for headers, query in (({}, ""), ({"x-api-key": ""}, ""), ({}, "?x-api-key")):
        answer = await gateway.get(f"{api.base_path}/a{query}", headers=headers)
        refused(answer, 401, "key_missing")
        assert answer.headers["www-authenticate"] == 'Key realm="acme"'


async def test_an_unknown_key_is_401(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", "key_unknown")
    refused(answer, 401, "key_invalid")
    assert answer.headers["www-authenticate"] == 'Key realm="acme"'


async def test_a_key_for_another_api_is_403_until_it_is_revoked_there(gateway: Gateway) -> None:
    one, _ = await gateway.open()
    other = gateway.api()
    await gateway.publish(other)
    grant = grant_for(other)
    await gateway.grant(grant)
    refused(await gateway.get(f"{one.base_path}/a", grant.key.reveal()), 403, "not_subscribed")
    await gateway.grant(remove=(grant.id,))
    refused(await gateway.get(f"{one.base_path}/a", grant.key.reveal()), 401, "key_invalid")
    refused(await gateway.get(f"{other.base_path}/a", grant.key.reveal()), 401, "key_invalid")


async def test_a_key_sent_twice_is_refused(gateway: Gateway) -> None:
    api, key = await gateway.open()
    answer = await gateway.client.get(f"{api.base_path}/a", headers=[("x-api-key", key), ("x-api-key", key)])
    refused(answer, 401, "key_ambiguous")


async def test_a_query_key_sent_twice_is_refused(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="x-api-key", query="apikey"))
    refused(await gateway.get(f"{api.base_path}/a?apikey={key}&apikey={key}"), 401, "key_ambiguous")


async def test_a_hidden_query_key_leaves_the_other_parameters_as_they_were(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="x-api-key", query="apikey", cookie="k"))
    answer = await gateway.get(f"{api.base_path}/a?z&x=%7C1&apikey={key}&b=2&a=1&b=%2F")
    assert answer.json()["line"] == "GET /a?z&x=%7C1&b=2&a=1&b=%2F HTTP/1.1"
    assert (await gateway.get(f"{api.base_path}/a?apikey={key}")).json()["line"] == "GET /a HTTP/1.1"


async def test_the_header_decides_and_every_place_is_cleaned(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="x-api-key", query="apikey", cookie="k"))
    refused(await gateway.get(f"{api.base_path}/a?apikey={key}", "bad"), 401, "key_invalid")
    answer = await gateway.get(f"{api.base_path}/a?apikey=other&b=1", key, headers={"cookie": f"a=1; k={key}; b=2"})
    assert answer.json()["line"] == "GET /a?b=1 HTTP/1.1"
    assert received(answer)["cookie"] == "a=1; b=2"
    assert "x-api-key" not in received(answer)


async def test_a_cookie_key(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="", cookie="k"))
    answer = await gateway.get(f"{api.base_path}/a", headers={"cookie": f"k={key}"})
    assert "cookie" not in received(answer)
    refused(await gateway.get(f"{api.base_path}/a", headers={"cookie": "k="}), 401, "key_missing")


async def test_keys_stay_where_they_are_unless_hidden(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="x-api-key", query="apikey", hide=False))
    answer = await gateway.get(f"{api.base_path}/a?apikey={key}&b=1")
    assert answer.json()["line"] == f"GET /a?apikey={key}&b=1 HTTP/1.1"
    assert received(await gateway.get(f"{api.base_path}/a", key))["x-api-key"] == key


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_bearer_key_whatever_the_case_of_the_scheme(gateway: Gateway, scheme: str) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="authorization"))
    answer = await gateway.get(f"{api.base_path}/a", headers={"authorization": f"{scheme} {key}"})
    assert "authorization" not in received(answer)


async def test_bearer_with_a_colon_is_no_key_and_403_works_behind_the_finder(gateway: Gateway) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(header="authorization"))
    refused(await gateway.get(f"{api.base_path}/a", headers={"authorization": f"Bearer: {key}"}), 401, "key_missing")
    _, foreign = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a", headers={"authorization": f"Bearer {foreign}"})
    refused(answer, 403, "not_subscribed")


async def test_an_open_api_needs_no_key(gateway: Gateway) -> None:
    api = gateway.api(key_auth=None)
    await gateway.publish(api)
    assert received(await gateway.get(f"{api.base_path}/a", "whatever"))["x-api-key"] == "whatever"


async def test_nobody_can_pretend_to_be_inside(gateway: Gateway) -> None:
    api, key = await gateway.open()
    spoof = {
        "x-gw-internal-client": "eg==",
        "x-gw-internal-key": key,
        "x-gw-internal-scope": "/denied key_00",
        "x-envoy-original-path": "/elsewhere",
        "x-envoy-upstream-rq-timeout-ms": "1",
    }
    refused(await gateway.get(f"{api.base_path}/a", headers=spoof), 401, "key_missing")
    refused(await gateway.get("/denied%20key_00/a", headers=spoof), 404, "not_found")
    told = received(await gateway.get(f"{api.base_path}/a", key, headers=spoof))
    assert not [name for name in told if name.startswith(("x-gw-internal", "x-envoy"))]


async def test_a_key_counts_once_it_is_granted_and_not_after_it_is_revoked(gateway: Gateway) -> None:
    api, first = await gateway.open()
    second = grant_for(api)
    await gateway.grant(second)
    assert (await gateway.get(f"{api.base_path}/a", second.key.reveal())).status_code == 200
    await gateway.grant(remove=(second.id,))
    refused(await gateway.get(f"{api.base_path}/a", second.key.reveal()), 401, "key_invalid")
    assert (await gateway.get(f"{api.base_path}/a", first)).status_code == 200
