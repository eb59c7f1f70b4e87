"""Policies as kept intent, attached to an API, a version or an operation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json
from waypost.information.models.base import Base, Versioned


class PolicyRow(Versioned, Base):
    """One kind at one place. ``target_id`` is the id of the API, version or operation."""

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("target_id", "kind"),)

    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    config: Mapped[dict[str, Any]] = mapped_column(Json)
