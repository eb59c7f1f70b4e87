"""IP rules: deny beats allow, 403. The caller's address is the connection's, or what a trusted proxy says."""

from __future__ import annotations

from waypost.contracts.ir import IpRules
from waypost.contracts.vocab import Refusal
from waypost.integration.gateways.envoy.filters import access


def filters(rules: IpRules | None) -> list[access.Filter]:
    """Refuses who is denied, and who is not allowed where somebody is."""
    found = []
    if rules and rules.deny:
        found.append(access.refuse(Refusal.ADDRESS_DENIED, who=access.within(rules.deny)))
    if rules and rules.allow:
        found.append(access.refuse(Refusal.ADDRESS_DENIED, who={"not_id": access.within(rules.allow)}))
    return found
