"""Policies as kept intent, attached at the hub, a team, an API, a version, an operation or a plan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from waypost.information.columns import Json
from waypost.information.models.base import Base, Versioned


class PolicyRow(Versioned, Base):
    """One kind at one place. ``target_id`` is the id of the API, version, operation, plan or team, or ``hub``.

    ``api_id`` is the API that the target belongs to, ``team_id`` the team; neither for the hub's own. Secrets are not
    in ``config``: they stand in ``sealed``, under the key ring (see ``application.policies.secrets``).
    """

    __tablename__ = "policies"
    __table_args__ = (UniqueConstraint("target_id", "kind"),)

    api_id: Mapped[str | None] = mapped_column(ForeignKey("apis.id", ondelete="CASCADE"), index=True)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("entities.id", ondelete="CASCADE"), index=True)
    level: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    config: Mapped[dict[str, Any]] = mapped_column(Json)
    sealed: Mapped[str] = mapped_column(Text, default="", server_default="")
    locked: Mapped[bool] = mapped_column(default=False, server_default=false())
