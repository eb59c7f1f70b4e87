"""What people do with their own account: profile, password, new access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from waypost.application import access
from waypost.application.accounts import throttle
from waypost.application.accounts.authentication import csrf_token
from waypost.application.accounts.errors import PasswordWrong, ScopeTooWide
from waypost.application.accounts.passwords import check_password, hash_password, verify_password
from waypost.application.accounts.schemas import (
    Membership,
    MeUpdate,
    PasswordChange,
    SessionRead,
    TokenCreate,
    TokenCreated,
    UserRead,
)
from waypost.application.accounts.service import add_token, apply_profile, read_user, record
from waypost.application.accounts.ways_in import read_token
from waypost.application.context import Context, Principal
from waypost.application.revisions import bump
from waypost.application.work import open_context
from waypost.information.models import SessionRow
from waypost.information.repos.accounts import AccountRepo, UserWithEntity
from waypost.information.repos.entities import EntityRepo
from waypost.kit.errors import FieldError, Forbidden, Invalid, NotFound, Unauthenticated

if TYPE_CHECKING:
    from waypost.application.parts import Parts

_SIGN_IN = "Sign in to change it."


class MeService:
    """The caller's own account."""

    async def session(self, ctx: Context) -> SessionRead:
        """Who is signed in, with what they may do. Raises Unauthenticated."""
        principal = access.require_user(ctx)
        found = await _me(ctx)
        row = await ctx.session.get(SessionRow, principal.session_id) if principal.session_id else None
        teams = await EntityRepo(ctx.session).teams_of(principal.id)
        own = access.HUB_ROLES.get(principal.hub_role, frozenset()) | access.PERSONAL_PERMISSIONS
        return SessionRead(
            user=read_user(ctx, found),
            csrf_token=csrf_token(row) if row else "",
            hub_role=principal.hub_role,
            memberships=[
                Membership(team_id=team.id, team_slug=team.slug, team_name=team.name, role=team.role) for team in teams
            ],
            must_set_password=not found.user.password_hash,
            permissions=[
                name for name in sorted(own) if principal.scopes is None or access.scope_of(name) in principal.scopes
            ],
        )

    async def update(self, ctx: Context, change: MeUpdate) -> UserRead:
        """Raises EmailTaken, which :func:`count_email_change` keeps from being asked at will."""
        access.require(ctx, "account:write", owner_id=ctx.principal.id)
        found = await _me(ctx)
        await apply_profile(ctx, found, name=change.name, email=change.email)
        bump(ctx, found.user)
        await record(ctx, "user.updated", ctx.principal.id, {"changed": sorted(change.model_dump(exclude_unset=True))})
        return read_user(ctx, found)

    async def create_token(self, ctx: Context, new: TokenCreate) -> TokenCreated:
        """A new access token; one that a token makes has no more scopes, and ends with it or before.

        Raises ScopeTooWide, Invalid for an end in the past or after the token's own, and Unauthenticated where that
        was revoked a moment ago.
        """
        access.require(ctx, "account:write", owner_id=ctx.principal.id)
        held = ctx.principal.scopes
        if held is not None and not set(new.scopes) <= held:
            raise ScopeTooWide
        ends_at = _end_of_new_token(ctx, new.expires_at)
        maker = ctx.principal.token_id or None
        if maker and await AccountRepo(ctx.session).access_token(maker) is None:
            raise Unauthenticated("This access token has just been revoked.")
        row, value = await add_token(
            ctx, ctx.principal.id, name=new.name, scopes=new.scopes, expires_at=ends_at, made_with=maker
        )
        return TokenCreated(**read_token(row).model_dump(), token=value.reveal())


async def count_email_change(parts: Parts, principal: Principal, change: MeUpdate) -> None:
    """Who changes their e-mail learns whether another one has an account: so it is counted like a sign-in.

    Raises TooManyAttempts; Forbidden for an access token, which could take the account over for good.
    """
    if change.email is None:
        return
    async with open_context(parts, principal, write=True) as ctx:
        access.require(ctx, "account:write", owner_id=principal.id)
        if change.email == (await _me(ctx)).user.email:
            return
        if principal.scopes is not None:
            raise Forbidden("An e-mail is changed in a session, not with an access token.", hint=_SIGN_IN)
        await throttle.count_attempt(ctx, email=principal.id, address=principal.id)
        await ctx.uow.commit()


async def change_password(parts: Parts, principal: Principal, change: PasswordChange, *, address: str) -> None:
    """Set the caller's password and sign their other browsers out.

    Raises PasswordWrong, PasswordTooWeak, TooManyAttempts. Not by access token: what one could set with it would
    outlive its revocation.
    """
    async with open_context(parts, principal, write=True) as ctx:
        found = await _password_owner(ctx)
        check_password(change.new_password, email=found.user.email, name=found.entity.name)
        present = found.user.password_hash
        if present:
            await throttle.count_attempt(ctx, email=found.user.email, address=address)
            await ctx.uow.commit()
    if present and not await verify_password(present, change.current_password or ""):
        raise PasswordWrong
    fresh = await hash_password(change.new_password)
    async with open_context(parts, principal, write=True) as ctx:
        found = await _password_owner(ctx)
        if found.user.password_hash != present:
            raise PasswordWrong("It was changed in the meantime.")
        await throttle.take_back(ctx, email=found.user.email, address=address)
        found.user.password_hash = fresh
        bump(ctx, found.user)
        await AccountRepo(ctx.session).end_sessions(principal.id, keep=principal.session_id)
        await record(ctx, "user.password_changed", ctx.principal.id, {})
        await ctx.uow.commit()


async def _password_owner(ctx: Context) -> UserWithEntity:
    if access.require_user(ctx).scopes is not None:
        raise Forbidden("A password is changed in a session, not with an access token.", hint=_SIGN_IN)
    return await _me(ctx)


async def _me(ctx: Context) -> UserWithEntity:
    found = await AccountRepo(ctx.session).user(ctx.principal.id)
    if found is None:
        raise NotFound
    return found


def _end_of_new_token(ctx: Context, wanted: datetime | None) -> datetime | None:
    latest = ctx.principal.ends_at
    if wanted is None:
        return latest
    if wanted <= ctx.clock.now():
        raise _bad_end("It is in the past.")
    if latest is not None and wanted > latest:
        raise _bad_end(f"The token that makes it ends at {latest.isoformat()}: this one cannot last longer.")
    return wanted


def _bad_end(message: str) -> Invalid:
    return Invalid(message, errors=[FieldError("/expires_at", message)])
