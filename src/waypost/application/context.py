"""What every service call gets first: who asks, in which transaction, at what time, with which parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from waypost.information.uow import UnitOfWork
from waypost.kit.clock import Clock

if TYPE_CHECKING:
    from waypost.application.parts import Parts


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``memberships`` maps team id -> role; ``scopes`` None = a session (all that the roles allow)."""

    kind: str = "anonymous"  # anonymous | user | gateway | system
    id: str = ""
    name: str = ""
    hub_role: str = ""
    memberships: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    session_id: str = ""
    token_id: str = ""
    ends_at: datetime | None = None  # of the access token, where it ends by itself

    @property
    def is_administrator(self) -> bool:
        """May do everything on this hub (the scopes of a token still narrow it)."""
        return self.hub_role == "administrator" or self.kind == "system"

    def owner_ids(self) -> tuple[str, ...]:
        """Entities this principal acts for: itself and its teams."""
        return (self.id, *self.memberships) if self.kind == "user" else ()


@dataclass(slots=True)
class Context:
    """One request's context. Services take it first and never commit: the edge does."""

    principal: Principal
    uow: UnitOfWork
    parts: Parts
    request_id: str = ""

    @property
    def session(self) -> AsyncSession:
        """The SQLAlchemy session of this transaction."""
        return self.uow.session

    @property
    def clock(self) -> Clock:
        """The hub's clock."""
        return self.parts.clock
