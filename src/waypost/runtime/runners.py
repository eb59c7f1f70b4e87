"""What runs beside requests: keys that expire, windows that end, old rows that go. Safe on several replicas at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from waypost.application import idempotency
from waypost.application.accounts import authentication, throttle
from waypost.application.apps.credentials import CredentialService
from waypost.application.apps.moving import follow_issuer
from waypost.application.backlog.service import work_off
from waypost.application.context import Context
from waypost.application.gateways.grants import forget_tombstones
from waypost.application.gateways.quota import QuotaService
from waypost.application.grants.counters import forget_counters
from waypost.application.issuers.refresh import refresh_due
from waypost.application.oauth.rotation import SigningKeyService
from waypost.application.parts import Parts
from waypost.application.work import SYSTEM, open_context
from waypost.information.analytics.store import Retention
from waypost.information.blobs import BlobStore
from waypost.kit.watch import Signal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """``work`` every ``seconds``, and at a pulse; a failure is logged and tried again at the next turn."""

    name: str
    seconds: float
    work: Callable[[Parts], Awaitable[None]]
    woken_by: Callable[[Parts], Signal] | None = None


async def _expire_keys(parts: Parts) -> None:
    await _in_context(parts, CredentialService().expire_due)


async def _end_windows(parts: Parts) -> None:
    await _in_context(parts, QuotaService().release_due)


async def _refresh_issuers(parts: Parts) -> None:
    await refresh_due(parts)


async def _keep_signing_keys(parts: Parts) -> None:
    await _in_context(parts, SigningKeyService().keep)


async def _forget_old_rows(parts: Parts) -> None:
    await _in_context(parts, idempotency.forget_old)
    await _in_context(parts, throttle.forget_old)
    await _in_context(parts, authentication.forget_expired)
    while await _in_context(parts, forget_tombstones):
        pass
    await _in_context(parts, forget_counters)
    await _in_context(parts, lambda ctx: BlobStore(ctx.session, ctx.clock).sweep())


async def _forget_old_calls(parts: Parts) -> None:
    await parts.analytics.sweep(parts.clock.now(), Retention())


async def _in_context(parts: Parts, work: Callable[[Context], Awaitable[object]]) -> object:
    async with open_context(parts, SYSTEM, write=True) as ctx:
        done = await work(ctx)
        await ctx.uow.commit()
    return done


JOBS = (
    Job("backlog", 5, work_off, woken_by=lambda parts: parts.backlog),
    Job("expire_keys", 2, _expire_keys),
    Job("end_windows", 2, _end_windows),
    Job("refresh_issuers", 5, _refresh_issuers),
    Job("keep_signing_keys", 60, _keep_signing_keys),
    Job("forget_old_rows", 3600, _forget_old_rows),
    Job("forget_old_calls", 3600, _forget_old_calls),
)


@asynccontextmanager
async def running(parts: Parts, jobs: tuple[Job, ...] = JOBS) -> AsyncIterator[None]:
    """All jobs, until the block ends. First the hub's own clients learn what it is called now."""
    await _in_context(parts, follow_issuer)
    tasks = [asyncio.create_task(_repeat(parts, job), name=job.name) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _repeat(parts: Parts, job: Job) -> None:
    while True:
        seen = job.woken_by(parts).version if job.woken_by else 0
        try:
            await job.work(parts)
        except Exception:
            log.exception("job_failed", job=job.name)
        if job.woken_by:
            await job.woken_by(parts).wait(seen, timeout=job.seconds)
        else:
            await asyncio.sleep(job.seconds)
