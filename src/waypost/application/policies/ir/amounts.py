"""Rate limits and quotas, of operations and of plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from waypost.application.policies.kinds.how_much import QuotaConfig, RateLimitConfig
from waypost.contracts.ir import Quota, RateLimit
from waypost.contracts.vocab import LimitBy


def rate_limits_ir(config: Mapping[str, Any]) -> tuple[RateLimit, ...]:
    """The limits of one place, shortest first."""
    return _ordered(RateLimit(**item.model_dump()) for item in RateLimitConfig.model_validate(config).limits)


def plan_limits_ir(terms: Iterable[Mapping[str, Any]], policy: Mapping[str, Any] | None) -> tuple[RateLimit, ...]:
    """The limits of a plan's terms and those of the policy at the plan; all of them hold."""
    promised = (
        RateLimit(
            requests=item["requests"],
            seconds=item["seconds"],
            burst=item.get("burst", 0),
            by=LimitBy(item.get("by", LimitBy.SUBSCRIPTION)),
            claim=item.get("claim", ""),
        )
        for item in terms
    )
    return _ordered((*promised, *(rate_limits_ir(policy) if policy else ())))


def plan_quotas_ir(terms: Sequence[Mapping[str, Any]], policy: Mapping[str, Any] | None) -> tuple[Quota, ...]:
    """The quotas of a plan's terms and those of the policy at the plan; all of them hold."""
    promised = QuotaConfig.model_validate({"quotas": terms}).quotas if terms else []
    more = QuotaConfig.model_validate(policy).quotas if policy else []
    return tuple(Quota(**item.model_dump()) for item in (*promised, *more))


def _ordered(limits: Iterable[RateLimit]) -> tuple[RateLimit, ...]:
    return tuple(sorted(set(limits), key=lambda item: (item.seconds, item.requests, item.by, item.claim, item.burst)))
