"""Gateways, deployments, grants, and which usage batches were taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json, UtcDateTime
from waypost.information.models.base import Base, Identified, Versioned


class GatewayRow(Versioned, Base):
    """A gateway. Enrolment token and credential are kept as SHA-256 only.

    ``capabilities`` is what its engine can do, as its agent said last; None while no agent has said it.
    ``settings`` is ``application.gateways.settings.GatewayOptions``; the key of its TLS listener is sealed apart.
    """

    __tablename__ = "gateways"

    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    engine: Mapped[str] = mapped_column(String(20))
    region: Mapped[str] = mapped_column(String(50), default="")
    environment: Mapped[str] = mapped_column(String(50), default="production")
    mode: Mapped[str] = mapped_column(String(20), default="remote")
    public_url: Mapped[str] = mapped_column(String(2000), default="")
    credential_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrolment_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    enrolment_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    health: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    capabilities: Mapped[list[str] | None] = mapped_column(Json)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    sealed_tls_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    grants_revision: Mapped[int] = mapped_column(BigInteger, default=0)
    confirm_deletes_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeploymentRow(Versioned, Base):
    """A version on a gateway: desired, applied, observed."""

    __tablename__ = "deployments"
    __table_args__ = (
        UniqueConstraint("version_id", "gateway_id"),
        Index("ix_deployments_gateway_api", "gateway_id", "api_id"),
    )

    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), index=True)
    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateways.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    desired_hash: Mapped[str] = mapped_column(String(64), default="")
    applied_hash: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    degradations: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    live_after_ms: Mapped[int | None]
    verified: Mapped[bool] = mapped_column(default=False)


class GrantRow(Identified, Base):
    """One credential of one subscription on one gateway. ``revision`` is the event ``seq`` that changed it.

    A revoked row is a tombstone that a gateway may still have to hear of, so it outlives its subscription and
    credential (no foreign keys to them); it goes once every gateway concerned has moved past its revision.
    """

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("subscription_id", "credential_id", "gateway_id"),
        Index("ix_grants_gateway_revision", "gateway_id", "revision", "id"),
        Index("ix_grants_state_gateway_revision", "state", "gateway_id", "revision"),
    )

    subscription_id: Mapped[str] = mapped_column(String(40))
    credential_id: Mapped[str] = mapped_column(String(40), index=True)
    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateways.id", ondelete="CASCADE"))
    app_id: Mapped[str] = mapped_column(String(40))
    api_id: Mapped[str] = mapped_column(String(40), index=True)
    plan_version_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="pending")
    window: Mapped[str | None] = mapped_column(String(10))
    window_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UsageBatchRow(Base):
    """The last batch number taken per spool: what makes the quota count exactly-once.

    ``put_aside`` counts calls that the gateway reported of APIs that it never served.
    """

    __tablename__ = "usage_batches"

    gateway_id: Mapped[str] = mapped_column(ForeignKey("gateways.id", ondelete="CASCADE"), primary_key=True)
    spool: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    dropped: Mapped[int] = mapped_column(BigInteger, default=0)
    put_aside: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
