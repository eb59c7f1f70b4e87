"""The link to the hub: enrol once, then follow its stream for ever, coming back with backoff and jitter."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from waypost.contracts.agent import StreamRequest
from waypost.integration.agent.codec import ApisNews, apis_news, grant_delta
from waypost.integration.agent.hub import HubClient, HubError
from waypost.integration.agent.options import Timing

log = structlog.get_logger("agent.stream")


class OutOfStep(Exception):
    """What arrived does not follow from what is held; asking again with what is held mends it."""


class Receiver(Protocol):
    """Takes what arrives. Each call returns at once; the work is done by the workers behind it."""

    def holds(self) -> StreamRequest:
        """What is held already."""
        ...

    def take_apis(self, news: ApisNews) -> None:
        """New desired state."""
        ...

    def take_grants(self, delta: Any) -> None:
        """New grants; OutOfStep when changes in between are missing."""
        ...


class Stream:
    """Follows the hub. ``connected`` and ``last_error`` are for health."""

    def __init__(
        self,
        hub: HubClient,
        receiver: Receiver,
        *,
        timing: Timing,
        on_connect: Callable[[], None],
    ) -> None:
        self.connected = False
        self.last_error = ""
        self._hub = hub
        self._receiver = receiver
        self._timing = timing
        self._on_connect = on_connect
        self._failures = 0

    async def run(self) -> None:
        """Follow for ever; the hub being away is no error of ours."""
        while True:
            try:
                await self._follow()
                reason: Exception | None = None
            except (HubError, OutOfStep, ValueError) as error:
                reason = error
            self.connected = False
            pause = self._pause(reason)
            self.last_error = str(reason or "the hub ended the stream")
            log.info("stream.ended", reason=self.last_error, again_in=round(pause, 2))
            await asyncio.sleep(pause)

    async def _follow(self) -> None:
        async with self._hub.stream(self._receiver.holds()) as messages:
            self.connected = True
            log.info("stream.connected")
            self._on_connect()
            async for message in messages:
                self._failures = 0
                self._dispatch(message)
                # A burst may be waiting in the buffer: the engine's own connection needs its turns too.
                await asyncio.sleep(0)

    def _dispatch(self, message: dict[str, Any]) -> None:
        kind = message.get("kind")
        if message.get("requests"):
            log.info("stream.news", of=kind, requests=message["requests"])
        if kind == "apis":
            self._receiver.take_apis(apis_news(message))
        elif kind == "grants":
            self._receiver.take_grants(grant_delta(message.get("delta") or {}))
        elif kind not in ("ping", None):
            log.info("stream.unknown_message", message_kind=str(kind)[:40])

    def _pause(self, reason: Exception | None) -> float:
        self._failures += 1
        if isinstance(reason, HubError) and reason.refused:
            log.error("stream.refused", error=str(reason), note="the gateway goes on with its last good state")
            return self._timing.refused_retry
        most = min(self._timing.backoff_most, self._timing.backoff_first * 2 ** min(self._failures - 1, 10))
        asked = reason.retry_after if isinstance(reason, HubError) else 0.0
        return max(asked, random.uniform(most / 2, most))  # noqa: S311 - spreads load, guards nothing
