"""From publishing to a key in force and out again, as a gateway hears of it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from tests.application.world import World
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.schemas import CredentialRotate
from waypost.application.apps.service import AppService
from waypost.application.gateways import publishing, reading
from waypost.application.gateways.deployments import DeploymentService
from waypost.application.gateways.errors import AlreadyDeployed, NotPublishable
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.contracts.agent import ApiReceipt, Receipts
from waypost.contracts.drivers import Degradation
from waypost.contracts.ir.dump import content_hash
from waypost.information.models import ApiRow, EventRow, OperationRow, VersionRow
from waypost.kit.clock import FakeClock
from waypost.kit.errors import Forbidden, NotFound


async def deployment(world: World, deployment_id: str):
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        return await DeploymentService().get(ctx, deployment_id)


async def test_publish_becomes_live_by_the_receipt(world: World, clock: FakeClock) -> None:
    made = await world.publish()
    assert (made.state, made.url) == ("pending", "http://gw.test/weather")
    agent = world.agent()
    await agent.look()
    assert [route.path for version in agent.apis[world.api_id].versions for route in version.routes] == ["/now"]
    assert made.desired_hash == content_hash(agent.apis[world.api_id])
    clock.advance(0.18)
    await agent.confirm()
    found = await deployment(world, made.id)
    assert (found.state, found.verified, found.live_after_ms) == ("live", True, 180)
    assert found.applied_hash == found.desired_hash
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        api = await ctx.session.get_one(ApiRow, world.api_id)
        version = await ctx.session.get_one(VersionRow, world.version_id)
        assert (api.lifecycle, version.lifecycle) == ("published", "published")


async def test_a_receipt_for_an_older_state_does_not_settle_a_newer_wish(world: World) -> None:
    made = await world.publish()
    await world.receive(Receipts(apis=(ApiReceipt(api_id=world.api_id, content_hash="old", state="live"),)))
    assert (await deployment(world, made.id)).state == "pending"


async def test_quarantine_names_its_reason_to_the_author_only(world: World) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.look()
    digest = content_hash(agent.apis[world.api_id])
    bad = ApiReceipt(api_id=world.api_id, content_hash=digest, state="quarantined", reason="no such cluster")
    await world.receive(Receipts(apis=(bad,)))
    found = await deployment(world, made.id)
    assert (found.state, found.reason, found.verified) == ("quarantined", "no such cluster", False)
    async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
        assert (await DeploymentService().get(ctx, made.id)).reason == ""
    await agent.confirm()
    assert (await deployment(world, made.id)).state == "live"


async def test_what_an_engine_goes_without_is_shown_and_noted_when_it_comes_later(world: World) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.confirm()
    lost = Degradation(api_id=world.api_id, feature="jwt.eddsa", fallback="refused")
    digest = content_hash(agent.apis[world.api_id])
    receipt = ApiReceipt(api_id=world.api_id, content_hash=digest, state="live", degradations=(lost,))
    for _ in range(2):
        await world.receive(Receipts(apis=(receipt,)))
    found = await deployment(world, made.id)
    assert [(item.feature, item.fallback) for item in found.degradations] == [("jwt.eddsa", "refused")]
    assert (found.state, found.revision) == ("live", made.revision + 2)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        events = (await ctx.session.scalars(select(EventRow).where(EventRow.kind == "deployment.degraded"))).all()
    assert [event.data["degradations"] for event in events] == [[{"feature": "jwt.eddsa", "fallback": "refused"}]]
    await agent.confirm()
    assert (await deployment(world, made.id)).degradations == []


async def test_withdraw_removes_the_api_then_its_grants(world: World) -> None:
    made = await world.publish()
    agent = world.agent()
    await agent.confirm()
    app = await world.app()
    await world.key(app.id)
    await world.subscribe(app.id)
    await agent.look()
    assert len(agent.grants) == 1
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        gone = await DeploymentService().withdraw(ctx, made.id)
        await ctx.uow.commit()
    assert gone.state == "withdrawing"
    await agent.look()
    assert agent.apis == {}
    assert len(agent.grants) == 1, "calls in flight keep their grants until the routes are gone"
    await world.receive(Receipts(apis=(ApiReceipt(api_id=world.api_id, content_hash="", state="removed"),)))
    assert (await deployment(world, made.id)).state == "withdrawn"
    await agent.look()
    assert agent.grants == {}
    again = await world.publish()
    assert (again.id, again.state) == (made.id, "pending")
    await agent.look()
    assert len(agent.grants) == 1


async def test_what_is_missing_is_named_at_once(world: World) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        version = await ctx.session.get_one(VersionRow, world.version_id)
        version.upstream_url = ""
        version.revision += 1
        await ctx.uow.commit()
    with pytest.raises(NotPublishable) as refused:
        await world.publish()
    assert [error.pointer for error in refused.value.errors] == ["/upstream_url"]
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        await ctx.session.execute(delete(OperationRow))
        (await ctx.session.get_one(VersionRow, world.version_id)).revision += 1
        await ctx.uow.commit()
    with pytest.raises(NotPublishable) as refused:
        await world.publish()
    assert [error.pointer for error in refused.value.errors] == ["/operations"]


async def test_what_was_prepared_is_not_compiled_again_while_others_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        prepared = await DeploymentService().prepare(ctx, world.version_id, gateway_id=world.gateway_id)

    def needless(*_: object, **__: object) -> None:
        raise AssertionError("this was done before")

    monkeypatch.setattr(reading, "compile_api", needless)
    monkeypatch.setattr(publishing, "validate_api", needless)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        made = await DeploymentService().create(ctx, world.version_id, gateway_id=world.gateway_id, prepared=prepared)
        await ctx.uow.commit()
    monkeypatch.undo()
    agent = world.agent()
    await agent.look()
    assert made.desired_hash == content_hash(agent.apis[world.api_id])


async def test_what_changed_since_it_was_prepared_counts(world: World) -> None:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        prepared = await DeploymentService().prepare(ctx, world.version_id, gateway_id=world.gateway_id)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        version = await ctx.session.get_one(VersionRow, world.version_id)
        version.upstream_url = ""
        version.revision += 1
        await ctx.uow.commit()
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        with pytest.raises(NotPublishable, match="no upstream"):
            await DeploymentService().create(ctx, world.version_id, gateway_id=world.gateway_id, prepared=prepared)


async def test_publishing_is_the_owners(world: World) -> None:
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(NotFound):
            await DeploymentService().create(ctx, world.version_id, gateway_id=world.gateway_id)
    viewer = await world.people.user()
    await world.people.join(viewer, world.team, role="viewer")
    async with open_context(world.parts, viewer.principal, write=True) as ctx:
        with pytest.raises(Forbidden):
            await DeploymentService().create(ctx, world.version_id, gateway_id=world.gateway_id)
    await world.publish()
    with pytest.raises(AlreadyDeployed):
        await world.publish()


async def test_a_key_comes_into_force_and_is_revoked_without_a_compile(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    agent = world.agent()
    await agent.confirm()
    key = await world.key(app.id)
    (message,) = await agent.look()
    assert message["kind"] == "grants"
    assert agent.keys() == {key.key}
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await CredentialService().revoke(ctx, key.id)
        await ctx.uow.commit()
    (message,) = await agent.look()
    assert message["kind"] == "grants"
    assert agent.keys() == set()


async def test_rotation_keeps_both_keys_until_the_overlap_ends(world: World, clock: FakeClock) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    old = await world.key(app.id)
    agent = world.agent()
    await agent.look()
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        rotated = await CredentialService().rotate(ctx, old.id, CredentialRotate(overlap_seconds=60))
        await ctx.uow.commit()
    await agent.look()
    assert agent.keys() == {old.key, rotated.key}
    ends = {item["key"]: item["expires_at"] for item in agent.grants.values()}
    assert ends[rotated.key] is None
    assert ends[old.key] is not None, "the agent ends it by itself"
    clock.advance(61)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        assert await CredentialService().expire_due(ctx) == 1
        await ctx.uow.commit()
    await agent.look()
    assert agent.keys() == {rotated.key}


async def test_rotation_without_overlap_ends_the_old_key_at_once(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    old = await world.key(app.id)
    agent = world.agent()
    await agent.look()
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        rotated = await CredentialService().rotate(ctx, old.id, CredentialRotate(overlap_seconds=0))
        await ctx.uow.commit()
    assert rotated.old.state == "revoked"
    await agent.look()
    assert agent.keys() == {rotated.key}


async def test_a_deleted_app_takes_its_keys_off_the_gateway(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    await world.key(app.id)
    agent = world.agent()
    await agent.look()
    assert len(agent.grants) == 1
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await AppService().delete(ctx, app.id, revision=1)
        await ctx.uow.commit()
    await agent.look()
    assert agent.grants == {}


async def test_approval_refusal_and_cancellation_reach_the_gateway(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.key(app.id)
    agent = world.agent()
    await agent.look()
    asked = await world.subscribe(app.id, "paid")
    assert asked.state == "pending"
    await agent.look()
    assert agent.grants == {}
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        assert (await SubscriptionService().approve(ctx, asked.id, note="welcome")).state == "active"
        await ctx.uow.commit()
    await agent.look()
    assert [item["plan_id"] for item in agent.grants.values()] == [world.plan_versions["paid"]]
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await SubscriptionService().cancel(ctx, asked.id)
        await ctx.uow.commit()
    await agent.look()
    assert agent.grants == {}


async def test_a_gateway_that_was_away_hears_what_it_missed(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    first = await world.key(app.id)
    agent = world.agent()
    await agent.confirm()
    second = await world.key(app.id)
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await CredentialService().revoke(ctx, first.id)
        await ctx.uow.commit()
    held = {key: content_hash(api) for key, api in agent.apis.items()}
    back = world.agent(apis=held, grants_revision=agent.revision)
    back.grants, back.apis = agent.grants, agent.apis
    apis, grants = await back.look()
    assert apis["upsert"] == []
    assert grants["delta"]["full"] is False
    assert back.keys() == {second.key}


async def test_a_gateway_from_the_future_or_from_long_ago_gets_everything(world: World, clock: FakeClock) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    key = await world.key(app.id)
    for held in (10_000, 1):
        clock.advance(8 * 86400)
        agent = world.agent(grants_revision=held)
        _, message = await agent.look()
        assert message["delta"]["full"] is True
        assert agent.keys() == {key.key}


async def test_a_revision_of_another_history_is_not_gone_on_from(world: World) -> None:
    """The hub was restored from a backup, and has counted past what the gateway heard of the hub before."""
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    key = await world.key(app.id)
    agent = world.agent()
    await agent.look()
    same = world.agent(grants_revision=agent.revision, grants_mark=agent.mark)
    assert [message["kind"] for message in await same.look()] == ["apis"], "it has all grants"
    other = world.agent(grants_revision=agent.revision, grants_mark="0" * 64)
    _, message = await other.look()
    assert message["delta"]["full"] is True
    assert other.keys() == {key.key}


async def test_receipts_turn_pending_grants_live(world: World) -> None:
    await world.publish()
    app = await world.app()
    subscription = await world.subscribe(app.id)
    await world.key(app.id)
    agent = world.agent()

    async def states() -> list[str]:
        async with open_context(world.parts, world.consumer.principal, write=False) as ctx:
            return [grant.state for grant in await SubscriptionService().grants(ctx, subscription.id)]

    assert await states() == ["pending"]
    await agent.confirm()
    assert await states() == ["live"]
