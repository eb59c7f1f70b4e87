"""What the hub is told: receipts per API, the grants in force, health. Kept until delivered, only the newest counts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

import structlog

from waypost.contracts.agent import ApiReceipt, GatewayHealth, Receipts
from waypost.integration.agent.hub import HubClient, HubError
from waypost.integration.agent.options import Timing

log = structlog.get_logger("agent.reports")
MOST_AT_ONCE = 500


class Reports:
    """Collects receipts and sends them as soon as the line is free. A failed send is tried again with what is new."""

    def __init__(self, hub: HubClient, *, health: Callable[[], Awaitable[GatewayHealth]], timing: Timing) -> None:
        self._hub = hub
        self._health = health
        self._timing = timing
        self._waiting: dict[str, ApiReceipt] = {}
        self._known: dict[str, ApiReceipt] = {}
        self._generation = 0
        self._grants_revision = 0
        self._wake = asyncio.Event()

    def apis(self, receipts: Iterable[ApiReceipt], *, generation: int) -> None:
        """Report these; ``generation`` is the newest whose outcome is known, and alone worth no report."""
        for receipt in receipts:
            self._waiting[receipt.api_id] = receipt
            self._remember(receipt)
            self._wake.set()
        self._generation = max(self._generation, generation)

    def news(self, receipts: Iterable[ApiReceipt]) -> None:
        """Report those that say something else than what was reported last."""
        self.apis([item for item in receipts if self._known.get(item.api_id) != item], generation=0)

    def grants(self, revision: int) -> None:
        """Report the revision of grants in force."""
        self._grants_revision = revision
        self._wake.set()

    def soon(self) -> None:
        """Report now how the gateway is."""
        self._wake.set()

    def repeat(self) -> None:
        """Report everything known once more: a hub that came back may have missed it."""
        self._waiting = {**self._known, **self._waiting}
        self._wake.set()

    async def run(self) -> None:
        """Send for ever, health at least every ``health_every`` seconds."""
        failures = 0
        while True:
            failures = 0 if await self.send() else failures + 1
            if failures:
                await asyncio.sleep(self._pause(failures))
                continue
            # The first report goes at once; bursts of changes become few reports, for each costs the hub a transaction.
            await asyncio.sleep(self._timing.report_gap)
            if not self._waiting:
                await self._next()

    async def send(self) -> bool:
        """Send what waits, now. False when the hub did not take it (it then still waits)."""
        self._wake.clear()
        batch = dict(list(self._waiting.items())[:MOST_AT_ONCE])
        receipts = Receipts(
            generation=self._generation,
            apis=tuple(batch.values()),
            grants_revision=self._grants_revision,
            health=await self._health(),
        )
        try:
            await self._hub.send_receipts(receipts)
        except HubError as error:
            log.info("receipts.not_sent", error=str(error), waiting=len(self._waiting))
            return False
        self._waiting = {key: item for key, item in self._waiting.items() if batch.get(key) is not item}
        return True

    def _remember(self, receipt: ApiReceipt) -> None:
        if receipt.state == "removed":
            self._known.pop(receipt.api_id, None)
        else:
            self._known[receipt.api_id] = receipt

    async def _next(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.health_every):
                await self._wake.wait()

    def _pause(self, failures: int) -> float:
        most = min(self._timing.backoff_most, self._timing.backoff_first * 2 ** min(failures, 10))
        return random.uniform(most / 2, most)  # noqa: S311 - spreads load, guards nothing
