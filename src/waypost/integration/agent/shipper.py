"""Ships batches to the hub in order, one at a time, and deletes what the hub has."""

from __future__ import annotations

import asyncio
import random

import structlog

from waypost.integration.agent.hub import HubClient, HubError
from waypost.integration.agent.meter import Meter
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.options import Timing
from waypost.integration.agent.spool import Batch, Spool

log = structlog.get_logger("agent.shipper")
# The batch itself is at fault; sending it again would stop all that come after it.
NEVER = frozenset({400, 413, 422})


class Shipper:
    """Ships for ever; the hub being away costs nothing but time."""

    def __init__(self, hub: HubClient, spool: Spool, meter: Meter, *, metrics: AgentMetrics, timing: Timing) -> None:
        self._hub = hub
        self._spool = spool
        self._meter = meter
        self._metrics = metrics
        self._timing = timing
        self._failures = 0

    async def run(self) -> None:
        """Ship what waits, then wait for more."""
        while True:
            seen = self._meter.written.version
            batch = await asyncio.to_thread(self._spool.oldest)
            if batch is None:
                await self._meter.written.wait(seen, timeout=60.0)
            elif not await self._ship_safely(batch):
                await asyncio.sleep(self._pause())

    async def rest(self) -> None:
        """Ship what is left, until the first failure."""
        while (batch := await asyncio.to_thread(self._spool.oldest)) is not None:
            if not await self._ship_safely(batch):
                return

    async def _ship_safely(self, batch: Batch) -> bool:
        try:
            done = await self._ship(batch)
        except Exception:
            log.exception("usage.failed", number=batch.number)
            done = False
        self._spool.put_back()
        self._failures = 0 if done else self._failures + 1
        self._meter.gauge()
        return done

    async def _ship(self, batch: Batch) -> bool:
        payload = await asyncio.to_thread(self._spool.payload, batch)
        try:
            ack = await self._hub.send_usage(payload)
        except HubError as error:
            if error.status not in NEVER:
                log.info("usage.not_shipped", error=str(error), waiting=len(self._spool.waiting))
                return False
            log.error("usage.refused", number=batch.number, records=batch.count, error=str(error))
            await asyncio.to_thread(self._spool.refuse, batch)
            return True
        if ack.spool != self._spool.id or ack.number < batch.number:
            log.error("usage.not_acknowledged", number=batch.number, acknowledged=ack.number)
            return False
        shipped = await asyncio.to_thread(self._spool.acknowledged, min(ack.number, batch.number))
        self._metrics.records_shipped.inc(shipped)
        return True

    def _pause(self) -> float:
        most = min(self._timing.backoff_most, self._timing.backoff_first * 2 ** min(self._failures, 10))
        return random.uniform(most / 2, most)  # noqa: S311 - spreads load, guards nothing
