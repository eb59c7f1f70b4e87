"""Who reads a decision, and what of it is theirs to see."""

from __future__ import annotations

from dataclasses import dataclass

from waypost.application import access
from waypost.application.analytics.scope import scope_of
from waypost.application.context import Context
from waypost.application.decisions.schemas import FactRead
from waypost.application.decisions.schemas import Side as SeenAs
from waypost.application.decisions.walk import Fact
from waypost.application.subscriptions.schemas import Side


@dataclass(frozen=True, slots=True)
class Reader:
    """``inside``: of the provider's side (addresses, lists); ``policies``: may read configurations too."""

    seen_as: SeenAs
    policies: bool = False

    @property
    def inside(self) -> bool:
        """Sees more than the caller."""
        return self.seen_as != "consumer"

    def shown(self, facts: list[Fact]) -> list[FactRead]:
        """The facts that are this reader's to see."""
        return [FactRead(name=fact.name, value=fact.value) for fact in facts if self.inside or not fact.inside]


async def reader_of(ctx: Context, api_id: str, owner_id: str) -> Reader:
    """From which side the caller sees calls to this API (``owner_id`` empty: the API is gone)."""
    scope = await scope_of(ctx, Side.PROVIDER)
    policies = bool(owner_id) and access.can(ctx, "catalog:read", owner_id=owner_id)
    if scope.everything:
        return Reader("administrator", policies)
    return Reader("provider", policies) if api_id in scope.api_ids else Reader("consumer")
