"""What an engine cannot do is found wherever an API may come to ask for it, before it is kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey

from tests.application.apps.material import certificate
from tests.application.changes.test_changes import ALL, put, say
from tests.application.gateways.test_settings import update
from tests.application.issuers.keys import jwks, key
from tests.application.world import World, make_world
from tests.support.people import People
from waypost.application.gateways.errors import CapabilityMissing
from waypost.application.parts import Parts

BURST = {"rate_limits": [{"requests": 10, "seconds": 1, "burst": 20}]}


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    return await make_world(parts, people)


def missing(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "capability_missing"), answer.text
    return [error["message"] for error in answer.json()["errors"]]


async def test_terms_of_a_plan(client: httpx.AsyncClient, world: World) -> None:
    await say(world, tuple(name for name in ALL if name != "rate_limit.burst"))
    headers = world.provider.headers
    plans, new = f"/api/v1/apis/{world.api_id}/plans", {"name": "Burst", "version": BURST}
    versions = f"/api/v1/plans/{world.plans['free']}/versions"
    await world.publish()
    for answer in (
        await client.post(plans, json=new, headers=headers),
        await client.post(versions, json=BURST, headers=headers),
    ):
        assert "cannot do `rate_limit.burst`" in missing(answer)[0]
    listed = (await client.get(plans, headers=headers)).json()["items"]
    assert {item["slug"]: item["current_version"]["number"] for item in listed} == {"free": 1, "paid": 1}
    await say(world, ALL)
    assert (await client.post(plans, json=new, headers=headers)).status_code == 201
    assert (await client.post(versions, json=BURST, headers=headers)).status_code == 201


async def test_algorithms_of_an_issuer(client: httpx.AsyncClient, world: World, people: People) -> None:
    """A key that an engine cannot use breaks nothing while there are others; it has no way to take EdDSA alone."""
    admin = await people.admin()
    body = {"url": "https://login.example", "algorithms": ["ES256"], "jwks": jwks(key("a")).decode()}
    made = await client.post("/api/v1/issuers", json=body, headers=admin.headers)
    assert made.status_code == 201, made.text
    await put(world, "jwt", issuers=[{"issuer": made.json()["id"]}])
    await say(world, tuple(name for name in ALL if name != "jwt.eddsa"))
    await world.publish()
    edwards = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "b"}
    only: dict[str, Any] = {"algorithms": ["EdDSA"], "jwks": jwks(edwards).decode()}
    both: dict[str, Any] = {"algorithms": ["ES256", "EdDSA"], "jwks": jwks(key("a"), edwards).decode()}
    place = f"/api/v1/issuers/{made.json()['id']}"
    headers = {**admin.headers, "If-Match": made.headers["etag"]}
    assert "cannot do `jwt.eddsa`" in missing(await client.patch(place, json=only, headers=headers))[0]
    assert (await client.get(place, headers=admin.headers)).json()["algorithms"] == ["ES256"]
    assert (await client.patch(place, json=both, headers=headers)).status_code == 200
    agent = world.agent()
    await agent.look()
    (issuer,) = agent.apis[world.api_id].jwt.issuers
    assert (issuer.algorithms, issuer.required_algorithms) == (("ES256", "EdDSA"), None)


async def test_an_algorithm_that_a_policy_names(client: httpx.AsyncClient, world: World, people: People) -> None:
    admin = await people.admin()
    edwards = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "b"}
    body = {
        "url": "https://login.example",
        "algorithms": ["ES256", "EdDSA"],
        "jwks": jwks(key("a"), edwards).decode(),
    }
    made = await client.post("/api/v1/issuers", json=body, headers=admin.headers)
    named = {"issuer": made.json()["id"], "algorithms": ["ES256", "EdDSA"]}
    await say(world, tuple(name for name in ALL if name != "jwt.eddsa"))
    await put(world, "jwt", issuers=[named])
    with pytest.raises(CapabilityMissing) as caught:
        await world.publish()
    assert "cannot do `jwt.eddsa`" in caught.value.errors[0].message
    await put(world, "jwt", issuers=[{"issuer": made.json()["id"]}])
    await world.publish()
    with pytest.raises(CapabilityMissing):
        await put(world, "jwt", issuers=[named])


async def test_a_listener_that_apis_need(world: World) -> None:
    text, _, secret = certificate(world.parts.clock.now())
    tls = {"port": 8443, "certificate": text, "key": secret, "client_ca": text}
    await say(world, ALL)
    await put(world, "mtls")
    await update(world, tls=tls)
    await world.publish()
    with pytest.raises(CapabilityMissing) as caught:
        await update(world, tls={**tls, "client_ca": ""})
    assert "no TLS listener" in caught.value.errors[0].message
    await update(world, tls={**tls, "port": 9443})
