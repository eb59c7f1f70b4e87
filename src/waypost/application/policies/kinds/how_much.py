"""How much: rate limits, quotas, concurrency, sizes, and what a call costs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictInt

from waypost.application.policies.kinds.base import EVERYWHERE, Config, KindInfo
from waypost.application.policies.kinds.fields import OptionalClaim, OptionalHeader
from waypost.contracts.vocab import LimitBy, PolicyKind, PolicyLevel, QuotaUnit, Window
from waypost.kit.errors import FieldError

OF_CALLERS = frozenset({LimitBy.SUBSCRIPTION, LimitBy.APP, LimitBy.PLAN, LimitBy.CLAIM})
"""Limits that count somebody who is known; a call without a credential has no such counter."""
_SMALLEST_ANSWER = 1024
"""Bytes that every refusal fits into: Envoy holds them to the limit of answers too."""


class Limit(Config):
    """At most ``requests`` in ``seconds``; refused calls use nothing up."""

    requests: StrictInt = Field(ge=1, le=1_000_000_000, examples=[60])
    seconds: StrictInt = Field(ge=1, le=86_400, examples=[60])
    burst: StrictInt = Field(0, ge=0, le=1_000_000_000, description="How many may come at once; 0 = `requests`.")
    by: LimitBy = Field(LimitBy.SUBSCRIPTION, description="Whose calls are counted together.")
    claim: OptionalClaim = Field("", description="The token's claim, where `by` is a claim.")


class RateLimitConfig(Config):
    """Limits over a moving window, on each gateway. All of them hold; those of all places hold together."""

    limits: list[Limit] = Field(min_length=1, max_length=10)


class QuotaItem(Config):
    """At most ``amount`` in a window, per subscription over all gateways."""

    amount: StrictInt = Field(ge=1, le=1_000_000_000_000_000, examples=[100_000])
    window: Window = Field(examples=["month"])
    unit: QuotaUnit = Field(QuotaUnit.REQUESTS, description="Calls, bytes in and out, or a number in a header.")
    header: OptionalHeader = Field("", description="The response header with the number, where `unit` is a header.")
    rolling: StrictBool = Field(False, description="The time before now instead of the calendar's (UTC).")
    soft_percent: StrictInt = Field(0, ge=0, le=99, description="Warn at this share of the amount; 0 = never.")
    overage: StrictBool = Field(False, description="Let calls pass beyond the amount, and count them as such.")


class QuotaConfig(Config):
    """Quotas of a plan beside the one in its terms. All of them hold."""

    quotas: list[QuotaItem] = Field(min_length=1, max_length=5)


class CostConfig(Config):
    """What one call counts in rate limits and quotas."""

    cost: StrictInt = Field(1, ge=0, le=1000, description="1 = an ordinary call, 0 = free.")


class ConcurrencyConfig(Config):
    """How many calls may be under way at once on one gateway; one more answers 429."""

    calls: StrictInt = Field(ge=1, le=1_000_000, examples=[100])
    by: Literal["subscription", "app", "plan", "api", "operation", "ip"] = Field(
        "api", description="Whose calls are counted together."
    )


class SizesConfig(Config):
    """Largest bodies in bytes."""

    request_bytes: StrictInt = Field(
        0, ge=0, le=10_737_418_240, description="Above answers 413; 0 = the gateway's own."
    )
    response_bytes: StrictInt = Field(
        0, ge=0, le=10_737_418_240, description="Above answers 502; at least 1024, 0 = no limit."
    )


def limit_key(item: Any) -> Any:
    """Of limits by the same thing over the same time the place that wins keeps its own."""
    return item.get("by", LimitBy.SUBSCRIPTION), item.get("claim", ""), item["seconds"]


def quota_key(item: Any) -> Any:
    """Quotas of the same unit over the same window are the same one."""
    return item.get("unit", QuotaUnit.REQUESTS), item.get("header", ""), item["window"], item.get("rolling", False)


def _rate_limit(config: RateLimitConfig, level: PolicyLevel) -> list[FieldError]:
    errors = _twice("limits", [limit_key(item.model_dump()) for item in config.limits])
    for index, item in enumerate(config.limits):
        place = f"/config/limits/{index}"
        if bool(item.claim) != (item.by is LimitBy.CLAIM):
            errors.append(FieldError(f"{place}/claim", "a claim is named where, and only where, `by` is a claim"))
        if level is PolicyLevel.PLAN and item.by not in {*OF_CALLERS, LimitBy.IP}:
            hint = "Set it at the API or an operation: it counts every plan's callers."
            errors.append(FieldError(f"{place}/by", f"a plan does not limit by {item.by.value}", hint))
    return errors


def _quota(config: QuotaConfig, _level: PolicyLevel) -> list[FieldError]:
    errors = _twice("quotas", [quota_key(item.model_dump()) for item in config.quotas])
    for index, item in enumerate(config.quotas):
        if bool(item.header) != (item.unit is QuotaUnit.HEADER):
            message = "a header is named where, and only where, `unit` is a header"
            errors.append(FieldError(f"/config/quotas/{index}/header", message))
    named = [(index, item.header) for index, item in enumerate(config.quotas) if item.header]
    one = "a gateway reports one number of each call, so all quotas of a plan name the same header"
    errors += [FieldError(f"/config/quotas/{index}/header", one) for index, name in named if name != named[0][1]]
    return errors


def _twice(field: str, keys: list[Any]) -> list[FieldError]:
    return [
        FieldError(f"/config/{field}/{index}", "this is there twice for the same time", "Keep the one that shall hold.")
        for index, key in enumerate(keys)
        if key in keys[:index]
    ]


def _sizes(config: SizesConfig, _level: PolicyLevel) -> list[FieldError]:
    if not (config.request_bytes or config.response_bytes):
        return [FieldError("/config/request_bytes", "no size is named", "Name one, or take the policy away.")]
    if 0 < config.response_bytes < _SMALLEST_ANSWER:
        message = f"less than {_SMALLEST_ANSWER} bytes: the gateway's own refusals would not fit"
        return [FieldError("/config/response_bytes", message, f"Name {_SMALLEST_ANSWER} or more, or 0.")]
    return []


KINDS = (
    KindInfo(
        PolicyKind.RATE_LIMIT,
        "Rate limits",
        (*EVERYWHERE, PolicyLevel.PLAN),
        RateLimitConfig,
        _rate_limit,
        unites={"limits": limit_key},
    ),
    KindInfo(PolicyKind.QUOTA, "Quotas", (PolicyLevel.PLAN,), QuotaConfig, _quota, unites={"quotas": quota_key}),
    KindInfo(PolicyKind.COST, "Cost of a call", EVERYWHERE, CostConfig),
    KindInfo(PolicyKind.CONCURRENCY, "Concurrent calls", EVERYWHERE, ConcurrencyConfig),
    KindInfo(PolicyKind.SIZES, "Sizes", EVERYWHERE, SizesConfig, _sizes),
)
