"""Subscriptions (app x API x plan version) and how much of a quota is used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import UtcDateTime
from waypost.information.models.base import Base, Versioned


class SubscriptionRow(Versioned, Base):
    """``open_key`` is ``app:api`` while pending or active, else null: one open subscription per pair."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_api_state", "api_id", "state"),
        Index("ix_subscriptions_api_id_id", "api_id", "id"),
        Index("ix_subscriptions_app_api", "app_id", "api_id"),
        Index("ix_subscriptions_plan_version_state", "plan_version_id", "state"),
    )

    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"))
    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"))
    plan_version_id: Mapped[str] = mapped_column(ForeignKey("plan_versions.id"))
    state: Mapped[str] = mapped_column(String(20))
    open_key: Mapped[str | None] = mapped_column(String(90), unique=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    requested_by: Mapped[str] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    demo: Mapped[bool] = mapped_column(default=False)


class QuotaCounterRow(Base):
    """What a subscription used of one meter in one span; written in the transaction that takes the usage batch.

    ``meter`` is ``requests``, ``bytes`` or ``header:<name>``; ``span`` a calendar's window (``day``) or the rolling one
    (``last_day``) of which this is one step.
    """

    __tablename__ = "quota_counters"

    subscription_id: Mapped[str] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True)
    meter: Mapped[str] = mapped_column(String(120), primary_key=True)
    span: Mapped[str] = mapped_column(String(20), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    used: Mapped[float] = mapped_column(Double, default=0)
