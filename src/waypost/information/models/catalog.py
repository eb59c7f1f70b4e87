"""APIs, their versions and operations, and the bytes of definitions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json
from waypost.information.models.base import Base, Identified, Versioned


class BlobRow(Identified, Base):
    """Bytes by content: the id is ``blob_`` + SHA-256. Compressed with zlib."""

    __tablename__ = "blobs"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ApiRow(Versioned, Base):
    """An API in the catalog. ``base_path`` is ``/`` + one segment, unique over the hub."""

    __tablename__ = "apis"

    slug: Mapped[str] = mapped_column(String(63), unique=True)
    base_path: Mapped[str] = mapped_column(String(64), unique=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("entities.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="rest")
    visibility: Mapped[str] = mapped_column(String(20), default="private")
    lifecycle: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    category: Mapped[str] = mapped_column(String(100), default="")
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    summary: Mapped[str] = mapped_column(String(500), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    support_url: Mapped[str] = mapped_column(String(2000), default="")
    current_version_id: Mapped[str | None] = mapped_column(String(40))
    demo: Mapped[bool] = mapped_column(default=False)


class VersionRow(Versioned, Base):
    """A version of an API. ``original_blob`` keeps its bytes; ``document_blob`` the same as OpenAPI 3 JSON.

    ``overlay`` holds what people changed in the hub (``{"operations": {key: {field: value}}}``): a re-import keeps it.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("api_id", "name"), UniqueConstraint("api_id", "mount"))

    api_id: Mapped[str] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(63))
    mount: Mapped[str] = mapped_column(String(64), default="")
    lifecycle: Mapped[str] = mapped_column(String(20), default="draft")
    format: Mapped[str] = mapped_column(String(20), default="")
    syntax: Mapped[str] = mapped_column(String(10), default="")
    title: Mapped[str] = mapped_column(String(300), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    upstream_url: Mapped[str] = mapped_column(String(2000), default="")
    servers: Mapped[list[str]] = mapped_column(Json, default=list)
    security_schemes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    overlay: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    original_blob: Mapped[str | None] = mapped_column(ForeignKey("blobs.id"))
    document_blob: Mapped[str | None] = mapped_column(ForeignKey("blobs.id"))


class OperationRow(Identified, Base):
    """One operation. ``key`` is ``METHOD /path`` and survives re-imports together with the id."""

    __tablename__ = "operations"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        Index("ix_operations_version_position", "version_id", "position"),
    )

    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(2100))
    position: Mapped[int] = mapped_column(default=0)
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(2000))
    operation_id: Mapped[str] = mapped_column(String(500), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    deprecated: Mapped[bool] = mapped_column(default=False)
    security: Mapped[list[str]] = mapped_column(Json, default=list)
    mock: Mapped[dict[str, Any] | None] = mapped_column(Json)
