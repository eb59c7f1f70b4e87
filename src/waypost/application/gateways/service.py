"""Gateways: made, changed, enrolled, deleted by administrators; named to everybody who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from waypost.application import access
from waypost.application.catalog.changes import flush_claim
from waypost.application.context import Context
from waypost.application.gateways.ability import still_able
from waypost.application.gateways.capabilities import lacking
from waypost.application.gateways.errors import GatewayInUse, GatewayTaken
from waypost.application.gateways.presence import gateway_state
from waypost.application.gateways.reading import read_compiled
from waypost.application.gateways.schemas import (
    EnrolmentRead,
    GatewayCreate,
    GatewayHealthRead,
    GatewayRead,
    GatewayUpdate,
    GuardConfirmation,
    LackRead,
)
from waypost.application.gateways.settings import read_options, set_options
from waypost.application.revisions import bump, check_revision, hold
from waypost.contracts.ir import GatewayIR
from waypost.information.models import GatewayRow
from waypost.information.repos.gateways import GatewayRepo
from waypost.information.repos.paging import paginate
from waypost.kit.crypto import random_token, sha256_hex
from waypost.kit.errors import NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest
from waypost.kit.text import slugify

SORTS = {"created_at": GatewayRow.created_at, "name": GatewayRow.name, "slug": GatewayRow.slug}
VERBS = {"update": "gateways:write", "delete": "gateways:write", "enrol": "gateways:write", "confirm": "gateways:write"}
ENROLMENT_LIFE = timedelta(hours=1)
CONFIRMATION_LIFE = timedelta(minutes=10)


class GatewayService:
    """Stateless."""

    async def create(self, ctx: Context, body: GatewayCreate) -> GatewayRead:
        """A gateway that waits for its agent. Raises GatewayTaken."""
        access.require(ctx, "gateways:write")
        slug = body.slug or slugify(body.name, fallback="gateway")
        if await GatewayRepo(ctx.session).slug_exists(slug):
            raise GatewayTaken(f"`{slug}` is taken.")
        now = ctx.clock.now()
        row = GatewayRow(
            id=new_id("gw"),
            slug=slug,
            **body.model_dump(exclude={"slug"}),
            health={},
            settings={},
            sealed_tls_key="",
            grants_revision=0,
            created_at=now,
            updated_at=now,
            revision=1,
        )
        ctx.session.add(row)
        await flush_claim(ctx, GatewayTaken)
        await _record(ctx, "gateway.created", row, {"name": row.name, "engine": row.engine})
        return (await _reads(ctx, [row]))[0]

    async def get(self, ctx: Context, id_or_slug: str) -> GatewayRead:
        """One gateway."""
        return (await _reads(ctx, [await self.require(ctx, id_or_slug, "gateways:read")]))[0]

    async def list(self, ctx: Context, *, page: PageRequest) -> Page[GatewayRead]:
        """All gateways."""
        access.require(ctx, "gateways:read")
        found = await paginate(
            ctx.session, GatewayRepo(ctx.session).all(), page=page, sort_columns=SORTS, id_column=GatewayRow.id
        )
        return Page([*await _reads(ctx, found.items)], found.next_cursor)

    async def update(self, ctx: Context, id_or_slug: str, body: GatewayUpdate, *, revision: int) -> GatewayRead:
        """Only what is given changes."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        check_revision(row, revision)
        changes = body.model_dump(exclude_none=True, exclude={"settings"})
        for name, value in changes.items():
            setattr(row, name, value)
        if body.settings is not None:
            async with still_able(ctx, gateway=row):
                set_options(ctx, row, body.settings)
            changes["settings"] = sorted(body.settings.model_fields_set)
        bump(ctx, row)
        await _record(ctx, "gateway.updated", row, changes)
        ctx.uow.after_commit(ctx.parts.changed.pulse)
        return (await _reads(ctx, [row]))[0]

    async def delete(self, ctx: Context, id_or_slug: str, *, revision: int) -> None:
        """Forget it; its agent is refused from then on. Raises GatewayInUse."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        check_revision(row, revision)
        await hold(ctx, row)
        if (await GatewayRepo(ctx.session).deployments_count([row.id])).get(row.id):
            raise GatewayInUse
        await _record(ctx, "gateway.deleted", row, {"name": row.name})
        await ctx.session.delete(row)
        ctx.uow.after_commit(ctx.parts.changed.pulse)

    async def enrolment_token(self, ctx: Context, id_or_slug: str) -> EnrolmentRead:
        """A one-time token for an agent; the one before it ends. The agent enrolled now goes on until it is used."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        token = random_token("gwe")
        row.enrolment_hash = sha256_hex(token)
        row.enrolment_expires_at = ctx.clock.now() + ENROLMENT_LIFE
        await _record(ctx, "gateway.enrolment_created", row, {})
        start = f"waypost gateway run --hub {ctx.parts.public_url} --engine {row.engine}"
        command = f"WAYPOST_ENROLMENT_TOKEN={token} {start}"
        return EnrolmentRead(token=token, expires_at=row.enrolment_expires_at, command=command)

    async def confirm_deletes(self, ctx: Context, id_or_slug: str) -> GuardConfirmation:
        """A person's yes: for ten minutes the gateway's guard lets a large delete through."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        until = ctx.clock.now() + CONFIRMATION_LIFE
        row.confirm_deletes_until = until
        await _record(ctx, "gateway.deletes_confirmed", row, {"until": until.isoformat()})
        ctx.uow.after_commit(ctx.parts.changed.pulse)
        return GuardConfirmation(confirmed_until=until)

    async def ir(self, ctx: Context, id_or_slug: str) -> GatewayIR:
        """What the gateway shall do, compiled now. No secret stands in it."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        return (await read_compiled(ctx, row.id, shown=True)).ir()

    async def lacks(self, ctx: Context, id_or_slug: str) -> Sequence[LackRead]:
        """What the APIs on the gateway ask of its engine in vain; nothing while its agent has not said what it can."""
        row = await self.require(ctx, id_or_slug, "gateways:write")
        apis = (await read_compiled(ctx, row.id)).ir().apis
        return [
            LackRead(api_id=api.id, capability=item.capability, where=item.where)
            for api in apis
            for item in lacking(api, row)
        ]

    async def require(self, ctx: Context, id_or_slug: str, permission: str) -> GatewayRow:
        """The row, when the caller holds ``permission`` on the hub; NotFound when there is none."""
        access.require(ctx, permission)
        row = await GatewayRepo(ctx.session).find(id_or_slug)
        if row is None:
            raise NotFound
        return row


