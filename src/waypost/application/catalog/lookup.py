"""Finding what the caller may see: everything else is not found."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from waypost.application.access import can, visible_apis
from waypost.application.catalog.errors import ApiNotFound, OperationNotFound, VersionNotFound
from waypost.application.context import Context
from waypost.contracts.vocab import Lifecycle
from waypost.information.models import ApiRow, OperationRow, VersionRow
from waypost.information.repos.catalog import ApiAndOwner, ApiRepo, OperationRepo, VersionAndApi, VersionRepo

_ID_LENGTH = 80


def is_member(ctx: Context, api: ApiRow) -> bool:
    """The caller is on the provider's side of this API (or administers the hub)."""
    return can(ctx, "catalog:read", owner_id=api.owner_id)


def sees_version(ctx: Context, api: ApiRow, version: VersionRow) -> bool:
    """Drafts are the provider's; the rest goes with the API."""
    return version.lifecycle != Lifecycle.DRAFT or is_member(ctx, api)


async def find_api(ctx: Context, id_or_slug: str) -> ApiAndOwner:
    """The API if the caller sees it. Raises ApiNotFound."""
    if not _sane(id_or_slug):
        raise ApiNotFound
    found = await ApiRepo(ctx.session).find(id_or_slug, where=visible_apis(ctx.principal))
    if found is None:
        raise ApiNotFound
    return found


async def find_version(ctx: Context, version_id: str) -> VersionAndApi:
    """The version if the caller sees it. Raises VersionNotFound."""
    if not _sane(version_id):
        raise VersionNotFound
    visible: ColumnElement[bool] = visible_apis(ctx.principal)
    found = await VersionRepo(ctx.session).find(version_id, where=visible)
    if found is None or not sees_version(ctx, found.api, found.version):
        raise VersionNotFound
    return found


async def find_operation(ctx: Context, version_id: str, operation_id: str) -> OperationRow:
    """An operation of a version that was found before. Raises OperationNotFound."""
    row = await OperationRepo(ctx.session).one(version_id, operation_id) if _sane(operation_id) else None
    if row is None:
        raise OperationNotFound
    return row


def _sane(value: str) -> bool:
    # PostgreSQL refuses NUL in a parameter; nothing here has such an id.
    return 0 < len(value) <= _ID_LENGTH and "\x00" not in value
