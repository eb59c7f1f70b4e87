"""Organisations, teams, memberships, and the entity that owns things: a user or a team."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.models.base import Base, Identified, Versioned


class EntityRow(Identified, Base):
    """The universal owner. Its id is the id of its user (``usr_``) or team (``team_``)."""

    __tablename__ = "entities"

    kind: Mapped[str] = mapped_column(String(10))
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class OrganisationRow(Versioned, Base):
    """A company or department that has teams."""

    __tablename__ = "organisations"

    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class TeamRow(Versioned, Base):
    """People who own things together. Name and slug stand in its entity."""

    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(ForeignKey("entities.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    demo: Mapped[bool] = mapped_column(default=False)


class MembershipRow(Base):
    """A user's role in a team."""

    __tablename__ = "memberships"

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
