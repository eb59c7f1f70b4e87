"""The hub itself: one row, its brand and its switches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json
from waypost.information.models.base import Base, Versioned


class HubRow(Versioned, Base):
    """Always exactly one, id ``hub``."""

    __tablename__ = "hub"
    __table_args__ = (CheckConstraint("id = 'hub'", name="single"),)

    name: Mapped[str] = mapped_column(String(100))
    tagline: Mapped[str] = mapped_column(String(300), default="")
    logo_url: Mapped[str] = mapped_column(Text, default="")  # a picture may stand in it
    primary_color: Mapped[str] = mapped_column(String(20), default="")
    support_url: Mapped[str] = mapped_column(String(2000), default="")
    signup: Mapped[str] = mapped_column(String(20), default="closed")
    demo: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
