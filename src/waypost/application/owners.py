"""Who owns something, as it is shown: every noun that has an owner says it in the same words."""

from __future__ import annotations

from pydantic import BaseModel, Field

from waypost.information.models import EntityRow
from waypost.kit.errors import Invalid


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


def owner_ref(entity: EntityRow) -> OwnerRef:
    """An owner as it is shown."""
    return OwnerRef(id=entity.id, kind=entity.kind, slug=entity.slug, name=entity.name)
