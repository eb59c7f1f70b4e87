"""Who this agent is: from disk, or by spending a one-time token at the hub."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import structlog

from waypost import __version__
from waypost.contracts.agent import EnrolRequest
from waypost.integration.agent.failures import EnrolmentRefused
from waypost.integration.agent.hub import HubClient, HubError
from waypost.integration.agent.options import AgentSettings
from waypost.integration.agent.state import Identity, StateStore
from waypost.integration.agent.supervise import pick_free_port
from waypost.kit.crypto import sha256_hex

log = structlog.get_logger("agent")


async def identify(settings: AgentSettings, hub: HubClient, store: StateStore) -> Identity:
    """Who this agent is: from disk, or by spending the token. A new token on an enrolled agent enrols it anew."""
    known = await asyncio.to_thread(store.identity)
    spent = sha256_hex(settings.token.reveal()) if settings.token else ""
    if known is None:
        identity = await _enrol(settings, hub, spent)
    elif spent and spent != known.token_sha256:
        identity = await _enrol_again(settings, hub, spent, known)
    else:
        identity = known
    if known is not None and identity.gateway_id != known.gateway_id:
        await asyncio.to_thread(_forget, store, settings)
    port = settings.listen_port or identity.listen_port or pick_free_port(settings.listen_host)
    return await asyncio.to_thread(store.save_identity, replace(identity, listen_port=port))


async def _enrol(settings: AgentSettings, hub: HubClient, spent: str) -> Identity:
    """Enrol, waiting for the hub as long as it takes; EnrolmentRefused when it says no."""
    if settings.token is None:
        raise EnrolmentRefused("this gateway is not enrolled yet and no enrolment token was given")
    pause = settings.timing.backoff_first
    while True:
        try:
            return await _enrol_once(settings, hub, spent)
        except HubError as error:
            if error.refused or error.status in (400, 409, 422):
                raise EnrolmentRefused(str(error)) from None
            log.info("agent.hub_away", error=str(error), again_in=round(pause, 2))
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - spreads load, guards nothing
        pause = min(pause * 2, settings.timing.backoff_most)


async def _enrol_once(settings: AgentSettings, hub: HubClient, spent: str) -> Identity:
    request = EnrolRequest(
        token=settings.token.reveal() if settings.token else "",
        engine=settings.engine.value,
        agent_version=__version__,
        public_url=settings.public_url,
    )
    answer = await hub.enrol(request)
    log.info("agent.enrolled", gateway_id=answer.gateway_id)
    return Identity(gateway_id=answer.gateway_id, credential=answer.credential, token_sha256=spent)


async def _enrol_again(settings: AgentSettings, hub: HubClient, spent: str, known: Identity) -> Identity:
    try:
        fresh = await _enrol_once(settings, hub, spent)
    except HubError as error:
        log.warning("agent.not_enrolled_again", error=str(error), note="going on as before")
        return known
    return replace(fresh, probe_token=known.probe_token, listen_port=known.listen_port)


def _forget(store: StateStore, settings: AgentSettings) -> None:
    """The directory was another gateway's: nothing of its state is ours."""
    store.forget_apis(store.apis())
    for name in ("overview.sealed", "grants.log"):
        (settings.data_dir / name).unlink(missing_ok=True)
