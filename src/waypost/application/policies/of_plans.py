"""What holds for the subscribers of a plan: its terms and the policies at it, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from waypost.application.context import Context
from waypost.application.plans.errors import PlanNotFound
from waypost.application.plans.service import find_plan
from waypost.application.policies.effective import Effective, Place
from waypost.application.policies.spots import Spot
from waypost.contracts.vocab import PolicyKind, PolicyLevel
from waypost.information.models import PlanVersionRow
from waypost.information.repos.policies import PolicyRepo

_LISTS = {PolicyKind.RATE_LIMIT: "limits", PolicyKind.QUOTA: "quotas"}


async def effective_of_plan(ctx: Context, spot: Spot, plan_id: str) -> list[Effective]:
    """Its limits, quotas and scopes with their origins. Raises PlanNotFound for a plan of another API."""
    api, found = await find_plan(ctx, plan_id)
    if spot.api is None or api.id != spot.api.id:
        raise PlanNotFound
    here = Place(PolicyLevel.PLAN, found.plan.id, found.plan.name)
    terms = Place("terms", found.version.id, f"{found.plan.name}, terms {found.version.number}")
    promised = _terms(found.version)
    kept = {row.kind: row.config for row in await PolicyRepo(ctx.session).at([found.plan.id])}
    made = [
        _joined(kind, name, [(promised.get(kind, ()), terms), (kept.get(kind, {}).get(name, ()), here)])
        for kind, name in _LISTS.items()
    ]
    scopes = [Effective(kind, config, here) for kind, config in kept.items() if kind not in _LISTS]
    return [item for item in made if item is not None] + scopes


def _terms(version: PlanVersionRow) -> Mapping[str, list[dict[str, Any]]]:
    return {PolicyKind.RATE_LIMIT: list(version.rate_limits), PolicyKind.QUOTA: list(version.quotas)}


def _joined(kind: str, name: str, sources: list[tuple[Any, Place]]) -> Effective | None:
    """All items of all sources: a stricter one does not end what was promised."""
    items = [(item, place) for source, place in sources for item in source]
    if not items:
        return None
    origins = {f"/{name}/{index}": place for index, (_, place) in enumerate(items)}
    return Effective(kind, {name: [item for item, _ in items]}, items[-1][1], origins=origins)
