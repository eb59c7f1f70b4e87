"""APIs: listing, making, changing, deleting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, or_

from waypost.application.access import visible_apis
from waypost.application.catalog import addresses, indexing
from waypost.application.catalog.changes import apply_changes, flush_claim
from waypost.application.catalog.errors import InUse, LifecycleRefused, PathTaken
from waypost.application.catalog.lifecycle import check_step
from waypost.application.catalog.lookup import find_api
from waypost.application.catalog.permissions import require_edit
from waypost.application.catalog.reads import api_read
from waypost.application.catalog.schemas import ApiCreate, ApiFilter, ApiRead, ApiUpdate
from waypost.application.context import Context
from waypost.application.owners import OwnerNotFound, require_owner
from waypost.application.revisions import check_revision, hold
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, EntityRow
from waypost.information.repos.catalog import ApiRepo, VersionRepo, contains
from waypost.information.repos.paging import paginate
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

_SORTS = {"name": ApiRow.name, "created_at": ApiRow.created_at, "updated_at": ApiRow.updated_at, "slug": ApiRow.slug}


class CatalogService:
    """APIs. Never commits."""

    async def list(self, ctx: Context, *, page: PageRequest, by: ApiFilter) -> Page[ApiRead]:
        """One page of what the caller sees."""
        found = await paginate(
            ctx.session,
            self._filtered(ctx, by),
            page=page,
            sort_columns=_SORTS,
            id_column=ApiRow.id,
            default_sort="name",
        )
        return Page([api_read(ctx, api, owner) for api, owner in found.items], found.next_cursor)

    def _filtered(self, ctx: Context, by: ApiFilter) -> Select[ApiRow, EntityRow]:
        repo = ApiRepo(ctx.session)
        query = repo.all().where(visible_apis(ctx.principal))
        exact = {"owner_id": by.owner_id, "lifecycle": by.lifecycle, "category": by.category, "kind": by.kind}
        for column, value in exact.items():
            if value is not None:
                query = query.where(getattr(ApiRow, column) == _text(value))
        if by.tag is not None:
            query = query.where(repo.with_tag(_text(by.tag)))
        if by.mine:
            query = query.where(ApiRow.owner_id.in_(ctx.principal.owner_ids()))
        return query.where(*_words(by.q or ""))

    async def get(self, ctx: Context, id_or_slug: str) -> ApiRead:
        """One API. Raises ApiNotFound."""
        return api_read(ctx, *await find_api(ctx, id_or_slug))

    async def create(self, ctx: Context, wanted: ApiCreate) -> ApiRead:
        """A blank draft. Raises OwnerNotFound, PathTaken."""
        require_owner(ctx, "catalog:draft", wanted.owner_id)
        slug = wanted.slug or addresses.make_slug(wanted.name)
        values = wanted.model_dump(mode="json", exclude={"slug", "base_path"})
        api, owner = await self.add(ctx, values | {"slug": slug, "base_path": wanted.base_path or f"/{slug}"})
        await indexing.reindex(ctx, api)
        return api_read(ctx, api, owner)

    async def add(self, ctx: Context, values: dict[str, Any]) -> tuple[ApiRow, EntityRow]:
        """Insert a row with its event; the caller has checked who may. Raises PathTaken."""
        owner = await ApiRepo(ctx.session).entity(values["owner_id"])
        if owner is None:
            raise OwnerNotFound
        await addresses.check_claim(ctx, slug=values["slug"], base_path=values["base_path"])
        now = ctx.clock.now()
        api = ApiRow(id=new_id("api"), lifecycle=Lifecycle.DRAFT, created_at=now, updated_at=now, revision=1, **values)
        api.demo = bool(values.get("demo", False))
        ctx.session.add(api)
        await flush_claim(ctx, PathTaken)
        await self._record(ctx, "api.created", api, {"name": api.name, "base_path": api.base_path})
        return api, owner

    async def update(self, ctx: Context, id_or_slug: str, *, change: ApiUpdate, revision: int) -> ApiRead:
        """Change fields. Raises PathTaken, LifecycleRefused, InUse, PreconditionFailed."""
        api, owner = await find_api(ctx, id_or_slug)
        values = change.model_dump(mode="json", exclude_none=True)
        require_edit(ctx, api, lifecycle=api.lifecycle if "lifecycle" not in values else Lifecycle.PUBLISHED)
        check_revision(api, revision)
        await self._check_update(ctx, api, values)
        changed = apply_changes(ctx, api, values)
        if changed:
            await flush_claim(ctx, PathTaken)
            await self._record(ctx, "api.updated", api, {"changes": changed})
            await indexing.reindex(ctx, api)
        return api_read(ctx, api, owner)

    async def _check_update(self, ctx: Context, api: ApiRow, values: dict[str, Any]) -> None:
        slug, base_path = values.get("slug", api.slug), values.get("base_path", api.base_path)
        if (slug, base_path) != (api.slug, api.base_path):
            await addresses.check_claim(ctx, slug=slug, base_path=base_path, but=api.id)
        if base_path != api.base_path and await ApiRepo(ctx.session).deployments(api.id):
            raise InUse("Consumers call it under this base path.", hint="Withdraw it from its gateways first.")
        if "lifecycle" in values:
            await self._check_lifecycle(ctx, api, Lifecycle(values["lifecycle"]))

    async def _check_lifecycle(self, ctx: Context, api: ApiRow, wanted: Lifecycle) -> None:
        check_step(api.lifecycle, wanted)
        if wanted == Lifecycle.RETIRED and await ApiRepo(ctx.session).deployments(api.id):
            raise InUse("It is still on a gateway.", hint="Withdraw it from its gateways first.")
        if wanted == Lifecycle.PUBLISHED and api.lifecycle == Lifecycle.DRAFT:
            versions = await VersionRepo(ctx.session).of_api(api.id)
            if all(version.lifecycle == Lifecycle.DRAFT for version in versions):
                raise LifecycleRefused("None of its versions is published.", hint="Publish a version; the API follows.")

    async def delete(self, ctx: Context, id_or_slug: str, *, revision: int) -> None:
        """Remove it with its versions and plans. Raises InUse while somebody depends on it."""
        api, _ = await find_api(ctx, id_or_slug)
        require_edit(ctx, api, lifecycle=api.lifecycle)
        check_revision(api, revision)
        await hold(ctx, api)
        repo = ApiRepo(ctx.session)
        if await repo.deployments(api.id):
            raise InUse("It is still on a gateway.", hint="Withdraw it from its gateways first.")
        if await repo.subscriptions(api.id):
            raise InUse("Apps are subscribed to it.", hint="Deprecate and retire it, and let subscriptions end first.")
        await indexing.forget(ctx, api)
        await ctx.session.delete(api)
        await self._record(ctx, "api.deleted", api, {"name": api.name, "base_path": api.base_path})

    async def _record(self, ctx: Context, kind: str, api: ApiRow, data: dict[str, Any]) -> None:
        await ctx.uow.record(kind, object_kind="api", object_id=api.id, owner_id=api.owner_id, data=data)
        ctx.uow.after_commit(ctx.parts.changed.pulse)


def _words(text: str) -> list[ColumnElement[bool]]:
    columns = (ApiRow.name, ApiRow.slug, ApiRow.summary)
    return [or_(*(contains(column, word) for column in columns)) for word in _text(text).split()[:10]]


def _text(value: str) -> str:
    return str(value).replace("\x00", " ")
