"""What the agent is told by whoever runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from waypost.contracts.drivers import DriverFactory
from waypost.contracts.vocab import Engine
from waypost.kit.crypto import Secret

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Every period and deadline in seconds, in one place so that tests can shorten them."""

    meter_poll: float = 0.1
    meter_gap: float = 0.25
    meter_hold: float = 1.0
    rotated_drain: float = 2.0
    ship_timeout: float = 30.0
    report_gap: float = 0.25
    health_every: float = 10.0
    stream_silence: float = 20.0
    backoff_first: float = 0.2
    backoff_most: float = 10.0
    refused_retry: float = 30.0
    verify_deadline: float = 5.0
    verify_retry: float = 30.0
    observe_every: float = 30.0
    engine_backoff_first: float = 0.1
    engine_backoff_most: float = 10.0
    engine_ready: float = 30.0
    lock_wait: float = 15.0
    final_ship: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """One agent's settings; ``runtime.agent`` makes them from the command line and the environment.

    ``token`` is the one-time enrolment token, needed until the first enrolment succeeded. ``listen_port`` 0 picks a
    free port once and keeps it. ``health_port`` None switches the agent's own page off, 0 picks a free one.
    ``parent_pid`` is a process without which the agent ends gracefully (the hub that started it), 0 for none.
    ``hub_ca`` is a PEM file of authorities to trust for the hub. ``insecure_hub`` permits plain http to a hub that is
    not on this machine. ``on_settled`` is called once when the state that was loaded or sent first is in force.
    """

    hub_url: str
    data_dir: Path
    driver_factory: DriverFactory
    engine: Engine = Engine.ENVOY
    token: Secret | None = None
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    public_url: str = ""
    concurrency: int = 0
    allow_private_upstreams: bool = True
    geoip_database: str = ""
    spool_max_bytes: int = 256 * MIB
    log_rotate_bytes: int = 64 * MIB
    health_host: str = "127.0.0.1"
    health_port: int | None = None
    parent_pid: int = 0
    hub_ca: Path | None = None
    insecure_hub: bool = False
    on_settled: Callable[[], None] = lambda: None
    timing: Timing = field(default_factory=Timing)
