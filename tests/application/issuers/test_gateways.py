"""Changed keys reach the gateways whose APIs take the issuer's tokens, without a word from anybody."""

from __future__ import annotations

from tests.application.issuers.keys import jwks, key, kids
from tests.application.issuers.test_refresh import make
from tests.application.world import World
from tests.conftest import CtxAs
from tests.integration.web_server import WebServer, respond
from tests.support.people import Person
from waypost.application.issuers.refresh import refresh_due
from waypost.application.oauth.rotation import SigningKeyRotate, SigningKeyService
from waypost.application.work import SYSTEM
from waypost.information.models import PolicyRow
from waypost.kit.clock import FakeClock


async def test_new_keys_are_compiled_into_the_api(
    world: World, ctx_as: CtxAs, admin: Person, web: WebServer, clock: FakeClock
) -> None:
    web.answers["/keys"] = respond(jwks(key("first")))
    made = await make(ctx_as, world.parts, admin, jwks_url=web.url("/keys"), client_claim="azp")
    now = clock.now()
    async with ctx_as(SYSTEM) as ctx:
        row = PolicyRow(id="pol_1", api_id=world.api_id, level="api", target_id=world.api_id, kind="jwt")
        row.config = {"issuers": [{"issuer": made.id}, {"issuer": "hub"}]}
        row.created_at = row.updated_at = now
        ctx.session.add(row)
    await world.publish()
    agent = world.agent()
    await agent.look()
    outside, own = agent.apis[world.api_id].jwt.issuers
    assert (outside.issuer, kids(outside.jwks), outside.client_claim) == (made.url, ["first"], "azp")
    assert (own.issuer, own.audiences) == ("http://hub.test", ("http://hub.test/apis/weather",))
    web.answers["/keys"] = respond(jwks(key("first"), key("second")))
    clock.advance(400)
    seen = world.parts.changed.version
    await refresh_due(world.parts)
    assert world.parts.changed.version != seen, "the streams are woken"
    async with ctx_as(admin) as ctx:
        (newest,) = await SigningKeyService().rotate(ctx, SigningKeyRotate(lead_seconds=60))
    await agent.look()
    outside, own = agent.apis[world.api_id].jwt.issuers
    assert (kids(outside.jwks), kids(own.jwks)) == (["first", "second"], [newest.id])
    assert await agent.look() == []
