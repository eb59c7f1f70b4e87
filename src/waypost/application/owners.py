"""Who owns something, as it is shown: every noun that has an owner says it in the same words."""

from __future__ import annotations

from pydantic import BaseModel, Field

from waypost.application import access
from waypost.application.context import Context
from waypost.information.models import EntityRow
from waypost.kit.errors import Invalid, NotFound


class OwnerRef(BaseModel):
    """Who owns something: a user or a team."""

    id: str = Field(examples=["team_01jd0000000000000000000000"])
    kind: str = Field(examples=["team"])
    slug: str = Field(examples=["payments"])
    name: str = Field(examples=["Payments"])


class BadOwner(Invalid):
    """The owner is not somebody the caller may own things for."""

    code = "bad_owner"
    title = "You cannot own things for this user or team"
    hint = "Choose yourself or a team in which you are a developer or more."


class OwnerNotFound(NotFound):
    """No such user or team, or not the caller's to know of: the same words for both."""

    code = "owner_not_found"
    title = "No such owner"
    hint = "Choose yourself or a team that you belong to."


def require_owner(ctx: Context, permission: str, owner_id: str | None) -> None:
    """Pass for who may own something new for ``owner_id`` (None: the hub). Raises OwnerNotFound, Forbidden."""
    try:
        access.require(ctx, permission, owner_id=owner_id)
    except NotFound as error:
        raise OwnerNotFound from error


def owner_ref(entity: EntityRow) -> OwnerRef:
    """An owner as it is shown."""
    return OwnerRef(id=entity.id, kind=entity.kind, slug=entity.slug, name=entity.name)
