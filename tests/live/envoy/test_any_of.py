"""Passwords, several ways on one API, and calls without any credential, on a real Envoy."""

from __future__ import annotations

import base64

import httpx
import pytest
from tests.live.envoy.conftest import SHARED, Gateway, grant_for
from tests.live.envoy.test_jwt import ISSUER, jwt, refused
from tests.live.envoy.test_records import record_of
from tests.live.envoy.tokens import bearer

from waypost.contracts.ir import Anonymous, ApiIR, BasicAuth, KeyAuth, Route, RoutePolicies
from waypost.contracts.vocab import CredentialKind

pytestmark = [pytest.mark.live, SHARED]

FREE = Route(id="op_free", method="GET", path="/free", policies=RoutePolicies(anonymous=Anonymous()))
CLOSED = Route(id="op_a", method="GET", path="/a")


def basic(text: str, scheme: str = "Basic") -> dict[str, str]:
    return {"authorization": f"{scheme} {base64.b64encode(text.encode()).decode()}"}


async def with_password(gateway: Gateway, text: str = "ann:p:wörd", **changes: object) -> ApiIR:
    api = gateway.api(**{"key_auth": None, "basic": BasicAuth(), **changes})
    await gateway.publish(api)
    await gateway.grant(grant_for(api, key=text, kind=CredentialKind.BASIC))
    return api


async def test_a_password(gateway: Gateway) -> None:
    api = await with_password(gateway)
    for scheme in ("Basic", "basic", "BASIC", "Basic  "):
        answer = await gateway.get(f"{api.base_path}/a", headers=basic("ann:p:wörd", scheme))
        assert answer.status_code == 200, scheme
        assert "authorization" not in dict(answer.json()["headers"])
    unpadded = {"authorization": basic("ann:p:wörd")["authorization"].rstrip("=")}
    assert (await gateway.get(f"{api.base_path}/a", headers=unpadded)).status_code == 200
    for wrong in ("ann:p", "ann", "ANN:p:wörd", "ann:p:wörd ", ":", "a" * 3000):
        answer = await gateway.get(f"{api.base_path}/a", headers=basic(wrong))
        refused(answer, 401, "password_invalid")
        assert answer.headers["www-authenticate"] == 'Basic realm="acme", charset="UTF-8"'


async def test_no_password(gateway: Gateway) -> None:
    api = await with_password(gateway)
    for headers in ({}, {"authorization": "Bearer abc"}, {"authorization": "Basic"}, {"authorization": "Basic ="}):
        answer = await gateway.get(f"{api.base_path}/a", headers=headers)
        refused(answer, 401, "password_missing")
        assert answer.headers.get_list("www-authenticate") == ['Basic realm="acme", charset="UTF-8"']


async def test_a_password_is_kept_for_an_upstream_that_wants_it(gateway: Gateway) -> None:
    api = await with_password(gateway, basic=BasicAuth(hide=False))
    sent = basic("ann:p:wörd")
    answer = await gateway.get(f"{api.base_path}/a", headers=sent)
    assert dict(answer.json()["headers"])["authorization"] == sent["authorization"]


async def three_ways(gateway: Gateway, **changes: object) -> tuple[ApiIR, str]:
    api = await with_password(gateway, **{"jwt": jwt(), "key_auth": KeyAuth(), **changes})
    key = grant_for(api)
    await gateway.grant(key, grant_for(api, key=f"{ISSUER.url} c1", kind=CredentialKind.CLIENT))
    return api, key.key.reveal()


async def test_any_one_of_several_ways_is_enough(gateway: Gateway) -> None:
    api, key = await three_ways(gateway)
    path = f"{api.base_path}/a"
    for sent in ({"x-api-key": key}, basic("ann:p:wörd"), bearer(ISSUER.token())):
        answer = await gateway.get(path, headers=sent)
        assert answer.status_code == 200, sent
        assert not {"x-api-key", "authorization"} & dict(answer.json()["headers"]).keys()
    answer = await gateway.get(path)
    refused(answer, 401, "credential_missing")
    challenges = answer.headers.get_list("www-authenticate")
    assert challenges == ['Bearer realm="acme"', 'Basic realm="acme", charset="UTF-8"', 'Key realm="acme"']


