"""Who may subscribe to what, who decides, and what two people at once cannot break."""

from __future__ import annotations

import asyncio

import pytest

from tests.application.world import World
from waypost.application.subscriptions.errors import (
    AlreadySubscribed,
    ApiNotOpen,
    BadPlan,
    NotOpen,
    NotPending,
    PlanNeedsApproval,
)
from waypost.application.subscriptions.schemas import Side, SubscriptionCreate, SubscriptionUpdate
from waypost.application.subscriptions.service import SubscriptionService
from waypost.application.work import open_context
from waypost.information.models import ApiRow, PlanRow
from waypost.kit.errors import Forbidden, NotFound, PreconditionFailed
from waypost.kit.paging import PageRequest


async def change(world: World, kind, row_id: str, **values) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        row = await ctx.session.get_one(kind, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        await ctx.uow.commit()


async def listed(world: World, who, **wanted) -> list[str]:
    async with open_context(world.parts, who.principal, write=False) as ctx:
        found = await SubscriptionService().list(ctx, page=PageRequest(), **wanted)
    return [item.id for item in found.items]


async def test_a_draft_is_not_there_for_others_and_not_open_to_its_own(world: World) -> None:
    app = await world.app()
    with pytest.raises(NotFound):
        await world.subscribe(app.id)
    own = await world.app(world.provider)
    with pytest.raises(ApiNotOpen):
        await world.subscribe(own.id, who=world.provider)


@pytest.mark.parametrize(
    ("lifecycle", "visibility", "error"), [("published", "private", NotFound), ("retired", "internal", ApiNotOpen)]
)
async def test_private_and_retired_apis(world: World, lifecycle: str, visibility: str, error: type[Exception]) -> None:
    await world.publish()
    await change(world, ApiRow, world.api_id, lifecycle=lifecycle, visibility=visibility)
    app = await world.app()
    with pytest.raises(error):
        await world.subscribe(app.id)


async def test_somebody_elses_app_is_not_there(world: World) -> None:
    await world.publish()
    other = await world.app(await world.people.user())
    with pytest.raises(NotFound):
        await world.subscribe(other.id)


async def test_plans_of_other_apis_and_retired_ones_cannot_be_chosen(world: World) -> None:
    await world.publish()
    app = await world.app()
    await change(world, PlanRow, world.plans["free"], lifecycle="retired")
    with pytest.raises(BadPlan):
        await world.subscribe(app.id)
    world.plans["free"] = "plan_of_nobody"
    with pytest.raises(BadPlan):
        await world.subscribe(app.id)


async def test_one_open_subscription_per_app_and_api(world: World) -> None:
    await world.publish()
    app = await world.app()
    first = await world.subscribe(app.id)
    with pytest.raises(AlreadySubscribed):
        await world.subscribe(app.id, "paid")
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        await SubscriptionService().cancel(ctx, first.id)
        await ctx.uow.commit()
    assert (await world.subscribe(app.id, "paid")).state == "pending"
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(NotOpen):
            await SubscriptionService().cancel(ctx, first.id)


async def test_two_at_once_leave_one_subscription(world: World) -> None:
    await world.publish()
    app = await world.app()
    results = await asyncio.gather(*(world.subscribe(app.id) for _ in range(4)), return_exceptions=True)
    made = [result for result in results if not isinstance(result, BaseException)]
    assert len(made) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {AlreadySubscribed}


async def test_a_key_and_an_approval_at_once_do_not_miss_each_other(world: World) -> None:
    await world.publish()
    agent = world.agent()
    await agent.look()
    expected = 0
    for _ in range(5):
        app = await world.app()
        asked = await world.subscribe(app.id, "paid")

        async def approve(subscription_id: str = asked.id) -> None:
            async with open_context(world.parts, world.provider.principal, write=True) as ctx:
                await SubscriptionService().approve(ctx, subscription_id)
                await ctx.uow.commit()

        await asyncio.gather(approve(), world.key(app.id), world.key(app.id))
        expected += 2
    await agent.look()
    assert len(agent.grants) == expected


async def test_only_the_providers_side_decides(world: World) -> None:
    await world.publish()
    app = await world.app()
    asked = await world.subscribe(app.id, "paid")
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(Forbidden):
            await SubscriptionService().approve(ctx, asked.id)
    stranger = (await world.people.team()).owner
    async with open_context(world.parts, stranger.principal, write=True) as ctx:
        with pytest.raises(NotFound):
            await SubscriptionService().approve(ctx, asked.id)
    developer = await world.people.user()
    await world.people.join(developer, world.team, role="developer")
    async with open_context(world.parts, developer.principal, write=True) as ctx:
        with pytest.raises(Forbidden):
            await SubscriptionService().approve(ctx, asked.id)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        refused = await SubscriptionService().refuse(ctx, asked.id, reason="What for?")
        await ctx.uow.commit()
        assert (refused.state, refused.reason) == ("refused", "What for?")
        assert refused.decided_by is not None
        with pytest.raises(NotPending):
            await SubscriptionService().approve(ctx, asked.id)


async def test_each_side_lists_its_own(world: World) -> None:
    await world.publish()
    app = await world.app()
    mine = (await world.subscribe(app.id)).id
    stranger = (await world.people.team()).owner
    assert await listed(world, world.consumer, side=Side.CONSUMER) == [mine]
    assert await listed(world, world.consumer, side=Side.PROVIDER) == []
    assert await listed(world, world.provider, side=Side.PROVIDER, state="active", api_id="weather") == [mine]
    assert await listed(world, world.provider, side=Side.CONSUMER) == []
    assert await listed(world, stranger) == []
    assert await listed(world, await world.people.admin()) == [mine]


async def test_a_plan_with_approval_is_the_providers_to_set(world: World) -> None:
    await world.publish()
    app = await world.app()
    made = await world.subscribe(app.id)
    wanted = SubscriptionUpdate(plan_id=world.plans["paid"])
    async with open_context(world.parts, world.consumer.principal, write=True) as ctx:
        with pytest.raises(PlanNeedsApproval):
            await SubscriptionService().change_plan(ctx, made.id, wanted, revision=1)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        with pytest.raises(PreconditionFailed):
            await SubscriptionService().change_plan(ctx, made.id, wanted, revision=9)
        changed = await SubscriptionService().change_plan(ctx, made.id, wanted, revision=1)
        assert (changed.plan.name, changed.revision, changed.state) == ("Paid", 2, "active")


async def test_a_viewer_of_the_apps_team_subscribes_nothing(world: World) -> None:
    await world.publish()
    team = await world.people.team()
    app = await world.app(team.owner)
    viewer = await world.people.user()
    await world.people.join(viewer, team, role="viewer")
    body = SubscriptionCreate(app_id=app.id, api_id=world.api_id, plan_id=world.plans["free"])
    async with open_context(world.parts, viewer.principal, write=True) as ctx:
        with pytest.raises(NotFound):
            await SubscriptionService().create(ctx, body)
