"""``waypost gateway run``: the agent with the driver of its engine, from options and the environment."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from waypost.contracts.vocab import Engine
from waypost.integration.agent.app import run_agent
from waypost.integration.agent.failures import AgentFailure, EngineUnavailable
from waypost.integration.agent.options import MIB, AgentSettings
from waypost.integration.gateways.registry import factories, make_driver
from waypost.kit.crypto import Secret
from waypost.runtime.logging import configure
from waypost.runtime.settings import TOKEN_VARIABLE, Settings

log = structlog.get_logger("agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRunOptions:
    """What the command line says; the meaning of each is in :class:`AgentSettings`."""

    hub_url: str
    data_dir: Path
    engine: str = "envoy"
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    public_url: str = ""
    concurrency: int = 0
    spool_max_bytes: int = 256 * MIB
    health_port: int | None = None
    hub_ca: Path | None = None
    insecure_hub: bool = False
    parent_pid: int = 0


async def run(options: GatewayRunOptions) -> int:
    """Run until told to stop; the exit code. What people can mend is logged with its way out."""
    settings = Settings.load()
    configure(settings)
    try:
        await run_agent(agent_settings(options, settings, token=take_token()))
    except AgentFailure as failure:
        log.error(failure.code, title=failure.title, detail=failure.detail, hint=failure.way_out)
        return failure.exit_code
    return 0


def take_token() -> Secret | None:
    """The one-time token from the environment, which no child process inherits after this."""
    value = os.environ.pop(TOKEN_VARIABLE, "")
    return Secret(value) if value else None


def agent_settings(options: GatewayRunOptions, settings: Settings, *, token: Secret | None) -> AgentSettings:
    """Options and settings as the agent takes them; EngineUnavailable for one that does not exist."""
    known = sorted(factories())
    if options.engine not in known:
        hint = f"There is: {', '.join(known)}; `--engine envoy` is the default."
        raise EngineUnavailable(f"there is no engine {options.engine!r}", hint=hint)
    engine = Engine(options.engine)
    return AgentSettings(
        hub_url=options.hub_url,
        data_dir=options.data_dir.absolute(),
        driver_factory=partial(make_driver, engine),
        engine=engine,
        token=token,
        listen_host=options.listen_host,
        listen_port=options.listen_port,
        public_url=options.public_url,
        concurrency=options.concurrency,
        allow_private_upstreams=settings.private_upstreams,
        geoip_database=settings.geoip_database,
        spool_max_bytes=options.spool_max_bytes,
        health_port=options.health_port,
        parent_pid=options.parent_pid,
        hub_ca=options.hub_ca,
        insecure_hub=options.insecure_hub,
        # What is loaded stays: otherwise the collector walks through every grant now and then, 100 ms at a time.
        on_settled=gc.freeze,
    )