async def _record(ctx: Context, kind: str, row: GatewayRow, data: dict[str, Any]) -> int:
    return await ctx.uow.record(kind, object_kind="gateway", object_id=row.id, data=data)


async def _reads(ctx: Context, rows: Sequence[GatewayRow]) -> list[GatewayRead]:
    """What everybody sees; the inner life only for who administrates gateways."""
    base = [_public(ctx, row) for row in rows]
    if not access.can(ctx, "gateways:write"):
        return base
    repo = GatewayRepo(ctx.session)
    ids = [row.id for row in rows]
    counts, newest = await repo.deployments_count(ids), await repo.newest_grants(ids)
    held = await repo.held_deletes(ids)
    return [
        read.model_copy(
            update={
                "mode": row.mode,
                "last_seen_at": row.last_seen_at,
                "health": GatewayHealthRead(**row.health) if row.health else None,
                "deployments_count": counts.get(row.id, 0),
                "grants_revision": row.grants_revision,
                "desired_grants_revision": newest.get(row.id, 0),
                "held_deletes": held.get(row.id, []),
                "settings": read_options(row),
            }
        )
        for read, row in zip(base, rows, strict=True)
    ]


def _public(ctx: Context, row: GatewayRow) -> GatewayRead:
    return GatewayRead(
        id=row.id,
        slug=row.slug,
        name=row.name,
        engine=row.engine,
        region=row.region,
        environment=row.environment,
        public_url=row.public_url,
        state=gateway_state(row, ctx.clock.now()),
        capabilities=row.capabilities,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        may=access.may(ctx, None, VERBS),
    )
