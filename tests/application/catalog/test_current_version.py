"""Which version an API shows as its current one while its versions come, age and go."""

from __future__ import annotations

from typing import Any

from tests.application.world import World

from waypost.application.catalog.service import CatalogService
from waypost.application.catalog.version_schemas import VersionCreate, VersionUpdate
from waypost.application.catalog.versions import VersionService
from waypost.application.work import open_context
from waypost.kit.clock import FakeClock


async def add(world: World, name: str) -> str:
    assert isinstance(world.parts.clock, FakeClock)
    world.parts.clock.advance(1)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        made = await VersionService().create(ctx, world.api_id, wanted=VersionCreate(name=name), acquired=None)
        await ctx.uow.commit()
    return made.id


async def move(world: World, version_id: str, *steps: str) -> None:
    for step in steps:
        async with open_context(world.parts, world.provider.principal, write=True) as ctx:
            revision = (await VersionService().get(ctx, version_id)).revision
            change = VersionUpdate.model_validate({"lifecycle": step})
            await VersionService().update(ctx, version_id, change=change, revision=revision)
            await ctx.uow.commit()


async def drop(world: World, version_id: str) -> None:
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        revision = (await VersionService().get(ctx, version_id)).revision
        await VersionService().delete(ctx, version_id, revision=revision)
        await ctx.uow.commit()


async def current(world: World) -> Any:
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        return (await CatalogService().get(ctx, world.api_id)).current_version_id


async def test_the_newest_published_one_is_current(world: World) -> None:
    second, third = await add(world, "v2"), await add(world, "v3")
    assert await current(world) == world.version_id
    await move(world, second, "published")
    assert await current(world) == second
    await move(world, world.version_id, "published")
    assert await current(world) == second
    await move(world, third, "published")
    assert await current(world) == third


async def test_a_deprecated_one_is_current_only_while_none_is_published(world: World) -> None:
    second = await add(world, "v2")
    await move(world, world.version_id, "published")
    await move(world, second, "published", "deprecated")
    assert await current(world) == world.version_id
    await move(world, second, "published")
    assert await current(world) == second
    await move(world, second, "deprecated")
    await move(world, world.version_id, "deprecated")
    assert await current(world) == second
    await move(world, second, "retired")
    assert await current(world) == world.version_id


async def test_a_retired_one_gives_way_to_all_that_consumers_can_call_and_a_draft_to_all(world: World) -> None:
    second, third = await add(world, "v2"), await add(world, "v3")
    await move(world, world.version_id, "published", "deprecated")
    await move(world, second, "published", "deprecated", "retired")
    assert await current(world) == world.version_id
    await move(world, world.version_id, "retired")
    assert await current(world) == second
    await drop(world, second)
    assert await current(world) == world.version_id
    await drop(world, world.version_id)
    assert await current(world) == third


async def test_what_is_served_and_subscribed_stays_when_another_becomes_current(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    await world.key(app.id)
    agent = world.agent()
    await agent.confirm()
    served, keys = agent.apis[world.api_id], agent.keys()
    second = await add(world, "v2")
    await move(world, second, "published")
    await move(world, world.version_id, "deprecated")
    await move(world, second, "deprecated")
    await move(world, world.version_id, "published")
    assert await current(world) == world.version_id
    await agent.look()
    assert agent.apis[world.api_id] == served
    assert (agent.keys(), len(keys)) == (keys, 1)
