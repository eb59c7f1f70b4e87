"""Keeping issuers' keys fresh. Whatever an issuer does, the last good keys go on and its state says what happened."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import structlog

from waypost.application.context import Context
from waypost.application.issuers.errors import KeysRefused
from waypost.application.issuers.fetching import SECONDS, KeySource, fetch_keys
from waypost.application.issuers.jwks import key_names
from waypost.application.work import SYSTEM, open_context
from waypost.information.models import IssuerRow
from waypost.information.repos.issuers import IssuerRepo

if TYPE_CHECKING:
    from waypost.application.parts import Parts

log = structlog.get_logger("issuers")
READY, FAILING = "ready", "failing"
REMOTE = ("discovery", "jwks_url")
_CLAIM = timedelta(seconds=2 * SECONDS)
_AT_ONCE = 8
_FIRST_RETRY_SECONDS = 15


async def refresh_due(parts: Parts) -> int:
    """Fetch the keys of every issuer whose time has come; how many. Replicas do not take the same one."""
    async with open_context(parts, SYSTEM, write=False) as ctx:
        if not await IssuerRepo(ctx.session).due(ctx.clock.now()):
            return 0
    async with open_context(parts, SYSTEM, write=True) as ctx:
        due = await _claim_due(ctx)
        await ctx.uow.commit()
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def one(issuer_id: str) -> None:
        async with limiter:
            await refresh(parts, issuer_id)

    async with anyio.create_task_group() as tasks:
        for issuer_id in due:
            tasks.start_soon(one, issuer_id)
    return len(due)


async def refresh(parts: Parts, issuer_id: str) -> None:
    """Fetch one issuer's keys now and keep what came, or what went wrong. Nothing to do for keys given by hand."""
    async with open_context(parts, SYSTEM, write=False) as ctx:
        row = await IssuerRepo(ctx.session).get(issuer_id)
    if row is None or row.source not in REMOTE:
        return
    try:
        jwks, refused = await fetch_keys(parts.fetcher, _source(row)), None
    except KeysRefused as error:
        jwks, refused = "", error
    async with open_context(parts, SYSTEM, write=True) as ctx:
        current = await IssuerRepo(ctx.session).get(issuer_id)
        if current is None or _source(current) != _source(row):
            return  # changed meanwhile: what was fetched belongs to the former address
        if refused is None:
            await _keep(ctx, current, jwks)
        else:
            await _note_failure(ctx, current, refused)
        await ctx.uow.commit()


def next_check(now: datetime, *, seconds: float) -> datetime:
    """``seconds`` from now, a fifth more or less: hubs and issuers that start together do not stay in step."""
    return now + timedelta(seconds=seconds * secrets.SystemRandom().uniform(0.8, 1.2))


async def _claim_due(ctx: Context) -> list[str]:
    now, repo = ctx.clock.now(), IssuerRepo(ctx.session)
    due = list(await repo.due(now))
    for issuer_id in due:
        row = await repo.get(issuer_id)
        if row is not None:
            row.next_check_at = now + _CLAIM
    return due


def _source(row: IssuerRow) -> KeySource:
    return KeySource(
        issuer=row.url,
        source=row.source,
        address=row.address,
        algorithms=tuple(row.algorithms),
        allow_http=row.allow_http,
    )


async def _keep(ctx: Context, row: IssuerRow, jwks: str) -> None:
    now = ctx.clock.now()
    was, row.state = row.state, READY
    row.error = row.error_code = ""
    row.failures = 0
    row.checked_at = row.fetched_at = now
    row.next_check_at = next_check(now, seconds=row.refresh_seconds)
    if row.jwks != jwks:
        row.jwks = jwks
        await record_keys(ctx, row)
    elif was == FAILING:
        await _record(ctx, "issuer.recovered", row, {})


async def _note_failure(ctx: Context, row: IssuerRow, refused: KeysRefused) -> None:
    now = ctx.clock.now()
    was, row.state = row.state, FAILING
    row.error, row.error_code = refused.detail[:1000], refused.reason[:50]
    row.failures += 1
    row.checked_at = now
    retry = min(float(row.refresh_seconds), _FIRST_RETRY_SECONDS * 2.0 ** min(row.failures - 1, 10))
    row.next_check_at = next_check(now, seconds=retry)
    log.warning("issuer.failing", issuer=row.id, reason=refused.reason, failures=row.failures)
    if was != FAILING:
        await _record(ctx, "issuer.failing", row, {"reason": refused.reason})


async def record_keys(ctx: Context, row: IssuerRow) -> None:
    """The keys are others: the gateways whose APIs take this issuer's tokens hear of it."""
    await _record(ctx, "issuer.keys_changed", row, {"keys": [key["kid"] for key in key_names(row.jwks)]})
    ctx.uow.after_commit(ctx.parts.changed.pulse)


async def _record(ctx: Context, kind: str, row: IssuerRow, data: dict[str, object]) -> None:
    facts = {"url": row.url, **data}
    await ctx.uow.record(kind, object_kind="issuer", object_id=row.id, owner_id=row.owner_id or "", data=facts)
