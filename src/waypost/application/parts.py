"""The parts that runtime wires and services use: ports and stores, all of them swappable in tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from waypost.contracts.importers import DefinitionImporter, Fetcher
from waypost.information.analytics.store import AnalyticsStore
from waypost.information.search import SearchIndex
from waypost.information.secrets import KeyRing
from waypost.kit.clock import Clock
from waypost.kit.watch import Signal


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that an administrator may set. Bytes, seconds, counts."""

    definition_bytes: int = 64 * 1024 * 1024
    session_seconds: int = 12 * 3600
    private_upstreams: bool = True
    rotation_overlap_max_seconds: int = 30 * 86400


@dataclass(slots=True)
class Parts:
    """``changed`` pulses after a commit that a gateway's stream may care for, ``backlog`` after one that left work to
    be done in steps; ``public_url`` is the hub's own."""

    engine: AsyncEngine
    clock: Clock
    keyring: KeyRing
    analytics: AnalyticsStore
    search: SearchIndex
    importer: DefinitionImporter
    fetcher: Fetcher
    limits: Limits = field(default_factory=Limits)
    public_url: str = "http://127.0.0.1:8080"
    changed: Signal = field(default_factory=Signal)
    backlog: Signal = field(default_factory=Signal)
