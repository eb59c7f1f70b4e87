"""Who signs tokens: outside issuers with the keys last known of them, and the hub's own signing keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json, UtcDateTime
from waypost.information.models.base import Base, Identified, Versioned


class IssuerRow(Versioned, Base):
    """An outside issuer. ``owner_id`` None = the hub's, for every API; else for the APIs of that team.

    ``source`` says what ``address`` is (discovery | jwks_url), or that there is none: jwks (given by hand) | secret
    (HS256, in ``sealed_secret``) | opaque (no keys: its tokens are asked about). ``jwks`` is the last good set, public
    keys only. A token whose ``aud`` is ``proof_audience`` (empty: the hub's address) proves a client. A refresh leaves
    ``revision`` as it is: it changes nothing that people edit.
    """

    __tablename__ = "issuers"

    owner_id: Mapped[str | None] = mapped_column(ForeignKey("entities.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(500), unique=True)
    source: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(2000), default="")
    allow_http: Mapped[bool] = mapped_column(default=False)
    algorithms: Mapped[list[str]] = mapped_column(Json)
    client_claim: Mapped[str] = mapped_column(String(100), default="client_id")
    proof_audience: Mapped[str] = mapped_column(String(500), default="", server_default="")
    refresh_seconds: Mapped[int] = mapped_column(default=300)
    jwks: Mapped[str] = mapped_column(Text, default="")
    sealed_secret: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default="ready")
    error_code: Mapped[str] = mapped_column(String(50), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class SigningKeyRow(Identified, Base):
    """A key of the hub's own issuer; ``id`` is its ``kid``. ``jwk`` is the public half, ``sealed`` the private one.

    It signs from ``signs_from`` until a newer one does, and is published until ``published_until`` (None = no end yet).
    """

    __tablename__ = "signing_keys"

    algorithm: Mapped[str] = mapped_column(String(10))
    jwk: Mapped[dict[str, Any]] = mapped_column(Json)
    sealed: Mapped[str] = mapped_column(Text)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)
    published_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
