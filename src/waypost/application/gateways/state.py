"""What one gateway's configuration is made of: frozen values without a database behind them.

Read in one transaction by :mod:`waypost.application.gateways.reading`, turned into IR by
:mod:`waypost.application.gateways.compile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HubState:
    """The hub's brand and address, as far as a gateway shows them."""

    name: str
    public_url: str
    support_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationState:
    """One operation in definition order. ``mock`` is the definition's example as a plain ``Mock``."""

    id: str
    method: str
    path: str
    mock: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """A version that shall be on the gateway."""

    id: str
    name: str
    mount: str
    upstream_url: str
    operations: tuple[OperationState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """A plan version that is on offer or that somebody is subscribed to."""

    version_id: str
    slug: str
    number: int
    rate_limits: tuple[Mapping[str, int], ...] = ()
    quota: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """A kept policy; ``target_id`` is an API, a version or an operation."""

    target_id: str
    kind: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiState:
    """An API with everything of it that the gateway serves."""

    id: str
    slug: str
    name: str
    base_path: str
    versions: tuple[VersionState, ...] = ()
    plans: tuple[PlanState, ...] = ()
    policies: tuple[PolicyState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """Everything about one gateway, except grants."""

    gateway_id: str
    hub: HubState
    apis: tuple[ApiState, ...] = field(default=())
