"""Work that is too large for one transaction, done in steps after it."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.models.base import Base, Identified


class BacklogRow(Identified, Base):
    """A piece of work: ``kind`` says which, ``cursor`` how far it is. It is deleted with its last step."""

    __tablename__ = "backlog"

    kind: Mapped[str] = mapped_column(String(20))
    api_id: Mapped[str] = mapped_column(String(40), default="")
    gateway_id: Mapped[str] = mapped_column(String(40), default="")
    cursor: Mapped[str] = mapped_column(Text, default="")
