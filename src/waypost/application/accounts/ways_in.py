"""What people come in by: access tokens and signed-in browsers, seen and ended by themselves or by administrators."""

from __future__ import annotations

from waypost.application import access
from waypost.application.accounts.schemas import SessionInfo, TokenRead
from waypost.application.accounts.service import record
from waypost.application.context import Context
from waypost.information.models import AccessTokenRow, SessionRow
from waypost.information.repos.accounts import AccountRepo
from waypost.information.repos.paging import paginate
from waypost.kit.errors import NotFound
from waypost.kit.paging import Page, PageRequest


class WaysInService:
    """One person's ways in: their own, or anybody's for administrators; auditors see them."""

    async def tokens(self, ctx: Context, user_id: str, *, page: PageRequest) -> Page[TokenRead]:
        """Their access tokens, without the values."""
        await _require(ctx, user_id, "read")
        found = await paginate(
            ctx.session,
            AccountRepo(ctx.session).access_tokens_of(user_id),
            page=page,
            sort_columns={"created_at": AccessTokenRow.created_at, "name": AccessTokenRow.name},
            id_column=AccessTokenRow.id,
        )
        return Page([read_token(row) for row in found.items], found.next_cursor)

    async def delete_token(self, ctx: Context, user_id: str, token_id: str) -> None:
        """Revoke one access token, and with it all that were made with it."""
        await _require(ctx, user_id, "write")
        repo = AccountRepo(ctx.session)
        row = await repo.access_token(token_id)
        if row is None or row.user_id != user_id:
            raise NotFound
        data = {"prefix": row.prefix, "name": row.name, "made_with_it": await repo.tokens_made_with(token_id)}
        await ctx.session.delete(row)
        await ctx.uow.record(
            "access_token.deleted", object_kind="access_token", object_id=token_id, owner_id=user_id, data=data
        )

    async def delete_tokens(self, ctx: Context, user_id: str) -> None:
        """Revoke all access tokens."""
        await _require(ctx, user_id, "write")
        await record(ctx, "user.tokens_revoked", user_id, await AccountRepo(ctx.session).end(user_id, ["tokens"]))

    async def sessions(self, ctx: Context, user_id: str) -> Page[SessionInfo]:
        """Their signed-in browsers, the newest first."""
        await _require(ctx, user_id, "read")
        rows = await AccountRepo(ctx.session).sessions_of(user_id)
        now = ctx.clock.now()
        return Page([_read_session(ctx, row) for row in rows if row.expires_at > now])

    async def end_session(self, ctx: Context, user_id: str, session_id: str) -> None:
        """Sign one browser out."""
        await _require(ctx, user_id, "write")
        row = await ctx.session.get(SessionRow, session_id)
        if row is None or row.user_id != user_id:
            raise NotFound
        await ctx.session.delete(row)
        await record(ctx, "session.ended", user_id, {"session_id": session_id})

    async def end_sessions(self, ctx: Context, user_id: str) -> None:
        """Sign all browsers out; a one-time link that was not used signs nobody in any more."""
        await _require(ctx, user_id, "write")
        ended = await AccountRepo(ctx.session).end(user_id, ["sessions", "one_time_logins"])
        await record(ctx, "user.signed_out", user_id, ended)


async def _require(ctx: Context, user_id: str, verb: str) -> None:
    if user_id == ctx.principal.id:
        access.require(ctx, f"account:{verb}", owner_id=user_id)
        return
    access.require(ctx, f"users:{verb}", owner_id=user_id, visible=access.can(ctx, "users:read"))
    if await AccountRepo(ctx.session).user(user_id) is None:
        raise NotFound


def read_token(row: AccessTokenRow) -> TokenRead:
    """The schema of an access token."""
    return TokenRead(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
    )


def _read_session(ctx: Context, row: SessionRow) -> SessionInfo:
    return SessionInfo(
        id=row.id,
        current=row.id == ctx.principal.session_id,
        address=row.address,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
