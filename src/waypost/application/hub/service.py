"""The hub's own settings: brand and sign-up."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select

from waypost.application import access
from waypost.application.context import Context
from waypost.application.hub.schemas import HubRead, HubUpdate
from waypost.application.revisions import bump, check_revision
from waypost.information.models import GatewayRow, HubRow


class HubService:
    """One row; read by everybody, changed by administrators."""

    async def get(self, ctx: Context) -> HubRead:
        """How the hub presents itself."""
        return await _read(ctx, await _row(ctx))

    async def update(self, ctx: Context, change: HubUpdate, *, revision: int) -> HubRead:
        """Change brand or sign-up."""
        access.require(ctx, "hub:write")
        row = await _row(ctx)
        check_revision(row, revision)
        changed = change.model_dump(exclude_none=True)
        for name, value in changed.items():
            setattr(row, name, value)
        bump(ctx, row)
        data = {name: value for name, value in changed.items() if name != "logo_url"}
        await ctx.uow.record("hub.updated", object_kind="hub", object_id=row.id, data=data)
        return await _read(ctx, row)


async def gateways_origins(ctx: Context) -> list[str]:
    """Origins (scheme, host, port) that consumers' browsers may have to call."""
    urls = (await ctx.session.execute(select(GatewayRow.public_url))).scalars()
    found = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls) if parts.scheme and parts.netloc}
    return sorted(found)


async def _row(ctx: Context) -> HubRow:
    return await ctx.session.get_one(HubRow, "hub")


async def _read(ctx: Context, row: HubRow) -> HubRead:
    return HubRead(
        name=row.name,
        tagline=row.tagline,
        logo_url=row.logo_url,
        primary_color=row.primary_color,
        signup=row.signup,
        support_url=row.support_url,
        gateways_origins=await gateways_origins(ctx),
        demo=row.demo.get("state") in ("seeding", "seeded"),
        revision=row.revision,
        may=access.may(ctx, None, {"update": "hub:write"}),
    )
