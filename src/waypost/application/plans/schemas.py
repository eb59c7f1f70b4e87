"""Plans as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from waypost.application.catalog.schemas import Body, Read, Slug
from waypost.contracts.vocab import QuotaUnit, Window
from waypost.kit.text import ONE_LINE, shape

CLAIM = shape(r"^[A-Za-z0-9_.:/-]*$", "letters, digits and `_ . : / -` only")
CURRENCY = shape(r"^[A-Z]{3}$", "three capital letters, such as `EUR`")
HEADER = shape(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]*$", "a header's name, such as `x-units`, or empty")
PlanName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ONE_LINE)]
PlanLimitBy = Literal["subscription", "app", "plan", "ip", "claim"]
Feature = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RateLimitTerms(Body):
    """At most ``requests`` in ``seconds`` on one gateway, for each ``by``."""

    requests: StrictInt = Field(ge=1, le=1_000_000_000, examples=[60])
    seconds: StrictInt = Field(ge=1, le=86_400, examples=[60])
    burst: StrictInt = Field(0, ge=0, le=1_000_000_000, description="How many may come at once; 0 = `requests`.")
    by: PlanLimitBy = Field("subscription", description="Whose calls are counted together.")
    claim: str = Field("", max_length=100, pattern=CLAIM, description="Where `by` is a claim.")


class SimpleQuota(Body):
    """At most ``requests`` calls in a calendar's window (UTC), per subscription over all gateways."""

    requests: StrictInt = Field(ge=1, le=1_000_000_000_000, examples=[10_000])
    window: Window = Field(examples=["month"])


class QuotaTerms(Body):
    """At most ``amount`` of ``unit`` in a window, per subscription over all gateways."""

    amount: StrictInt = Field(ge=1, le=1_000_000_000_000_000, examples=[10_000])
    window: Window = Field(examples=["month"])
    unit: QuotaUnit = Field(QuotaUnit.REQUESTS, description="Calls, bytes in and out, or a number in a header.")
    header: str = Field(
        "",
        max_length=100,
        pattern=HEADER,
        description="The response header that holds the number, where `unit` is a header.",
    )
    rolling: StrictBool = Field(
        False, description="The time before now (30 days for a month) instead of the calendar's."
    )
    soft_percent: StrictInt = Field(0, ge=0, le=99, description="Warn at this share of the amount; 0 = never.")
    overage: StrictBool = Field(False, description="Let calls pass beyond the amount, and count them as overage.")


class PriceTerms(Body):
    """What it costs; shown, not collected. Minor units of an ISO 4217 currency."""

    amount_cents: StrictInt = Field(ge=0, le=1_000_000_000, examples=[4900])
    currency: Annotated[str, StringConstraints(pattern=CURRENCY)] = Field(examples=["EUR"])
    period: Literal["month"] = "month"


class PlanTerms(Body):
    """What one version of a plan promises. It never changes; other terms make a new version."""

    rate_limits: list[RateLimitTerms] = Field([], max_length=5, description="All of them hold.")
    quotas: list[QuotaTerms] = Field([], max_length=5, description="All of them hold.")
    quota: SimpleQuota | None = Field(
        None, description="The short form of `quotas` with one quota of calls; give one or the other."
    )
    price: PriceTerms | None = Field(None, description="Empty = free.")
    approval: StrictBool = Field(False, description="A person of the provider decides on each subscription.")
    features: list[Feature] = Field([], max_length=20, description="Lines for the plan's card.")

    def stored(self) -> dict[str, Any]:
        """As a plan version keeps it: the short form is written out."""
        kept = self.model_dump(mode="json", exclude={"quota"})
        if self.quota is not None:
            item = QuotaTerms(amount=self.quota.requests, window=self.quota.window)
            kept["quotas"] = [item.model_dump(mode="json")]
        return kept


class PlanCreate(Body):
    """A plan with its first terms."""

    name: PlanName = Field(examples=["Free"])
    slug: Slug | None = Field(None, description="Made from the name when absent; shows in `RateLimit` headers.")
    description: str = Field("", max_length=2000)
    position: StrictInt | None = Field(None, ge=0, le=1000, description="Order on the page; last when absent.")
    version: PlanTerms


class PlanUpdate(Body):
    """What changes; fields that are absent or null stay. Terms change by a new version only."""

    name: PlanName | None = None
    description: str | None = Field(None, max_length=2000)
    position: StrictInt | None = Field(None, ge=0, le=1000)
    lifecycle: Literal["published", "retired"] | None = Field(None, description="Retired takes no new subscriptions.")


class PlanVersionRead(Read):
    """The terms of one version; ``id`` is what subscriptions point at."""

    id: str
    number: int
    rate_limits: list[RateLimitTerms]
    quotas: list[QuotaTerms]
    quota: SimpleQuota | None = Field(None, description="The first quota of calls by the calendar, if there is one.")
    price: PriceTerms | None
    approval: bool
    features: list[str]
    created_at: datetime

    @model_validator(mode="after")
    def _short_form(self) -> PlanVersionRead:
        plain = (item for item in self.quotas if item.unit is QuotaUnit.REQUESTS and not item.rolling)
        first = next(plain, None)
        self.quota = SimpleQuota(requests=first.amount, window=first.window) if first else None
        return self


class PlanRead(Read):
    """A plan with the terms that new subscriptions get."""

    id: str
    api_id: str
    slug: str
    name: str
    description: str
    position: int
    lifecycle: Literal["published", "retired"]
    current_version: PlanVersionRead
    created_at: datetime
    updated_at: datetime
    revision: int
    may: list[str] = []
