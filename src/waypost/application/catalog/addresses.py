"""Slugs, base paths, version names and mounts: where something is found, and who came first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from waypost.application.access import visible_apis
from waypost.application.catalog.errors import PathTaken, VersionTaken
from waypost.application.context import Context
from waypost.information.models import ApiRow, VersionRow
from waypost.information.repos.catalog import ApiRepo
from waypost.kit.errors import FieldError
from waypost.kit.text import slugify

RESERVED_SLUGS = frozenset({"import"})
"""Words that the REST API uses where a slug could stand."""


def make_slug(name: str) -> str:
    """A slug of a name; reserved words get a suffix."""
    slug = slugify(name, fallback="api")
    return f"{slug}-api" if slug in RESERVED_SLUGS else slug


async def claim_conflict(ctx: Context, *, slug: str, base_path: str, but: str = "") -> PathTaken | None:
    """The conflict if another API holds the slug or the base path. APIs that the caller may not see stay unnamed."""
    if slug in RESERVED_SLUGS:
        return PathTaken(
            f"The slug `{slug}` is reserved.",
            errors=[FieldError("/slug", "The hub keeps it for itself.", "Choose another.")],
        )
    holders = await ApiRepo(ctx.session).claimed(slug=slug, base_path=base_path, but=but)
    if not holders:
        return None
    visible = await _visible(ctx, [row.id for row in holders])
    errors = [error for row in holders for error in _claims(row, slug, base_path, named=row.id in visible)]
    return PathTaken(errors[0].message, errors=errors)


async def check_claim(ctx: Context, *, slug: str, base_path: str, but: str = "") -> None:
    """Raise :class:`PathTaken` when another API holds the slug or the base path."""
    conflict = await claim_conflict(ctx, slug=slug, base_path=base_path, but=but)
    if conflict is not None:
        raise conflict


async def _visible(ctx: Context, api_ids: Sequence[str]) -> set[str]:
    query = select(ApiRow.id).where(ApiRow.id.in_(api_ids), visible_apis(ctx.principal))
    return set((await ctx.session.scalars(query)).all())


def _claims(row: ApiRow, slug: str, base_path: str, *, named: bool) -> list[FieldError]:
    holder = f"the API “{row.name}” ({row.id})" if named else "another API"
    errors = []
    if row.base_path == base_path:
        errors.append(FieldError("/base_path", f"The base path {base_path} belongs to {holder}.", "Choose another."))
    if row.slug == slug:
        errors.append(FieldError("/slug", f"The slug {slug} belongs to {holder}.", "Choose another."))
    return errors


def make_version_name(stated: str) -> str:
    """A version's name of what a definition says: ``2.0.0 (beta)`` becomes ``2.0.0-beta``."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", stated).strip("-._+")[:63]
    return name or "1"


def make_mount(name: str, taken: Sequence[VersionRow]) -> str:
    """The first version needs none; later ones get ``/v2`` from their major number, or their whole name."""
    mounts = {row.mount for row in taken}
    if not mounts:
        return ""
    major = re.match(r"v?(\d{1,9})", name)
    short = f"/v{major[1]}" if major else f"/{slugify(name)}"
    return short if short not in mounts else f"/{slugify(name, fallback='next')}"


def check_version_claim(versions: Sequence[VersionRow], *, name: str, mount: str, but: str = "") -> None:
    """Raise :class:`VersionTaken` when another version of the API has the name or the mount."""
    errors = []
    for row in versions:
        if row.id != but and row.name == name:
            errors.append(FieldError("/name", f"There is a version {name} already.", "Choose another name."))
        if row.id != but and row.mount == mount:
            where = f"The mount {mount}" if mount else "The place without a mount"
            errors.append(FieldError("/mount", f"{where} belongs to version {row.name}.", "Choose another mount."))
    if errors:
        raise VersionTaken(errors[0].message, errors=errors)
