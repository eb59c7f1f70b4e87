"""What hub and agent say to each other. JSON lines, each ``{"kind": …}``.

Codec: ``contracts.ir.dump`` with secrets revealed.

``POST /api/v1/agent/enrol``   EnrolRequest -> EnrolResponse (one-time token in, the gateway's own credential out)
``POST /api/v1/agent/stream``  StreamRequest -> NDJSON of ApisMessage, GrantsMessage, PingMessage; stays open
``POST /api/v1/agent/receipts`` Receipts -> 204
``POST /api/v1/agent/usage``   UsageBatch (gzip allowed) -> UsageAck
All but enrol: ``Authorization: Bearer <gateway credential>``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from waypost.contracts.drivers import Degradation
from waypost.contracts.ir import ApiIR, GatewaySettings, GrantDelta


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """The agent's first word."""

    token: str
    engine: str
    agent_version: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolResponse:
    """The gateway's id and its own credential (shown once), and the key its state is sealed with at rest."""

    gateway_id: str
    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """What the agent already holds: API id -> content hash, hash of the settings, revision of grants (0 = none).

    ``grants_mark`` came with that revision (``GrantDelta.mark``); empty = an agent that keeps none.
    ``capabilities`` are the values of ``Capability`` that its engine can enforce; empty = an agent that says nothing.
    """

    apis: dict[str, str] = field(default_factory=dict)
    settings_hash: str = ""
    grants_revision: int = 0
    grants_mark: str = ""
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApisMessage:
    """Changes of the desired state. The agent's whole state afterwards = what it had, plus upsert, minus remove.

    ``generation`` grows; ``published_at`` (unix seconds) is when the newest change was committed, so that a
    receipt can tell a delay.
    ``guard_confirmed`` is a person's yes to a large delete. ``requests`` are ids of the requests that led here.
    """

    generation: int
    settings: GatewaySettings
    upsert: tuple[ApiIR, ...] = ()
    remove: tuple[str, ...] = ()
    published_at: float = 0.0
    guard_confirmed: bool = False
    requests: tuple[str, ...] = ()
    kind: str = "apis"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsMessage:
    """Grants to bring into force. ``requests`` are ids of the requests that led here."""

    delta: GrantDelta
    requests: tuple[str, ...] = ()
    kind: str = "grants"


@dataclass(frozen=True, slots=True, kw_only=True)
class PingMessage:
    """Sent every few seconds so that a dead peer is noticed."""

    at: float
    kind: str = "ping"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReceipt:
    """One API after apply and verify. ``state``: live | quarantined | removed.

    ``apply_ms`` from message to acknowledged, ``verify_ms`` until the probe proved it through the data path.
    """

    api_id: str
    content_hash: str
    state: str
    reason: str = ""
    apply_ms: int = 0
    verify_ms: int = 0
    degradations: tuple[Degradation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayHealth:
    """How the gateway is, sent with receipts and at least every 10 seconds.

    ``up_to_date``: the engine takes calls with the settings that the hub sent since the agent began.
    """

    engine_running: bool
    engine_version: str = ""
    agent_version: str = ""
    engine_restarts: int = 0
    spool_batches: int = 0
    spool_bytes: int = 0
    records_dropped: int = 0
    address: str = ""
    applied_apis: int = 0
    up_to_date: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What the agent reports. ``grants_revision`` is in force on the engine."""

    generation: int = 0
    apis: tuple[ApiReceipt, ...] = ()
    grants_revision: int = 0
    health: GatewayHealth | None = None
