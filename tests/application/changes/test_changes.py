"""A change of a policy says first what it would touch, and does exactly that; engines that cannot do it are asked."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from tests.application.apps.material import certificate
from tests.application.world import World
from tests.support.people import Person
from waypost.application.changes.schemas import ChangePlan, PolicyDraft, PolicySaved
from waypost.application.changes.service import ChangeService, Prepared
from waypost.application.gateways.agents import AgentService
from waypost.application.gateways.errors import CapabilityMissing, NotPublishable
from waypost.application.gateways.schemas import GatewayUpdate
from waypost.application.gateways.service import GatewayService
from waypost.application.oauth.identity import api_audience
from waypost.application.oauth.rotation import SigningKeyRotate, SigningKeyService
from waypost.application.policies.errors import PolicyContradicts, PolicyInvalid
from waypost.application.policies.schemas import PolicyPut
from waypost.application.policies.service import PolicyService
from waypost.application.policies.spots import api_spot, hub_spot, plan_spot, team_spot, version_spot
from waypost.application.work import open_context
from waypost.contracts.agent import StreamRequest
from waypost.contracts.drivers import Capability
from waypost.contracts.telemetry import AccessRecord, UsageBatch
from waypost.information.models import EventRow, PolicyRow
from waypost.kit.errors import Conflict, PreconditionFailed

ALL = tuple(item.value for item in Capability)


async def plan(world: World, kind: str, **config: Any) -> ChangePlan:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        spot = await api_spot(ctx, world.api_id)
        planned = await ChangeService().plan(ctx, spot, kind, draft=PolicyDraft(config=config))
        await ctx.uow.commit()
    return planned


async def put(world: World, kind: str, *, who: Person | None = None, at: Any = None, **config: Any) -> PolicySaved:
    async with open_context(world.parts, (who or world.provider).principal, write=True) as ctx:
        find = at or partial(api_spot, api_id=world.api_id)
        prepared = await ChangeService().prepare(ctx, find, kind, wanted=PolicyPut(config=config), revision=None)
        saved = await ChangeService().put(ctx, prepared)
        await ctx.uow.commit()
    return saved


async def say(world: World, capabilities: tuple[str, ...]) -> None:
    await AgentService().introduced(world.parts, world.gateway, StreamRequest(capabilities=capabilities))


async def called(world: World, **facts: str) -> None:
    record = AccessRecord(
        at=world.parts.clock.now(),
        decision_id=f"dec-{len(facts)}",
        method="GET",
        path="/weather/now",
        status=200,
        duration_us=100,
        api_id=world.api_id,
        version_id=world.version_id,
        **facts,
    )
    batch = UsageBatch(spool=f"spool-{len(facts)}", number=1, records=(record,))
    await world.parts.analytics.append(world.gateway_id, batch)


async def test_a_plan_names_what_saving_then_touches_and_writes_nothing(world: World) -> None:
    await world.publish()
    app = await world.app()
    subscription = await world.subscribe(app.id)
    await called(world, subscription_id=subscription.id, app_id=app.id)
    await called(world)
    planned = await plan(world, "ip", deny=["203.0.113.0/24"])
    assert [item.id for item in planned.apis] == [world.api_id]
    assert [(item.slug, item.api_ids, item.missing) for item in planned.gateways] == [("edge", [world.api_id], [])]
    assert (planned.callers.calls, planned.callers.apps) == (2, 1)
    callers = {(item.app_name, item.subscription_id) for item in planned.callers.items}
    assert callers == {("Trip planner", subscription.id), ("without a known credential", None)}
    assert [(item.place.level, item.before) for item in planned.differences] == [("api", None)]
    assert planned.differences[0].after == {"allow": [], "deny": ["203.0.113.0/24"]}
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(PolicyRow)) == 0
        assert await ctx.session.scalar(select(func.count()).where(EventRow.kind == "policy.set")) == 0
    saved = await put(world, "ip", deny=["203.0.113.0/24"])
    assert saved.change == planned


async def test_a_dry_run_leaves_no_trace_in_what_gateways_get(world: World) -> None:
    await world.publish()
    agent = world.agent()
    await agent.look()
    await plan(world, "timeout", request_ms=11)
    await put(world, "timeout", request_ms=22)
    await plan(world, "timeout", request_ms=33)
    await put(world, "timeout", request_ms=44)
    await agent.look()
    timeout = agent.apis[world.api_id].versions[0].policies.timeout
    assert timeout is not None
    assert timeout.request_ms == 44


async def take_away(world: World, kind: str) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        find = partial(api_spot, api_id=world.api_id)
        prepared = await ChangeService().prepare(ctx, find, kind, wanted=None, revision=None)
        await ChangeService().delete(ctx, prepared)
        await ctx.uow.commit()


async def test_an_api_is_opened_by_name_and_not_by_the_way(world: World) -> None:
    await world.publish()
    assert [api.opened for api in (await plan(world, "timeout", request_ms=9)).apis] == [False]
    await put(world, "basic")
    await put(world, "key_auth", enabled=False)
    with pytest.raises(PolicyContradicts) as refused:
        await take_away(world, "basic")
    assert "anybody could call" in refused.value.errors[0].message
    assert "anonymous" in refused.value.errors[0].hint
    with pytest.raises(PolicyContradicts):
        await plan(world, "basic", enabled=False)
    await put(world, "key_auth")
    await take_away(world, "basic")
    planned = await plan(world, "key_auth", enabled=False)
    assert [(api.id, api.opened) for api in planned.apis] == [(world.api_id, True)]
    assert [api.opened for api in (await put(world, "key_auth", enabled=False)).change.apis] == [True]
    assert [api.opened for api in (await plan(world, "timeout", request_ms=9)).apis] == [False], "it was open before"


async def test_the_plan_says_that_calls_without_a_credential_would_pass(world: World) -> None:
    await world.publish()
    assert [api.opened for api in (await plan(world, "anonymous", allowed=False)).apis] == [False]
    assert [api.opened for api in (await plan(world, "anonymous", allowed=True)).apis] == [True]
    saved = await put(world, "anonymous", who=await world.people.admin(), at=hub_spot, allowed=True)
    assert [(api.id, api.opened) for api in saved.change.apis] == [(world.api_id, True)]
    assert [api.opened for api in (await plan(world, "timeout", request_ms=9)).apis] == [False], "it was open before"


async def test_what_changes_nothing_touches_nobody(world: World) -> None:
    await world.publish()
    await called(world)
    planned = await plan(world, "timeout", request_ms=30_000)
    assert (planned.gateways, planned.callers.calls) == ([], 0)


async def test_what_an_engine_cannot_do_is_named_by_the_plan_and_refused_when_saved(world: World) -> None:
    await world.publish()
    await say(world, tuple(name for name in ALL if name != "countries"))
    planned = await plan(world, "countries", deny=["KP"])
    missing = planned.gateways[0].missing
    assert [(item.capability, item.where) for item in missing] == [("countries", "version v1 of Weather")]
    with pytest.raises(CapabilityMissing) as caught:
        await put(world, "countries", deny=["KP"])
    assert "envoy on Edge cannot do `countries`" in caught.value.errors[0].message
    assert caught.value.errors[0].hint
    await put(world, "ip", deny=["203.0.113.1/32"])
    await say(world, ALL)
    await put(world, "countries", deny=["KP"])
    await say(world, tuple(name for name in ALL if name != "countries"))
    await put(world, "ip", deny=["203.0.113.2/32"])
    admin = await world.people.admin()
    async with open_context(world.parts, admin.principal, write=False) as ctx:
        lacks = await GatewayService().lacks(ctx, "edge")
    assert [(item.capability, item.where) for item in lacks] == [("countries", "version v1 of Weather")]


async def test_publishing_to_an_engine_that_cannot_do_it_is_refused_before(world: World) -> None:
    await put(world, "mtls")
    await say(world, tuple(name for name in ALL if name not in ("mtls", "any_of")))
    with pytest.raises(CapabilityMissing) as caught:
        await world.publish()
    assert {error.pointer for error in caught.value.errors} == {"/mtls"}
    await say(world, ALL)
    with pytest.raises(CapabilityMissing) as caught:
        await world.publish()
    assert "no TLS listener" in caught.value.errors[0].message
    authority, _, key = certificate(world.parts.clock.now())
    admin = await world.people.admin()
    async with open_context(world.parts, admin.principal, write=True) as ctx:
        tls = {"port": 8443, "certificate": authority, "key": key, "client_ca": authority}
        change = GatewayUpdate.model_validate({"settings": {"tls": tls}})
        await GatewayService().update(ctx, "edge", change, revision=1)
        await ctx.uow.commit()
    await world.publish()


async def test_what_an_engine_can_do_is_shown_and_forgotten_with_its_agent(world: World) -> None:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert (await GatewayService().get(ctx, "edge")).capabilities is None
    await say(world, ("mock", "cors"))
    await say(world, ())
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert (await GatewayService().get(ctx, "edge")).capabilities == ["cors", "mock"]
        said = select(func.count()).where(EventRow.kind == "gateway.capabilities")
        assert await ctx.session.scalar(said) == 1


async def test_a_policy_of_the_hub_touches_every_api_and_reaches_the_gateways(world: World) -> None:
    await world.publish()
    admin = await world.people.admin()
    saved = await put(world, "headers", who=admin, at=hub_spot, response_remove=["server"])
    assert [item.id for item in saved.change.apis] == [world.api_id]
    agent = world.agent()
    await agent.look()
    headers = agent.apis[world.api_id].versions[0].policies.headers
    assert headers is not None
    assert headers.response_remove == ("server",)


async def test_a_plans_policies_reach_its_subscribers_terms(world: World) -> None:
    await world.publish()
    limits = [{"requests": 5, "seconds": 1, "by": "app"}]
    saved = await put(world, "rate_limit", at=lambda ctx: plan_spot(ctx, world.plans["free"]), limits=limits)
    assert [item.place.level for item in saved.change.differences] == ["plan"]
    agent = world.agent()
    await agent.look()
    plans = {item.name: item for item in agent.apis[world.api_id].plans}
    assert [(item.requests, item.by.value) for item in plans["free"].rate_limits] == [(5, "app"), (6, "subscription")]
    assert [item.requests for item in plans["paid"].rate_limits] == [6]


async def test_a_secret_reaches_the_gateway_and_no_eye(world: World) -> None:
    await world.publish()
    header = {"name": "authorization", "value": "Basic aHVzaA==", "secret": True}
    saved = await put(world, "headers", at=lambda ctx: version_spot(ctx, world.version_id), request_set=[header])
    assert "aHVzaA" not in saved.model_dump_json()
    agent = world.agent()
    await agent.look()
    headers = agent.apis[world.api_id].versions[0].policies.headers
    assert headers is not None
    assert headers.request_set == (("authorization", "Basic aHVzaA=="),)
    admin = await world.people.admin()
    async with open_context(world.parts, admin.principal, write=False) as ctx:
        shown = await GatewayService().ir(ctx, "edge")
    assert shown.apis[0].versions[0].policies.headers.request_set == (("authorization", "[redacted]"),)  # type: ignore[union-attr]


async def test_a_new_signing_key_reaches_the_gateways_that_take_its_tokens(world: World) -> None:
    await world.publish()
    await put(world, "jwt", issuers=[{"issuer": "hub"}])
    agent = world.agent()
    await agent.look()
    jwt = agent.apis[world.api_id].jwt
    assert jwt is not None
    issuer = jwt.issuers[0]
    assert (issuer.id, issuer.audiences) == ("hub", (api_audience(issuer.issuer, "weather"),))
    before = len(orjson.loads(issuer.jwks)["keys"])
    admin = await world.people.admin()
    async with open_context(world.parts, admin.principal, write=True) as ctx:
        await SigningKeyService().rotate(ctx, SigningKeyRotate())
        await ctx.uow.commit()
    await agent.look()
    jwt = agent.apis[world.api_id].jwt
    assert jwt is not None
    assert len(orjson.loads(jwt.issuers[0].jwks)["keys"]) == before + 1


async def test_a_refused_change_is_not_half_done(world: World) -> None:
    await world.publish()
    for kind, config in (
        ("scopes", {"scopes": ["a"], "roles": ["clerk"]}),
        ("rate_limit", {"limits": [{"requests": 1, "seconds": 1, "by": "claim", "claim": "sub"}]}),
    ):
        with pytest.raises(PolicyContradicts):
            await put(world, kind, **config)
    with pytest.raises(PolicyInvalid):
        await plan(world, "jwt", issuers=[])
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(PolicyRow)) == 0


TOKENS = {
    "jwt": {"issuers": [{"issuer": "hub"}]},
    "basic": {},
    "introspection": {
        "url": "https://login.example/introspect",
        "issuer": "https://login.example",
        "client_id": "gateway",
        "client_secret": "hush",
    },
}
KEY_IN_AUTHORIZATION = ("key_auth", {"header": "Authorization"})


@pytest.mark.parametrize("at", [None, hub_spot])
@pytest.mark.parametrize("key_first", [True, False])
@pytest.mark.parametrize("kind", TOKENS)
async def test_a_key_in_the_header_of_another_way_is_refused_in_either_order(
    world: World, kind: str, key_first: bool, at: Any
) -> None:
    steps = [KEY_IN_AUTHORIZATION, (kind, TOKENS[kind])]
    first, second = steps if key_first else steps[::-1]
    admin = await world.people.admin()
    await put(world, first[0], who=admin, at=at, **first[1])
    with pytest.raises(PolicyContradicts) as caught:
        await put(world, second[0], who=admin, at=at, **second[1])
    expected = {True: "/config/enabled", False: "/config/header"}[key_first]
    assert {error.pointer for error in caught.value.errors} == {expected}
    assert "x-api-key" in caught.value.errors[0].hint


async def test_what_clashes_is_refused_where_no_api_stands_below_yet(world: World) -> None:
    team = await world.people.team("Empty")

    def at(ctx: Any) -> Any:
        return team_spot(ctx, team.id)

    await put(world, KEY_IN_AUTHORIZATION[0], who=team.owner, at=at, **KEY_IN_AUTHORIZATION[1])
    with pytest.raises(PolicyContradicts):
        await put(world, "basic", who=team.owner, at=at)
    # What is only missing may stand nearer to an API that comes later.
    await put(world, "scopes", who=team.owner, at=at, scopes=[], roles=["clerk"])


async def test_an_api_that_came_after_a_policy_it_contradicts_is_not_published(world: World) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        row = PolicyRow(id="pol_1", level="team", target_id=world.team.id, team_id=world.team.id, kind="scopes")
        row.config, row.sealed, row.locked, row.revision = {"scopes": [], "roles": ["clerk"]}, "", False, 1
        row.created_at = row.updated_at = world.parts.clock.now()
        ctx.session.add(row)
        await ctx.uow.commit()
    with pytest.raises(NotPublishable) as caught:
        await world.publish()
    assert [error.pointer for error in caught.value.errors] == ["/policies/scopes/config/roles"]


@pytest.mark.parametrize("by", ["subscription", "app", "plan", "ip"])
async def test_calls_in_flight_that_an_engine_does_not_count_are_refused_by_name(world: World, by: str) -> None:
    able = tuple(name for name in ALL if not name.startswith("concurrency.by."))
    await say(world, able)
    await put(world, "concurrency", calls=3, by=by)
    with pytest.raises(CapabilityMissing) as caught:
        await world.publish()
    assert f"envoy on Edge cannot do `concurrency.by.{by}`" in caught.value.errors[0].message
    await put(world, "concurrency", calls=3, by="api")
    await world.publish()
    await put(world, "concurrency", calls=4, by="operation")
    planned = await plan(world, "concurrency", calls=3, by=by)
    assert [item.capability for item in planned.gateways[0].missing] == [f"concurrency.by.{by}"]
    with pytest.raises(CapabilityMissing) as caught:
        await put(world, "concurrency", calls=3, by=by)
    assert [(error.pointer, bool(error.hint)) for error in caught.value.errors] == [("/config/by", True)]


async def looked_at(world: World, kind: str, wanted: PolicyPut | None, revision: int | None = None) -> Prepared:
    find = partial(api_spot, api_id=world.api_id)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        return await ChangeService().prepare(ctx, find, kind, wanted=wanted, revision=revision)


async def test_a_change_is_looked_at_again_where_something_happened_since(world: World) -> None:
    prepared = await looked_at(world, "timeout", PolicyPut(config={"request_ms": 11}))
    await put(world, "timeout", request_ms=22)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        saved = await ChangeService().put(ctx, prepared)
        await ctx.uow.commit()
    assert (saved.revision, saved.config["request_ms"]) == (2, 11)
    assert [(item.before or {}).get("request_ms") for item in saved.change.differences] == [22]
    careful = await looked_at(world, "timeout", PolicyPut(config={"request_ms": 12}), revision=2)
    gone = await looked_at(world, "timeout", None)
    await put(world, "timeout", request_ms=33)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        with pytest.raises(PreconditionFailed):
            await ChangeService().put(ctx, careful)
        await ChangeService().delete(ctx, gone)
        await ctx.uow.commit()


async def test_of_two_who_write_a_policy_at_once_one_is_refused(world: World) -> None:
    first = await looked_at(world, "timeout", PolicyPut(config={"request_ms": 11}))
    await put(world, "timeout", request_ms=22)
    later = await looked_at(world, "timeout", PolicyPut(config={"request_ms": 12}))
    gone = await looked_at(world, "timeout", None)
    await put(world, "timeout", request_ms=33)
    for prepared, write in ((first, PolicyService.keep), (later, PolicyService.keep), (gone, PolicyService.drop)):
        async with open_context(world.parts, world.provider.principal, write=True) as ctx:
            with pytest.raises(Conflict):
                await write(PolicyService(), ctx, prepared.spot, prepared.draft)
