"""Grants: from a message to the engine in milliseconds, kept on disk, ended on time.

Deliberately next to the routes' pipeline and not behind it: a revoked key must not wait for a large publish. A driver
therefore takes ``apply_grants`` while an ``apply`` is under way.
"""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from waypost.contracts.drivers import GatewayDriver, PermanentError, TemporaryError
from waypost.contracts.ir import Grant, GrantDelta
from waypost.integration.agent.grantlog import GrantLog
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.reports import Reports
from waypost.integration.agent.stream import OutOfStep
from waypost.kit.clock import Clock, aware

log = structlog.get_logger("agent.grants")
LONGEST_WAIT = 60.0
STARTING_PAUSE = 0.02


class GrantsWorker:
    """Takes deltas, merges what waits, brings it into force, reports the revision."""

    def __init__(
        self, driver: GatewayDriver, kept: GrantLog, reports: Reports, *, metrics: AgentMetrics, clock: Clock
    ) -> None:
        self.in_force = 0
        self._driver = driver
        self._kept = kept
        self._reports = reports
        self._metrics = metrics
        self._clock = clock
        self._pending: GrantDelta | None = None
        self._wake = asyncio.Event()
        self._started = False
        self._ends: list[tuple[datetime, str]] = []

    @property
    def revision(self) -> int:
        """What is held (on disk and on its way to the engine)."""
        return self._kept.revision

    @property
    def mark(self) -> str:
        """In which of the hub's histories that revision is."""
        return self._kept.mark

    def load(self) -> None:
        """Queue the last known good set for the engine."""
        kept = GrantDelta(revision=self._kept.revision, full=True, upsert=tuple(self._kept.grants.values()))
        self._queue(self._without_ended(kept))

    def take(self, delta: GrantDelta) -> None:
        """Keep and queue a delta from the hub. OutOfStep when revisions before it are missing."""
        if not delta.full and delta.revision <= self.revision:
            return
        if not delta.full and delta.since > self.revision:
            raise OutOfStep(f"grants {delta.since}..{delta.revision} do not follow revision {self.revision}")
        live = self._without_ended(delta)
        self._kept.append(live)
        self._queue(live)

    async def run(self) -> None:
        """Apply for ever."""
        while True:
            await self._next()
            self._end_due()
            await self._apply_pending()

    async def _apply_pending(self) -> None:
        delta, self._pending = self._pending, None
        if delta is None:
            return
        pause = await self._apply(delta)
        if pause:
            newer = self._pending
            self._pending = merged(delta, newer) if newer else delta
            self._wake.set()
            await asyncio.sleep(pause)
            return
        self._started = True
        self.in_force = max(delta.revision, 0 if delta.full else self.in_force)
        self._metrics.grants(len(self._kept.grants), self.in_force)
        self._reports.grants(self.in_force)

    async def _apply(self, delta: GrantDelta, *, splits: int = 5) -> float:
        """Seconds to wait before the next attempt; 0 = done."""
        try:
            with self._metrics.grants_seconds.time():
                await self._driver.apply_grants(delta)
        except TemporaryError as error:
            log.debug("grants.not_now", error=str(error), revision=delta.revision)
            return max(error.delay if self._started else min(error.delay, STARTING_PAUSE), 0.01)
        except PermanentError as error:
            return await self._apply_halves(delta, error, splits=splits)
        except Exception:
            log.exception("grants.failed", revision=delta.revision)
            return 1.0
        return 0.0

    async def _apply_halves(self, delta: GrantDelta, error: PermanentError, *, splits: int) -> float:
        """The engine refuses something in there. Narrow it down, so that it stops as few others as possible.

        Bounded, and nothing is taken out for it: a driver may refuse over and over because of one API alone.
        """
        if len(delta.upsert) > 1 and splits > 0:
            middle = len(delta.upsert) // 2
            first = replace(delta, upsert=delta.upsert[:middle])
            second = replace(delta, upsert=delta.upsert[middle:], full=False, remove=())
            pause = await self._apply(first, splits=splits - 1)
            return pause or await self._apply(second, splits=splits - 1)
        refused = [grant.id for grant in delta.upsert]
        log.error("grants.refused", grants=refused[:20], error=str(error)[:500], revision=delta.revision)
        self._metrics.grants_refused.inc(len(refused) or 1)
        if delta.remove and delta.upsert and not delta.full:
            return await self._apply(replace(delta, upsert=()), splits=0)
        return 0.0

    def _queue(self, delta: GrantDelta) -> None:
        for grant in delta.upsert:
            if grant.expires_at is not None:
                heapq.heappush(self._ends, (aware(grant.expires_at), grant.id))
        self._pending = merged(self._pending, delta) if self._pending else delta
        self._wake.set()

    def _without_ended(self, delta: GrantDelta) -> GrantDelta:
        now = self._clock.now()
        ended = [grant.id for grant in delta.upsert if _has_ended(grant, now)]
        if not ended:
            return delta
        live = tuple(grant for grant in delta.upsert if not _has_ended(grant, now))
        return replace(delta, upsert=live, remove=(*delta.remove, *ended))

    def _end_due(self) -> None:
        now = self._clock.now()
        due = set()
        while self._ends and self._ends[0][0] <= now:
            due.add(heapq.heappop(self._ends)[1])
        held = self._kept.grants
        ended = tuple(sorted(key for key in due if key in held and _has_ended(held[key], now)))
        if ended:
            log.info("grants.ended", count=len(ended))
            delta = GrantDelta(revision=self.revision, mark=self.mark, since=self.revision, remove=ended)
            self._kept.append(delta)
            self._queue(delta)

    async def _next(self) -> None:
        wait = LONGEST_WAIT
        if self._ends:
            wait = min(wait, max(0.0, (self._ends[0][0] - self._clock.now()).total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()
        self._wake.clear()


def merged(first: GrantDelta, second: GrantDelta) -> GrantDelta:
    """One delta with the effect of ``first`` and then ``second``."""
    if second.full:
        return second
    upsert = {grant.id: grant for grant in first.upsert}
    remove = dict.fromkeys(first.remove)
    for grant_id in second.remove:
        upsert.pop(grant_id, None)
        remove[grant_id] = None
    for grant in second.upsert:
        upsert[grant.id] = grant
        remove.pop(grant.id, None)
    return GrantDelta(
        revision=second.revision,
        mark=second.mark,
        since=first.since,
        full=first.full,
        upsert=tuple(upsert.values()),
        remove=() if first.full else tuple(remove),
    )


def _has_ended(grant: Grant, now: datetime) -> bool:
    return grant.expires_at is not None and aware(grant.expires_at) <= now
