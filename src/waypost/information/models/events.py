"""Everything that happened, appended in the transaction that did it, chained by hash; and remembered creates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json, UtcDateTime
from waypost.information.models.base import Base


class EventRow(Base):
    """One event. ``hash`` = SHA-256 over ``prev_hash`` and the canonical JSON of the rest."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_object", "object_id", "seq"), Index("ix_events_team", "owner_id", "seq"))

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    id: Mapped[str] = mapped_column(String(40), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    actor_id: Mapped[str] = mapped_column(String(40), default="", index=True)
    actor_kind: Mapped[str] = mapped_column(String(20), default="system")
    object_kind: Mapped[str] = mapped_column(String(30), default="")
    object_id: Mapped[str] = mapped_column(String(80), default="")
    owner_id: Mapped[str] = mapped_column(String(40), default="")
    request_id: Mapped[str] = mapped_column(String(80), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EventHeadRow(Base):
    """The end of the chain, one row. Its lock puts writers in commit order: ``seq`` has no gaps and no late-comers."""

    __tablename__ = "event_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class IdempotencyRow(Base):
    """The answer to a create with an ``Idempotency-Key``, for a day. Sealed: it may hold a key that is shown once."""

    __tablename__ = "idempotency_keys"

    principal_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
