"""Signed tokens on a real Envoy."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.live.envoy.conftest import SHARED, Gateway, grant_for
from tests.live.envoy.tokens import Issuer, bearer

from waypost.contracts.ir import ApiIR, JwtAuth, JwtIssuer
from waypost.contracts.vocab import CredentialKind
from waypost.kit.crypto import Secret

pytestmark = [pytest.mark.live, SHARED]

ISSUER = Issuer("issuer", "RS256", "ES256")
OTHER = Issuer("other", "ES384")


def jwt(*issuers: JwtIssuer, **changes: Any) -> JwtAuth:
    return JwtAuth(issuers=issuers or (ISSUER.ir(),), **changes)


async def opened(gateway: Gateway, auth: JwtAuth, *clients: tuple[Issuer, str], **changes: Any) -> ApiIR:
    api = gateway.api(**{"key_auth": None, "jwt": auth, **changes})
    result = await gateway.publish(api)
    assert [outcome.state for outcome in result.outcomes] == ["live"], result.outcomes
    for issuer, client in clients or ((ISSUER, "c1"),):
        await gateway.grant(grant_for(api, key=f"{issuer.url} {client}", kind=CredentialKind.CLIENT))
    return api


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["decision_id"] == answer.headers["x-request-id"]


async def test_a_token_leads_to_its_client(gateway: Gateway) -> None:
    api = await opened(gateway, jwt())
    for algorithm in ("RS256", "ES256"):
        answer = await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token(algorithm)))
        assert answer.status_code == 200, answer.text
        seen = dict(answer.json()["headers"])
        assert "authorization" not in seen
        assert not [name for name in seen if name.startswith("x-gw")]
    for scheme in ("bearer", "BEARER", "Bearer  "):
        answer = await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token(), scheme))
        assert answer.status_code == 200, scheme


async def test_what_is_no_good_token_is_refused(gateway: Gateway) -> None:
    api = await opened(gateway, jwt(ISSUER.ir(audiences=("here",))))
    path, good = f"{api.base_path}/a", {"aud": "here"}
    assert (await gateway.get(path, headers=bearer(ISSUER.token(aud=["there", "here"])))).status_code == 200
    token = ISSUER.token(**good)
    head, body, signature = token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    wrong = [
        ISSUER.token(),
        ISSUER.token(aud="there"),
        ISSUER.token(iss="https://unknown.example", **good),
        ISSUER.token(exp=None, **good),
        ISSUER.token(nbf=int(time.time()) + 600, **good),
        ISSUER.token("ES256", header={"kid": "RS256"}, **good),
        Issuer("issuer", "RS256").token(**good),
        f"{head}.{body}.",
        f"{head}.{body[:-2]}.{signature}",
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        "abc",
        "a.b.c",
        token + " " + token,
    ]
    for sent in wrong:
        answer = await gateway.get(path, headers=bearer(sent))
        refused(answer, 401, "token_invalid")
        assert answer.headers.get_list("www-authenticate") == ['Bearer realm="acme", error="invalid_token"']
    refused(await gateway.get(path, headers=bearer("x" * 20000)), 401, "token_invalid")
    answer = await gateway.get(path, headers=bearer(ISSUER.token(exp=int(time.time()) - 100, **good)))
    refused(answer, 401, "token_expired")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_no_token(gateway: Gateway) -> None:
    api = await opened(gateway, jwt())
    for headers in ({}, {"authorization": "Basic YTpi"}, {"authorization": ""}, {"authorization": "Bearer: x"}):
        answer = await gateway.get(f"{api.base_path}/a", headers=headers)
        refused(answer, 401, "token_missing")
        assert answer.headers["www-authenticate"] == 'Bearer realm="acme"'
    assert (await gateway.get(f"{api.base_path}/unknown")).status_code == 404


async def test_a_client_that_nobody_subscribed(gateway: Gateway) -> None:
    api = await opened(gateway, jwt())
    for client in ("c2", None, "c1 c1", ["c1"]):
        answer = await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token(client_id=client)))
        refused(answer, 403, "not_subscribed")


async def test_clock_skew(gateway: Gateway) -> None:
    api = await opened(gateway, jwt(clock_skew_seconds=100))
    past = int(time.time()) - 50
    assert (await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token(exp=past)))).status_code == 200


async def test_an_algorithm_that_is_not_in_the_list(gateway: Gateway) -> None:
    api = await opened(gateway, jwt(ISSUER.ir(algorithms=("ES256",))))
    refused(await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token("RS256"))), 401, "token_invalid")
    assert (await gateway.get(f"{api.base_path}/a", headers=bearer(ISSUER.token("ES256")))).status_code == 200


@pytest.mark.parametrize(
    "algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)
async def test_every_algorithm(gateway: Gateway, algorithm: str) -> None:
    issuer = Issuer("many", algorithm)
    api = await opened(gateway, jwt(issuer.ir()), (issuer, "c1"))
    answer = await gateway.get(f"{api.base_path}/a", headers=bearer(issuer.token()))
    assert answer.status_code == 200, answer.text


async def test_a_shared_secret_by_explicit_choice_only(gateway: Gateway) -> None:
    issuer = Issuer("shared", "HS256")
    secret = Secret(base64.urlsafe_b64decode(issuer.keys["HS256"].as_dict()["k"] + "=").hex())
    from joserfc.jwk import OctKey

    issuer.keys["HS256"] = OctKey.import_key(secret.reveal())
    api = await opened(gateway, jwt(issuer.ir(jwks='{"keys":[]}', secret=secret)), (issuer, "c1"))
    assert (await gateway.get(f"{api.base_path}/a", headers=bearer(issuer.token()))).status_code == 200
    # The same secret in a public key set is none; and a public key is no secret.
    sly = await opened(
        gateway, jwt(issuer.ir(jwks=json.dumps({"keys": [issuer.keys["HS256"].as_dict()]}))), (issuer, "c1")
    )
    refused(await gateway.get(f"{sly.base_path}/a", headers=bearer(issuer.token())), 401, "token_invalid")


async def test_several_issuers(gateway: Gateway) -> None:
    api = await opened(gateway, jwt(ISSUER.ir(), OTHER.ir(client_claim="azp")), (ISSUER, "c1"), (OTHER, "c1"))
    path = f"{api.base_path}/a"
    assert (await gateway.get(path, headers=bearer(ISSUER.token()))).status_code == 200
    assert (await gateway.get(path, headers=bearer(OTHER.token(azp="c1")))).status_code == 200
    refused(await gateway.get(path, headers=bearer(OTHER.token())), 403, "not_subscribed")
    refused(await gateway.get(path, headers=bearer(ISSUER.token(iss=OTHER.url))), 401, "token_invalid")
    for issuer in (ISSUER, OTHER):
        refused(await gateway.get(path, headers=bearer(issuer.token(exp=1))), 401, "token_expired")


async def test_claims_become_headers_and_nobody_else_writes_them(gateway: Gateway) -> None:
    pairs = (("org", "x-org"), ("realm_access.level", "x-level"), ("https://acme.example/team", "x-team"))
    api = await opened(gateway, jwt(claim_headers=pairs, hide=False))
    claims = {"org": "blue", "realm_access": {"level": 7}, "https://acme.example/team": "a"}
    token = ISSUER.token(**claims)
    forged = {"x-org": "red", "x-team": "b", "x-gw-internal-issuer": "x"}
    answer = await gateway.get(f"{api.base_path}/a", headers={**bearer(token), **forged})
    seen = dict(answer.json()["headers"])
    assert (seen["x-org"], seen["x-level"], seen["x-team"]) == ("blue", "7", "a")
    assert seen["authorization"] == f"Bearer {token}"
    answer = await gateway.get(f"{api.base_path}/a", headers={**bearer(ISSUER.token()), **forged})
    assert not {"x-org", "x-team", "x-level"} & dict(answer.json()["headers"]).keys()


async def test_a_second_token_does_not_reach_the_upstream(gateway: Gateway) -> None:
    api = await opened(gateway, jwt(hide=False))
    lines = [("authorization", f"Bearer {ISSUER.token()}"), ("authorization", "Bearer forged")]
    answer = await gateway.client.get(f"{api.base_path}/a", headers=lines)
    refused(answer, 401, "token_invalid")
    hidden = await opened(gateway, jwt())
    answer = await gateway.client.get(f"{hidden.base_path}/a", headers=lines)
    assert answer.status_code == 401 or "authorization" not in dict(answer.json()["headers"])


async def test_required_claims(gateway: Gateway) -> None:
    wanted = (("tier", "gold"), ("verified", "true"))
    api = await opened(gateway, jwt(ISSUER.ir(required_claims=wanted), OTHER.ir()), (ISSUER, "c1"), (OTHER, "c1"))
    path = f"{api.base_path}/a"
    for claims in ({"tier": "gold", "verified": True}, {"tier": ["tin", "gold"], "verified": "true"}):
        assert (await gateway.get(path, headers=bearer(ISSUER.token(**claims)))).status_code == 200, claims
    for claims in ({}, {"tier": "gold"}, {"tier": "golden", "verified": True}, {"tier": {"gold": 1}, "verified": True}):
        refused(await gateway.get(path, headers=bearer(ISSUER.token(**claims))), 401, "token_invalid")
    assert (await gateway.get(path, headers=bearer(OTHER.token()))).status_code == 200


async def test_keys_that_change_and_keys_that_are_none(gateway: Gateway) -> None:
    api = await opened(gateway, jwt())
    fresh = Issuer("issuer", "ES256")
    await gateway.publish(replace(api, jwt=jwt(fresh.ir())))
    path = f"{api.base_path}/a"
    assert (await gateway.get(path, headers=bearer(fresh.token()))).status_code == 200
    refused(await gateway.get(path, headers=bearer(ISSUER.token("ES256"))), 401, "token_invalid")
    await gateway.publish(replace(api, jwt=jwt(fresh.ir(jwks='{"keys":[]}'))))
    refused(await gateway.get(path, headers=bearer(fresh.token())), 401, "token_invalid")


async def test_a_key_set_that_the_engine_refuses_quarantines_its_api_alone(gateway: Gateway) -> None:
    api, sound = gateway.api(key_auth=None, jwt=jwt()), gateway.api(key_auth=None)
    broken = json.dumps({"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]})
    result = await gateway.publish(replace(api, jwt=jwt(ISSUER.ir(jwks=broken))), sound)
    states = {outcome.api_id: outcome for outcome in result.outcomes}
    assert (states[api.id].state, states[sound.id].state) == ("quarantined", "live")
    assert "jwks" in states[api.id].reason.lower()
    assert (await gateway.publish(api)).outcomes[0].state == "live"


async def test_a_client_id_is_no_key(gateway: Gateway) -> None:
    api = await opened(gateway, jwt())
    keyed = gateway.api()
    await gateway.publish(keyed)
    await gateway.grant(grant_for(keyed, key=f"{ISSUER.url} c1", kind=CredentialKind.CLIENT))
    for value in (f"{ISSUER.url} c1", f"client {ISSUER.url} c1"):
        refused(await gateway.get(f"{keyed.base_path}/a", value), 401, "key_invalid")
        forged = {"x-gw-internal-key": value, "x-gw-internal-token": value, "x-gw-internal-issuer": ISSUER.url}
        refused(await gateway.get(f"{api.base_path}/a", headers=forged), 401, "token_missing")
