"""Apps: made, changed, deleted by whoever acts for their owner."""

from __future__ import annotations

from collections.abc import Collection

from waypost.application import access
from waypost.application.apps.schemas import AppCreate, AppRead, AppUpdate
from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.application.owners import BadOwner, owner_ref, require_owner
from waypost.application.revisions import bump, check_revision
from waypost.information.models import AppRow, EntityRow
from waypost.information.repos.apps import AppRepo
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.paging import paginate
from waypost.kit.errors import FieldError, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

VERBS = {
    "update": "apps:write",
    "delete": "apps:write",
    "create_credential": "apps:write",
    "subscribe": "subscriptions:write",
}
SORTS = {"created_at": AppRow.created_at, "name": AppRow.name, "updated_at": AppRow.updated_at}


class AppService:
    """Stateless; every method takes the context first."""

    async def create(self, ctx: Context, body: AppCreate) -> AppRead:
        """A new app of the caller or of a team. Raises BadOwner, OwnerNotFound, Forbidden."""
        owner_id = body.owner_id or ctx.principal.id
        require_owner(ctx, "apps:write", owner_id)
        owner = await AppRepo(ctx.session).owner(owner_id)
        if owner is None:
            raise BadOwner(errors=[FieldError("/owner_id", "there is no such user or team")])
        now = ctx.clock.now()
        row = AppRow(
            id=new_id("app"),
            owner_id=owner_id,
            name=body.name,
            description=body.description,
            created_at=now,
            updated_at=now,
            revision=1,
            demo=False,
        )
        ctx.session.add(row)
        await self._record(ctx, "app.created", row, {"name": row.name})
        return _read(ctx, row, owner, 0, 0)

    async def get(self, ctx: Context, app_id: str) -> AppRead:
        """One app. NotFound where it is others'."""
        row = await self.require(ctx, app_id, "apps:read")
        return await _read_one(ctx, row)

    async def list(self, ctx: Context, *, page: PageRequest, owner_id: str = "", q: str = "") -> Page[AppRead]:
        """The apps that the caller may see."""
        access.require_user(ctx)
        repo = AppRepo(ctx.session)
        where = access.owned_by(ctx.principal, AppRow.owner_id, "apps:read")
        statement = repo.listing(where, owner_id=owner_id, q=q)
        found = await paginate(ctx.session, statement, page=page, sort_columns=SORTS, id_column=AppRow.id)
        return Page(await _read_many(ctx, found.items), found.next_cursor)

    async def update(self, ctx: Context, app_id: str, body: AppUpdate, *, revision: int) -> AppRead:
        """Change name or description."""
        row = await self.require(ctx, app_id, "apps:write")
        check_revision(row, revision)
        changes = body.model_dump(exclude_none=True)
        for name, value in changes.items():
            setattr(row, name, value)
        bump(ctx, row)
        await self._record(ctx, "app.updated", row, changes)
        return await _read_one(ctx, row)

    async def delete(self, ctx: Context, app_id: str, *, revision: int) -> None:
        """The app, its keys and its subscriptions end; gateways refuse the keys from then on."""
        row = await self.require(ctx, app_id, "apps:write")
        check_revision(row, revision)
        seq = await self._record(ctx, "app.deleted", row, {"name": row.name})
        await ctx.session.delete(row)
        await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(app_id=app_id))

    async def require(self, ctx: Context, app_id: str, permission: str) -> AppRow:
        """The row, when the caller holds ``permission`` on it; NotFound or Forbidden otherwise."""
        if ctx.principal.kind == "anonymous":
            access.require_user(ctx)
        row = await AppRepo(ctx.session).get(app_id)
        if row is None:
            raise NotFound
        access.require(ctx, permission, owner_id=row.owner_id)
        return row

    async def _record(self, ctx: Context, kind: str, row: AppRow, data: dict[str, object]) -> int:
        return await ctx.uow.record(kind, object_kind="app", object_id=row.id, owner_id=row.owner_id, data=data)


async def _read_one(ctx: Context, row: AppRow) -> AppRead:
    owner = await AppRepo(ctx.session).owner(row.owner_id)
    if owner is None:
        raise NotFound
    return (await _read_many(ctx, [(row, owner)]))[0]


async def _read_many(ctx: Context, rows: Collection[tuple[AppRow, EntityRow]]) -> list[AppRead]:
    repo = AppRepo(ctx.session)
    ids = [row.id for row, _ in rows]
    keys = await repo.credentials_count(ids, now=ctx.clock.now())
    subscriptions = await repo.subscriptions_count(ids)
    return [_read(ctx, row, own, keys.get(row.id, 0), subscriptions.get(row.id, 0)) for row, own in rows]


def _read(ctx: Context, row: AppRow, owner: EntityRow, keys: int, subscriptions: int) -> AppRead:
    return AppRead(
        id=row.id,
        name=row.name,
        description=row.description,
        owner=owner_ref(owner),
        demo=row.demo,
        credentials_count=keys,
        subscriptions_count=subscriptions,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        may=access.may(ctx, row.owner_id, VERBS),
    )
