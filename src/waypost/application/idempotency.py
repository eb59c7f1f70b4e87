"""Creates that may be sent twice: the first answer is kept for a day, sealed, in the transaction that created."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from waypost.application.context import Context
from waypost.information.models import IdempotencyRow
from waypost.kit.errors import Conflict, Invalid

KEPT_FOR = timedelta(days=1)


class IdempotencyMismatch(Invalid):
    """The key was used before with another payload, or with an access token of other scopes."""

    code = "idempotency_mismatch"
    title = "This Idempotency-Key belongs to another request"
    hint = "Use a fresh key for every new request; repeat a key only with the same payload and scopes."


class IdempotencyInProgress(Conflict):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"
    title = "The first request with this Idempotency-Key is still running"
    hint = "Wait a moment, then repeat it with the same key."


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was answered."""

    status: int
    body: bytes


async def begin(ctx: Context, *, key: str, fingerprint: str) -> StoredAnswer | None:
    """The stored answer if ``key`` was used before, else None and the key is taken for this transaction.

    Raises IdempotencyMismatch, IdempotencyInProgress.
    """
    row = await ctx.session.get(IdempotencyRow, (ctx.principal.id, key))
    if row is not None and row.created_at + KEPT_FOR > ctx.clock.now():
        if row.fingerprint != fingerprint:
            raise IdempotencyMismatch
        return StoredAnswer(row.status, ctx.parts.keyring.open_bytes(row.body))
    if row is not None:
        await ctx.session.delete(row)
        await ctx.session.flush()
    await _take(ctx, key, fingerprint)
    return None


async def _take(ctx: Context, key: str, fingerprint: str) -> None:
    row = IdempotencyRow(
        principal_id=ctx.principal.id,
        key=key,
        fingerprint=fingerprint,
        status=0,
        body=b"",
        created_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    try:
        await ctx.session.flush()
    except IntegrityError as error:  # PostgreSQL: the other request committed while we waited for its row
        raise IdempotencyInProgress from error


async def complete(ctx: Context, *, key: str, status: int, body: bytes) -> None:
    """Keep the answer; it is committed together with what was created."""
    row = await ctx.session.get_one(IdempotencyRow, (ctx.principal.id, key))
    row.status = status
    row.body = ctx.parts.keyring.seal_bytes(body)


async def forget_old(ctx: Context) -> None:
    """Delete answers that are older than a day."""
    oldest = ctx.clock.now() - KEPT_FOR
    await ctx.session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < oldest))
