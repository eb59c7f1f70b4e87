"""The port of gateway engines. A driver is accepted when ``waypost.testing``'s suite passes on a real engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from waypost.contracts.ir import GatewayIR, GrantDelta
from waypost.contracts.telemetry import AccessRecord


class Capability(StrEnum):
    """What an engine can enforce natively."""

    KEY_AUTH_HEADER = "key_auth.header"
    KEY_AUTH_QUERY = "key_auth.query"
    KEY_AUTH_COOKIE = "key_auth.cookie"
    KEY_HIDE = "key_auth.hide"
    JWT = "jwt"
    JWT_EDDSA = "jwt.eddsa"
    JWT_HS256 = "jwt.hs256"
    JWT_CLAIMS = "jwt.claims"
    JWT_CLAIM_NAMES = "jwt.claims.any_name"
    INTROSPECTION = "introspection"
    BASIC = "basic"
    MTLS = "mtls"
    ANONYMOUS = "anonymous"
    ANY_OF = "any_of"
    SCOPES = "scopes"
    ROLES = "roles"
    IP = "ip"
    TRUSTED_PROXIES = "trusted_proxies"
    COUNTRIES = "countries"
    UNMATCHED = "unmatched"
    MAINTENANCE = "maintenance"
    HOURS = "hours"
    RATE_LIMIT = "rate_limit"
    RATE_LIMIT_BURST = "rate_limit.burst"
    RATE_LIMIT_BY_APP = "rate_limit.by.app"
    RATE_LIMIT_BY_PLAN = "rate_limit.by.plan"
    RATE_LIMIT_BY_API = "rate_limit.by.api"
    RATE_LIMIT_BY_OPERATION = "rate_limit.by.operation"
    RATE_LIMIT_BY_IP = "rate_limit.by.ip"
    RATE_LIMIT_BY_CLAIM = "rate_limit.by.claim"
    COST = "cost"
    QUOTA = "quota"
    QUOTA_BYTES = "quota.bytes"
    QUOTA_HEADER = "quota.header"
    CONCURRENCY = "concurrency"
    CONCURRENCY_BY_SUBSCRIPTION = "concurrency.by.subscription"
    CONCURRENCY_BY_APP = "concurrency.by.app"
    CONCURRENCY_BY_PLAN = "concurrency.by.plan"
    CONCURRENCY_BY_IP = "concurrency.by.ip"
    SIZES_REQUEST = "sizes.request"
    SIZES_RESPONSE = "sizes.response"
    CORS = "cors"
    HEADERS = "headers"
    TEMPLATES = "templates"
    QUERY = "query"
    PATH_REWRITE = "path_rewrite"
    HOST = "host"
    TIMEOUT = "timeout"
    MOCK = "mock"
    MOCK_LARGE = "mock.large"
    PROBLEM_JSON = "problem_json"
    LIVE_GRANTS = "live_grants"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverInfo:
    """What a driver says of itself; ``config_schema`` is a JSON Schema for the console's form.

    ``engine`` is one of ``vocab.Engine``, or the lower-case name of one that does not come with this package.
    """

    engine: str
    title: str
    tested_versions: tuple[str, ...]
    capabilities: frozenset[Capability]
    config_schema: Mapping[str, Any] = field(default_factory=dict)


class DriverError(Exception):
    """Base of a driver's failures."""


class TemporaryError(DriverError):
    """Try again after ``delay`` seconds; the last good configuration keeps running."""

    def __init__(self, message: str, *, delay: float = 1.0) -> None:
        super().__init__(message)
        self.delay = delay


