"""Plans as they are written and read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from waypost.application.catalog.schemas import Body, Read, Slug
from waypost.contracts.vocab import Window

PlanName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Feature = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RateLimitTerms(Body):
    """At most ``requests`` in ``seconds``, per subscription on one gateway."""

    requests: int = Field(ge=1, le=1_000_000_000, examples=[60])
    seconds: int = Field(ge=1, le=86_400, examples=[60])


class QuotaTerms(Body):
    """At most ``requests`` in a calendar day or month (UTC), per subscription over all gateways."""

    requests: int = Field(ge=1, le=1_000_000_000_000, examples=[10_000])
    window: Window = Field(examples=["month"])


class PriceTerms(Body):
    """What it costs; shown, not collected. Minor units of an ISO 4217 currency."""

    amount_cents: int = Field(ge=0, le=1_000_000_000, examples=[4900])
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(examples=["EUR"])
    period: Literal["month"] = "month"


class PlanTerms(Body):
    """What one version of a plan promises. It never changes; other terms make a new version."""

    rate_limits: list[RateLimitTerms] = Field([], max_length=5, description="All of them hold.")
    quota: QuotaTerms | None = None
    price: PriceTerms | None = Field(None, description="Empty = free.")
    approval: bool = Field(False, description="A person of the provider decides on each subscription.")
    features: list[Feature] = Field([], max_length=20, description="Lines for the plan's card.")


class PlanCreate(Body):
    """A plan with its first terms."""

    name: PlanName = Field(examples=["Free"])
    slug: Slug | None = Field(None, description="Made from the name when absent; shows in `RateLimit` headers.")
    description: str = Field("", max_length=2000)
    position: int | None = Field(None, ge=0, le=1000, description="Order on the page; last when absent.")
    version: PlanTerms


class PlanUpdate(Body):
    """What changes; fields that are absent or null stay. Terms change by a new version only."""

    name: PlanName | None = None
    description: str | None = Field(None, max_length=2000)
    position: int | None = Field(None, ge=0, le=1000)
    lifecycle: Literal["published", "retired"] | None = Field(None, description="Retired takes no new subscriptions.")


class PlanVersionRead(Read):
    """The terms of one version; ``id`` is what subscriptions point at."""

    id: str
    number: int
    rate_limits: list[RateLimitTerms]
    quota: QuotaTerms | None
    price: PriceTerms | None
    approval: bool
    features: list[str]
    created_at: datetime


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
