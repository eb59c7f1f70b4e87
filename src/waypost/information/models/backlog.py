"""Work that is too large for one transaction, done in steps after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import UtcDateTime
from waypost.information.models.base import Base, Identified


class BacklogRow(Identified, Base):
    """A piece of work: ``kind`` says which, ``cursor`` how far it is. It is deleted with its last step.

    ``failures`` counts since the last step that came through, ``error`` is the last of them; until ``due_at`` it waits
    (None = not at all).
    """

    __tablename__ = "backlog"

    kind: Mapped[str] = mapped_column(String(20))
    api_id: Mapped[str] = mapped_column(String(40), default="")
    gateway_id: Mapped[str] = mapped_column(String(40), default="")
    cursor: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str] = mapped_column(Text, default="", server_default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
