"""Removing the demo: what was made since stays, wherever it was put."""

from __future__ import annotations

from sqlalchemy import select, update

from tests.application.world import World
from waypost.application.catalog.schemas import ApiCreate
from waypost.application.catalog.service import CatalogService
from waypost.application.demo.service import DemoService
from waypost.application.hub.service import HubService
from waypost.application.work import open_context
from waypost.information.models import ApiRow, AppRow, HubRow, TeamRow, UserRow


async def _mark(world: World, *, app_id: str) -> None:
    """The world's API, its team, and a consumer with an app are the demo."""
    marked = ((ApiRow, world.api_id), (TeamRow, world.team.id), (UserRow, world.consumer.id), (AppRow, app_id))
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        for model, row_id in marked:
            await ctx.session.execute(update(model).where(model.id == row_id).values(demo=True))
        await ctx.session.execute(update(HubRow).values(demo={"state": "seeded"}))
        await ctx.uow.commit()


async def test_what_somebody_made_in_a_demo_team_stays_with_the_team(world: World) -> None:
    await world.publish()
    app = await world.app()
    await world.subscribe(app.id)
    await _mark(world, app_id=app.id)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        own = await CatalogService().create(ctx, ApiCreate(name="Our own", owner_id=world.team.id))
        await ctx.uow.commit()
    async with open_context(world.parts, (await world.people.admin()).principal, write=True) as ctx:
        assert (await HubService().get(ctx)).demo is True
        gone = await DemoService().remove(ctx)
        assert (await HubService().get(ctx)).demo is False
        await ctx.uow.commit()
    assert (gone.apis, gone.apps, gone.teams, gone.people) == (1, 1, 0, 1)
    async with open_context(world.parts, world.provider.principal, write=False) as ctx:
        assert list(await ctx.session.scalars(select(ApiRow.id))) == [own.id]
        assert (await ctx.session.get_one(TeamRow, world.team.id)).demo is False
        assert await ctx.session.get(UserRow, world.consumer.id) is None
