"""From a cookie or a bearer token to a principal. Reads only; what has to be written is said in the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete

from waypost.application.context import Context, Principal
from waypost.information.models import OneTimeLoginRow, SessionRow
from waypost.information.repos.accounts import AccountRepo
from waypost.kit.crypto import random_token, same, sha256_hex

ROTATE_AFTER = timedelta(minutes=15)
GRACE = timedelta(seconds=60)
TOUCH_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A principal, the CSRF token its unsafe requests must carry (cookie sessions only), and whether to touch it."""

    principal: Principal
    csrf_token: str = ""
    stale: bool = False


def csrf_token(row: SessionRow) -> str:
    """The token a page sends with unsafe requests: stable for the session, derived from the row's random seed."""
    return sha256_hex(f"csrf:{row.csrf_hash}")


async def by_session(ctx: Context, token: str) -> Authenticated | None:
    """Who holds this session cookie; None when unknown, expired, or rotated away."""
    row = await AccountRepo(ctx.session).session_by_hash(sha256_hex(token))
    if row is None or not _is_current(ctx, row, token):
        return None
    principal = await _principal(ctx, row.user_id, scopes=None, session_id=row.id)
    if principal is None:
        return None
    now = ctx.clock.now()
    is_stale = now - row.rotated_at > ROTATE_AFTER or now - row.last_seen_at > TOUCH_AFTER
    return Authenticated(principal, csrf_token(row), is_stale)


def _is_current(ctx: Context, row: SessionRow, token: str) -> bool:
    now = ctx.clock.now()
    if row.expires_at <= now:
        return False
    return same(row.token_hash, sha256_hex(token)) or now - row.rotated_at <= GRACE


async def touch_session(ctx: Context, token: str) -> str | None:
    """Note that the session is in use; a new cookie value when it was time to rotate, else None."""
    hashed = sha256_hex(token)
    row = await AccountRepo(ctx.session).session_by_hash(hashed, lock=True)
    now = ctx.clock.now()
    if row is None or row.expires_at <= now:
        return None
    row.last_seen_at = now
    if row.token_hash != hashed or now - row.rotated_at <= ROTATE_AFTER:
        return None
    fresh = random_token("ses")
    row.previous_hash, row.token_hash, row.rotated_at = hashed, sha256_hex(fresh), now
    return fresh


async def by_access_token(ctx: Context, token: str) -> Authenticated | None:
    """Who made this personal access token, narrowed to its scopes; None when unknown or expired."""
    row = await AccountRepo(ctx.session).presented(sha256_hex(token))
    now = ctx.clock.now()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    principal = await _principal(ctx, row.user_id, scopes=frozenset(row.scopes), session_id="")
    if principal is None:
        return None
    principal = replace(principal, token_id=row.id, ends_at=row.expires_at)
    is_stale = row.last_used_at is None or now - row.last_used_at > TOUCH_AFTER
    return Authenticated(principal, stale=is_stale)


async def touch_access_token(ctx: Context, token: str) -> None:
    """Note that the token is in use."""
    row = await AccountRepo(ctx.session).access_token_by_hash(sha256_hex(token))
    if row is not None:
        row.last_used_at = ctx.clock.now()


async def forget_expired(ctx: Context) -> None:
    """Delete sessions and one-time links whose time is over."""
    now = ctx.clock.now()
    await ctx.session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    await ctx.session.execute(delete(OneTimeLoginRow).where(OneTimeLoginRow.expires_at <= now))


async def _principal(ctx: Context, user_id: str, *, scopes: frozenset[str] | None, session_id: str) -> Principal | None:
    rows = await AccountRepo(ctx.session).acting(user_id)
    if not rows:
        return None
    return Principal(
        kind="user",
        id=user_id,
        name=rows[0].name,
        hub_role=rows[0].hub_role,
        memberships={row.team_id: row.role for row in rows if row.team_id},
        scopes=scopes,
        session_id=session_id,
    )
