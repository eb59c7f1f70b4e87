"""Signing in: by password, by one-time link, by sign-up; and out.

Every way opens its own short transactions: none is held while a password is hashed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from waypost.application.accounts import throttle
from waypost.application.accounts.errors import SignInRefused, SignUpClosed
from waypost.application.accounts.passwords import check_password, hash_password, verify_password
from waypost.application.accounts.schemas import Signup
from waypost.application.accounts.service import add_user, record
from waypost.application.context import Context, Principal
from waypost.application.revisions import bump
from waypost.application.work import ANONYMOUS, open_context
from waypost.information.models import HubRow, SessionRow, UserRow
from waypost.information.repos.accounts import AccountRepo
from waypost.kit.crypto import Secret, random_token, sha256_hex
from waypost.kit.ids import new_id
from waypost.kit.text import shorten

if TYPE_CHECKING:
    from waypost.application.parts import Parts


_SPENT = "This link was used, has expired, or never was."


@dataclass(frozen=True, slots=True)
class Client:
    """Where a sign-in comes from."""

    address: str
    user_agent: str = ""
    request_id: str = ""


async def by_password(parts: Parts, *, email: str, password: str, client: Client) -> Secret:
    """A session cookie's value. SignInRefused for any wrong pair, after the same work; TooManyAttempts."""
    async with open_context(parts, ANONYMOUS, write=True, request_id=client.request_id) as ctx:
        await throttle.count_attempt(ctx, email=email, address=client.address)
        found = await AccountRepo(ctx.session).user_by_email(email)
        await ctx.uow.commit()
    matches = await verify_password(found.user.password_hash if found else "", password)
    if found is None or not matches or found.user.state != "active":
        raise SignInRefused
    principal = Principal(kind="user", id=found.user.id, name=found.entity.name)
    async with open_context(parts, principal, write=True, request_id=client.request_id) as ctx:
        await throttle.take_back(ctx, email=email, address=client.address)
        user = await _still_same(ctx, found.user)
        token = await _begin(ctx, user, client, method="password")
        await ctx.uow.commit()
    return token


async def _still_same(ctx: Context, seen: UserRow) -> UserRow:
    """Disabled, or given another password, while this one was verified: refused."""
    user = await ctx.session.get(UserRow, seen.id)
    if user is None or user.state != "active" or user.password_hash != seen.password_hash:
        raise SignInRefused
    return user


async def by_one_time_token(parts: Parts, *, token: str, client: Client) -> Secret:
    """A session cookie's value; the link is spent, and a password has to be set next. SignInRefused."""
    async with open_context(parts, ANONYMOUS, write=False) as ctx:
        row = await AccountRepo(ctx.session).one_time_login(sha256_hex(token))
    if row is None:
        raise SignInRefused(_SPENT)
    principal = Principal(kind="user", id=row.user_id)
    async with open_context(parts, principal, write=True, request_id=client.request_id) as ctx:
        return await _redeem(ctx, token, client)


async def _redeem(ctx: Context, token: str, client: Client) -> Secret:
    row = await AccountRepo(ctx.session).one_time_login(sha256_hex(token), lock=True)
    user = await ctx.session.get(UserRow, row.user_id) if row else None
    now = ctx.clock.now()
    if row is None or user is None or user.state != "active" or row.used_at or row.expires_at <= now:
        raise SignInRefused(_SPENT)
    row.used_at = now
    if user.password_hash:
        user.password_hash = ""  # the link is also the way back in for who lost the password
        bump(ctx, user)
    # Whoever was signed in could choose the password, which is asked for without the one before.
    await AccountRepo(ctx.session).end_sessions(user.id)
    value = await _begin(ctx, user, client, method="one_time_link")
    await ctx.uow.commit()
    return value


async def by_sign_up(parts: Parts, new: Signup, *, client: Client) -> None:
    """A new account, unless the e-mail has one: who asks is not told. SignUpClosed, PasswordTooWeak, TooManyAttempts.

    Both ways take the same time, as near as can be: a password is hashed, and rows are written. The account's owner
    finds the attempt among the account's events.
    """
    async with open_context(parts, ANONYMOUS, write=True, request_id=client.request_id) as ctx:
        hub = await ctx.session.get_one(HubRow, "hub")
        if hub.signup != "open":
            raise SignUpClosed
        check_password(new.password, email=new.email, name=new.name)
        await throttle.count_attempt(ctx, email="", address=client.address)
        await ctx.uow.commit()
    password_hash = await hash_password(new.password)
    async with open_context(parts, ANONYMOUS, write=True, request_id=client.request_id) as ctx:
        known = await AccountRepo(ctx.session).user_by_email(new.email)
        if known is None:
            made = await add_user(ctx, email=new.email, name=new.name, hub_role="member")
            made.user.password_hash = password_hash
        else:
            user_id = known.user.id
            await record(ctx, "user.sign_up_again", user_id, {})
        await ctx.uow.commit()


async def _begin(ctx: Context, user: UserRow, client: Client, *, method: str) -> Secret:
    now = ctx.clock.now()
    token = random_token("ses")
    row = SessionRow(
        id=new_id("ses"),
        user_id=user.id,
        token_hash=sha256_hex(token),
        csrf_hash=sha256_hex(random_token("csrf")),
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=ctx.parts.limits.session_seconds),
        user_agent=shorten(client.user_agent, 300),
        address=client.address[:64],
    )
    ctx.session.add(row)
    user.last_login_at = now
    data = {"method": method, "session_id": row.id}
    await record(ctx, "session.created", user.id, data)
    return Secret(token)


async def sign_out(ctx: Context) -> None:
    """End the caller's own session; nothing to do for access tokens."""
    row = await ctx.session.get(SessionRow, ctx.principal.session_id)
    if row is None:
        return
    await ctx.session.delete(row)
    await record(ctx, "session.ended", ctx.principal.id, {"session_id": row.id})
