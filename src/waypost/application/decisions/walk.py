"""What the steps of a walk share: the request, what is known, what was found, and what each step said. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from waypost.application.decisions.addresses import caller_address
from waypost.application.decisions.callers import Caller
from waypost.application.decisions.matching import Matched
from waypost.application.decisions.request import Described, Known
from waypost.contracts.ir import ApiIR, GatewayIR, Plan, RoutePolicies
from waypost.contracts.vocab import PolicyKind, Refusal


class Verdict(StrEnum):
    """What one step said."""

    PASSED = "passed"
    REFUSED = "refused"
    ANSWERED = "answered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that a step looked at. ``inside``: for the provider's side only."""

    name: str
    value: Any
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the walk; ``kind`` names the policy that it asks, None where it asks none."""

    name: str
    verdict: Verdict
    text: str
    kind: PolicyKind | None = None
    code: Refusal | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(slots=True)
class Walk:
    """What the steps share; later ones find what earlier ones found."""

    ir: GatewayIR
    request: Described
    known: Known
    api: ApiIR | None = None
    matched: Matched = field(default_factory=Matched)
    caller: Caller = field(default_factory=Caller)
    steps: list[Step] = field(default_factory=list)

    @property
    def policies(self) -> RoutePolicies:
        """What holds at the operation."""
        return self.matched.policies

    @property
    def address(self) -> str:
        """The caller's address as the gateway sees it."""
        forwarded = self.request.headers.get("x-forwarded-for", ())
        return caller_address(self.request.address, forwarded, self.ir.settings.trusted_proxies)

    @property
    def plan(self) -> Plan | None:
        """The caller's plan."""
        right = self.caller.right
        plans = self.api.plans if self.api else ()
        return next((plan for plan in plans if right and plan.id == right.plan_id), None)


Ask = Callable[[Walk], Step | None]
"""One step; None where nothing is set that it would ask."""


def passed(name: str, text: str, kind: PolicyKind | None = None, **facts: Any) -> Step:
    """The call goes on."""
    return Step(name=name, verdict=Verdict.PASSED, text=text, kind=kind, facts=facts_of(facts))


def refused(name: str, code: Refusal, text: str, kind: PolicyKind | None = None, **facts: Any) -> Step:
    """The call ends here."""
    return Step(name=name, verdict=Verdict.REFUSED, text=text, kind=kind, code=code, facts=facts_of(facts))


def unknown(name: str, text: str, kind: PolicyKind, **facts: Any) -> Step:
    """Only the gateway can tell; the walk goes on as if it had passed."""
    return Step(name=name, verdict=Verdict.UNKNOWN, text=text, kind=kind, facts=facts_of(facts))


def facts_of(values_by_name: dict[str, Any]) -> tuple[Fact, ...]:
    """A name that begins with ``inside_`` is for the provider's side only."""
    return tuple(
        Fact(name=name.removeprefix("inside_"), value=value, inside=name.startswith("inside_"))
        for name, value in values_by_name.items()
    )
