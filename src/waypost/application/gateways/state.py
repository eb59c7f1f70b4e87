"""What one gateway's configuration is made of: frozen values without a database behind them.

Read in one transaction by :mod:`waypost.application.gateways.reading`, turned into IR by
:mod:`waypost.application.gateways.compile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from waypost.application.issuers.key_sets import KeySet
from waypost.contracts.ir import ListenerTls


@dataclass(frozen=True, slots=True, kw_only=True)
class HubState:
    """The hub's brand and address, as far as a gateway shows them."""

    name: str
    public_url: str
    support_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerState:
    """What is set at the gateway itself."""

    trusted_proxies: tuple[str, ...] = ()
    max_request_bytes: int = 10 * 1024 * 1024
    x_ratelimit_headers: bool = False
    tls: ListenerTls | None = None


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
    plan_id: str = ""
    rate_limits: tuple[Mapping[str, Any], ...] = ()
    quotas: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """A kept policy with its secrets opened; ``target_id`` is an API, version, operation, plan, team, or ``hub``."""

    target_id: str
    kind: str
    config: dict[str, Any] = field(repr=False)
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiState:
    """An API with everything of it that the gateway serves; ``policies`` also those of its owner and of the hub.

    ``key_sets`` are those of the issuers that its policies name.
    """

    id: str
    slug: str
    name: str
    base_path: str
    owner_id: str = ""
    versions: tuple[VersionState, ...] = ()
    plans: tuple[PlanState, ...] = ()
    policies: tuple[PolicyState, ...] = ()
    key_sets: Mapping[str, KeySet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """Everything about one gateway, except grants."""

    gateway_id: str
    hub: HubState
    apis: tuple[ApiState, ...] = field(default=())
    listener: ListenerState = ListenerState()
