"""What a call counts in quotas: 1, or the cost that a policy sets at its operation or above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from waypost.application.context import Context
from waypost.application.policies.effective import HUB, Place, resolve
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import PolicyKind
from waypost.information.models import PolicyRow
from waypost.information.repos.quota import QuotaRepo


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost policies there are; most hubs have none, and then nothing is resolved."""

    policies: Sequence[PolicyRow] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def of(self, record: AccessRecord) -> int:
        """What this call counts."""
        if not self.policies:
            return 1
        key = (record.operation_id, record.version_id, record.api_id)
        if key not in self._known:
            self._known[key] = self._resolved(*key)
        return self._known[key]

    def _resolved(self, operation_id: str, version_id: str, api_id: str) -> int:
        owner = self.owners.get(api_id, "")
        named = (("operation", operation_id), ("version", version_id), ("api", api_id), ("team", owner))
        places = (*(Place(level, key, "") for level, key in named if key), HUB)
        found = resolve(self.policies, places=places, defaults={}).get(PolicyKind.COST)
        return int(found.config["cost"]) if found else 1


async def costs_of(ctx: Context, records: Iterable[AccessRecord]) -> Costs:
    """The cost policies that may concern these calls."""
    policies = await QuotaRepo(ctx.session).cost_policies()
    if not policies:
        return Costs()
    return Costs(policies, await QuotaRepo(ctx.session).api_owners({record.api_id for record in records}))