class PermanentError(DriverError):
    """Trying again is of no use until somebody changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """Something asked for that this engine does not do; ``fallback`` says what happens instead."""

    api_id: str
    feature: str
    fallback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiChange:
    """One API in a plan. ``content_hash`` is of the ApiIR (empty for a delete)."""

    api_id: str
    action: str  # create | update | delete
    content_hash: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverPlan:
    """What ``apply`` would do: compared with what is live, nothing written. Empty = no change."""

    ir: GatewayIR
    changes: tuple[ApiChange, ...] = ()
    degradations: tuple[Degradation, ...] = ()
    settings_changed: bool = False

    @property
    def empty(self) -> bool:
        """True when apply would do nothing."""
        return not self.changes and not self.settings_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOutcome:
    """What became of one API: ``live``, ``quarantined`` (the last good version keeps serving) or ``removed``."""

    api_id: str
    content_hash: str
    state: str  # live | quarantined | removed
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """Outcomes for every change of the plan, in the plan's order."""

    outcomes: tuple[ApiOutcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """What runs: engine version, per API the hash that the engine acknowledged, the grants revision in force."""

    running: bool
    version: str = ""
    applied: Mapping[str, str] = field(default_factory=dict)
    grants_revision: int = 0
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What the engine holds. Only ``complete`` may ever lead to deletes."""

    status: str  # complete | partial | failed
    api_ids: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """How the agent starts the engine. ``stdout`` is a file that its standard output is appended to, empty = none."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    stop_seconds: float = 5.0
    stdout: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request through the data path that proves what is live: GET ``path`` on the gateway's own listener."""

    path: str
    headers: Mapping[str, str]
    expect_status: int = 204
    expect_headers: Mapping[str, str] = field(default_factory=dict)


class GatewayDriver(Protocol):
    """One engine.

    Life: construct, ``start`` (servers the engine talks to, files), the agent runs ``process()``,
    ``plan``/``apply`` as often as needed, ``stop``.
    """

    info: DriverInfo

    async def start(self) -> None:
        """Open what the engine connects to (xDS server, sockets) and write bootstrap files. Idempotent."""
        ...

    async def stop(self) -> None:
        """Close what ``start`` opened; the engine's process is the agent's to end."""
        ...

    def process(self) -> ProcessSpec | None:
        """How to run the engine, or None for a remote engine."""
        ...

    async def ready(self) -> bool:
        """True when the engine's process is up and listens (admin says LIVE)."""
        ...

    async def plan(self, ir: GatewayIR) -> DriverPlan:
        """Compare ``ir`` with what is live. Reads only."""
        ...

    async def apply(self, plan: DriverPlan) -> ApplyResult:
        """Bring the plan into force. Idempotent. Raises TemporaryError or PermanentError when nothing was changed.

        Returns once the engine acknowledged or refused each API, so that outcomes are facts.
        """
        ...

    async def apply_grants(self, delta: GrantDelta) -> None:
        """Bring grants into force without touching routes; returns once the engine acknowledged them."""
        ...

    async def observe(self) -> EngineStatus:
        """What the engine runs now."""
        ...

    async def discover(self) -> Discovery:
        """What the engine holds, with a status."""
        ...

    def probe(self, api_id: str) -> Probe | None:
        """How to prove that this API's applied hash answers through the data path; None where it is not applied."""
        ...

    def access_log(self) -> str | None:
        """Path of the engine's access log file, or None where records come another way."""
        ...

    def parse_record(self, line: bytes) -> AccessRecord | None:
        """One line of the access log; None for a line that is not a call (probe, health)."""
        ...

    async def reopen_log(self) -> None:
        """Tell the engine to reopen its log after the agent renamed it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverOptions:
    """What the agent gives a driver when it makes one. Directory is the driver's own, mode 0700.

    ``geoip_database`` is the path of a database of countries in MaxMind's format, empty where there is none.
    """

    gateway_id: str
    directory: str
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    concurrency: int = 0
    probe_token: str = ""
    allow_private_upstreams: bool = True
    geoip_database: str = ""


class DriverFactory(Protocol):
    """Makes a driver; registered under its engine in ``integration.gateways.registry``."""

    def __call__(self, options: DriverOptions) -> GatewayDriver:
        """A driver that has not started yet."""
        ...
