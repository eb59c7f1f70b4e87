"""Apps and their credentials."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import UtcDateTime
from waypost.information.models.base import Base, Identified, Versioned


class AppRow(Versioned, Base):
    """A consumer's application."""

    __tablename__ = "apps"

    owner_id: Mapped[str] = mapped_column(ForeignKey("entities.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text, default="")
    demo: Mapped[bool] = mapped_column(default=False)


_WORKING = text("state IN ('active', 'rotating')")


class CredentialRow(Identified, Base):
    """What an app calls with; ``kind`` is key, basic, oauth_client, external_client or certificate.

    ``key_sha256`` is the hash of the value that engines compare (``contracts.ir.Grant.key``) and ``sealed`` that value
    under the key ring. ``identifier`` is the part people may see: user name, client id, fingerprint; empty for a key.
    ``secret_sha256`` is the client secret of an ``oauth_client``. Of working credentials no two share a value.
    ``proven``: the hub made it, or its possession was shown; what is not proven is taken over by whoever shows that.
    """

    __tablename__ = "credentials"
    __table_args__ = (
        Index(
            "uq_credentials_working",
            "key_sha256",
            unique=True,
            sqlite_where=_WORKING,
            postgresql_where=_WORKING,
        ),
        Index("ix_credentials_app_id_id", "app_id", "id"),
    )

    app_id: Mapped[str] = mapped_column(ForeignKey("apps.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20), default="key", server_default="key")
    name: Mapped[str] = mapped_column(String(100), default="")
    prefix: Mapped[str] = mapped_column(String(20))
    identifier: Mapped[str] = mapped_column(String(300), default="", server_default="", index=True)
    issuer_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(500), default="", server_default="")
    key_sha256: Mapped[str] = mapped_column(String(64), index=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    sealed: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="active")
    proven: Mapped[bool] = mapped_column(default=True, server_default=true())
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_by: Mapped[str | None] = mapped_column(String(40))