async def test_what_was_sent_and_is_wrong_is_refused_beside_what_is_right(gateway: Gateway) -> None:
    api, key = await three_ways(gateway)
    path = f"{api.base_path}/a"
    refused(await gateway.get(path, key, headers=bearer("abc")), 401, "token_invalid")
    refused(await gateway.get(path, key, headers=basic("ann:wrong")), 401, "password_invalid")
    refused(await gateway.get(path, "wrong"), 401, "key_invalid")
    assert (await gateway.get(path, "wrong", headers=bearer(ISSUER.token()))).status_code == 200


async def test_a_key_cannot_pretend_to_be_another_credential(gateway: Gateway) -> None:
    client, password = f"client {ISSUER.url} c1", basic("ann:p:wörd")["authorization"].replace("Basic", "basic")
    for auth in (KeyAuth(), KeyAuth(header="", query="key", cookie="key")):
        api, _ = await three_ways(gateway, key_auth=auth)
        for forged in (client, password.rstrip("=")):
            where: dict[str, dict[str, str]] = {"headers": {"x-api-key": forged}}
            if not auth.header:
                where = {"headers": {"cookie": f"key={forged}"}}
            refused(await gateway.get(f"{api.base_path}/a", **where), 401, "key_invalid")


async def test_a_key_of_another_api_is_still_told_apart(gateway: Gateway) -> None:
    api, _ = await three_ways(gateway)
    _, foreign = await gateway.open()
    refused(await gateway.get(f"{api.base_path}/a", foreign), 403, "not_subscribed")


@pytest.mark.parametrize("places", [{}, {"header": "", "query": "key"}, {"header": "authorization", "cookie": "key"}])
async def test_anonymous_calls_pass_where_they_may(gateway: Gateway, places: dict[str, str]) -> None:
    api, key = await gateway.open(key_auth=KeyAuth(**places), routes=(FREE, CLOSED))
    free = f"{api.base_path}/free"
    empty: dict[str, str] = {"x-api-key": "", "cookie": "other=1"}
    for headers in ({}, empty):
        assert (await gateway.get(free, headers=headers)).status_code == 200
    refused(await gateway.get(f"{api.base_path}/a"), 401, "key_missing")

    async def sent(value: str) -> httpx.Response:
        if "query" in places:
            return await gateway.get(f"{free}?key={value}")
        if "cookie" in places:
            return await gateway.get(free, headers={"cookie": f"a=b; key={value}"})
        return await gateway.get(free, value)

    assert (await sent(key)).status_code == 200
    refused(await sent("wrong"), 401, "key_invalid")
    assert (await sent("")).status_code == 200
    if places.get("header") == "authorization":
        refused(await gateway.get(free, headers=bearer("wrong")), 401, "key_invalid")


async def test_anonymous_beside_several_ways(gateway: Gateway) -> None:
    api, _ = await three_ways(gateway, routes=(FREE, CLOSED))
    free = f"{api.base_path}/free"
    assert (await gateway.get(free)).status_code == 200
    assert (await gateway.get(free, headers=bearer(ISSUER.token()))).status_code == 200
    refused(await gateway.get(free, headers=bearer("wrong")), 401, "token_invalid")
    refused(await gateway.get(free, headers=basic("ann:wrong")), 401, "password_invalid")
    refused(await gateway.get(free, "wrong"), 401, "key_invalid")
    refused(await gateway.get(f"{api.base_path}/a"), 401, "credential_missing")


async def test_every_refusal_is_counted_under_its_code(gateway: Gateway) -> None:
    api, _ = await three_ways(gateway)
    _, foreign = await gateway.open()
    sent: list[tuple[dict[str, str], str]] = [
        ({}, "credential_missing"),
        ({"x-api-key": "wrong"}, "key_invalid"),
        ({"x-api-key": "a b"}, "key_invalid"),
        ({"x-api-key": foreign}, "not_subscribed"),
        (basic("ann:wrong"), "password_invalid"),
        (bearer("abc"), "token_invalid"),
        (bearer(ISSUER.token(exp=1)), "token_expired"),
        (bearer(ISSUER.token(client_id="c2")), "not_subscribed"),
    ]
    for headers, code in sent:
        answer = await gateway.get(f"{api.base_path}/a", headers=headers)
        assert answer.json()["code"] == code
        record = await record_of(gateway, answer)
        assert (record.code, record.api_id) == (code, api.id)
