"""Plans and their versions; a version never changes, so what somebody subscribed to stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json
from waypost.information.models.base import Base, Identified, Versioned


class PlanRow(Versioned, Base):
    """A plan of one API."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("api_id", "slug"),)

    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(63))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    lifecycle: Mapped[str] = mapped_column(String(20), default="published")
    current_version_id: Mapped[str | None] = mapped_column(String(40))


class PlanVersionRow(Identified, Base):
    """What is promised: ``rate_limits`` and ``quotas`` as the plan's schemas say, price in minor units."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    rate_limits: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    quotas: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    price: Mapped[dict[str, Any] | None] = mapped_column(Json)
    approval: Mapped[bool] = mapped_column(default=False)
    features: Mapped[list[str]] = mapped_column(Json, default=list)
