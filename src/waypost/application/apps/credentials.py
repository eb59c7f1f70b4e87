"""Credentials: made, rotated with an overlap, revoked, expired. The value is shown once and then only sealed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from waypost.application import access
from waypost.application.apps.errors import BadExpiry, CredentialEnded, CredentialRotating, TooManyCredentials
from waypost.application.apps.keys import new_key, visible_prefix
from waypost.application.apps.schemas import (
    CredentialCreate,
    CredentialCreated,
    CredentialRead,
    CredentialRotate,
    CredentialRotated,
)
from waypost.application.apps.service import AppService
from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.contracts.vocab import CredentialState
from waypost.information.models import AppRow, CredentialRow
from waypost.information.repos.apps import AppRepo, CredentialRepo
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.paging import paginate
from waypost.kit.crypto import Secret, sha256_hex
from waypost.kit.errors import FieldError, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

SORTS = {"created_at": CredentialRow.created_at, "name": CredentialRow.name}
MAX_WORKING = 1000


class CredentialService:
    """Stateless; every change reaches the gateways through grants."""

    async def list(self, ctx: Context, app_id: str, *, page: PageRequest) -> Page[CredentialRead]:
        """An app's keys, newest first, ended ones too."""
        app = await AppService().require(ctx, app_id, "apps:read")
        listing = CredentialRepo(ctx.session).listing(app_id)
        found = await paginate(ctx.session, listing, page=page, sort_columns=SORTS, id_column=CredentialRow.id)
        return Page([_read(ctx, row, app) for row in found.items], found.next_cursor)

    async def create(self, ctx: Context, app_id: str, body: CredentialCreate) -> CredentialCreated:
        """A new key. Raises BadExpiry, TooManyCredentials."""
        app = await AppService().require(ctx, app_id, "apps:write")
        now = ctx.clock.now()
        if body.expires_at is not None and body.expires_at <= now:
            raise BadExpiry(errors=[FieldError("/expires_at", "lies in the past")])
        counts = await AppRepo(ctx.session).credentials_count([app_id], now=now)
        if counts.get(app_id, 0) >= MAX_WORKING:
            raise TooManyCredentials(f"An app may have {MAX_WORKING} keys that work.")
        row, key = _new(ctx, app, name=body.name, expires_at=body.expires_at)
        ctx.session.add(row)
        seq = await _record(ctx, "credential.created", row, app)
        await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))
        return CredentialCreated(**_read(ctx, row, app).model_dump(), key=key.reveal())

    async def rotate(self, ctx: Context, credential_id: str, body: CredentialRotate) -> CredentialRotated:
        """A new key beside the old one, which ends after the overlap. Raises CredentialEnded, BadExpiry."""
        old, app = await self._require(ctx, credential_id)
        self._check_rotation(ctx, old, body.overlap_seconds)
        new, key = _new(ctx, app, name=old.name, expires_at=_same_lifetime(ctx, old))
        ctx.session.add(new)
        await _record(ctx, "credential.created", new, app)
        old.replaced_by = new.id
        self._end_after(ctx, old, body.overlap_seconds)
        data = {"replaced_by": new.id, "overlap_seconds": body.overlap_seconds}
        seq = await _record(ctx, "credential.rotated", old, app, data)
        for credential in (old, new):
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=credential.id))
        made = _read(ctx, new, app).model_dump()
        return CredentialRotated(**made, key=key.reveal(), old=_read(ctx, old, app))

    async def revoke(self, ctx: Context, credential_id: str) -> CredentialRead:
        """End a key now. Revoking it again changes nothing."""
        row, app = await self._require(ctx, credential_id)
        if row.state != CredentialState.REVOKED:
            _revoke(ctx, row)
            seq = await _record(ctx, "credential.revoked", row, app)
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))
        return _read(ctx, row, app)

    async def expire_due(self, ctx: Context) -> int:
        """End the keys whose time has come; how many. The agents ended them by themselves already."""
        due = await CredentialRepo(ctx.session).due(ctx.clock.now())
        for row, app in due:
            row.state = CredentialState.EXPIRED
            seq = await _record(ctx, "credential.expired", row, app)
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))
        return len(due)

    async def _require(self, ctx: Context, credential_id: str) -> tuple[CredentialRow, AppRow]:
        access.require_user(ctx)
        found = await CredentialRepo(ctx.session).with_app(credential_id)
        if found is None:
            raise NotFound
        access.require(ctx, "apps:write", owner_id=found[1].owner_id)
        return found

    def _check_rotation(self, ctx: Context, old: CredentialRow, overlap_seconds: int) -> None:
        state = shown_state(old, ctx.clock.now())
        if state == CredentialState.ROTATING:
            raise CredentialRotating
        if state != CredentialState.ACTIVE:
            raise CredentialEnded
        longest = ctx.parts.limits.rotation_overlap_max_seconds
        if overlap_seconds > longest:
            raise BadExpiry(errors=[FieldError("/overlap_seconds", f"at most {longest}")])

    def _end_after(self, ctx: Context, old: CredentialRow, overlap_seconds: int) -> None:
        if overlap_seconds == 0:
            _revoke(ctx, old)
            return
        ends_at = ctx.clock.now() + timedelta(seconds=overlap_seconds)
        old.state = CredentialState.ROTATING
        old.expires_at = min(ends_at, old.expires_at) if old.expires_at else ends_at


def shown_state(row: CredentialRow, now: datetime) -> str:
    """The state as of now: a key whose end has come is expired, whether or not the job has been there."""
    ended = row.expires_at is not None and row.expires_at <= now
    return CredentialState.EXPIRED if ended and row.state != CredentialState.REVOKED else row.state


def _new(ctx: Context, app: AppRow, *, name: str, expires_at: datetime | None) -> tuple[CredentialRow, Secret]:
    key = new_key()
    row = CredentialRow(
        id=new_id("cred"),
        app_id=app.id,
        name=name,
        prefix=visible_prefix(key),
        key_sha256=sha256_hex(key.reveal()),
        sealed=ctx.parts.keyring.seal(key.reveal()),
        state=CredentialState.ACTIVE,
        expires_at=expires_at,
        created_at=ctx.clock.now(),
    )
    return row, key


def _same_lifetime(ctx: Context, old: CredentialRow) -> datetime | None:
    return None if old.expires_at is None else ctx.clock.now() + (old.expires_at - old.created_at)


def _revoke(ctx: Context, row: CredentialRow) -> None:
    row.state = CredentialState.REVOKED
    row.revoked_at = ctx.clock.now()


async def _record(ctx: Context, kind: str, row: CredentialRow, app: AppRow, data: dict[str, Any] | None = None) -> int:
    facts = {"app_id": app.id, "prefix": row.prefix, **(data or {})}
    return await ctx.uow.record(kind, object_kind="credential", object_id=row.id, owner_id=app.owner_id, data=facts)


def _read(ctx: Context, row: CredentialRow, app: AppRow) -> CredentialRead:
    state = shown_state(row, ctx.clock.now())
    working = state in (CredentialState.ACTIVE, CredentialState.ROTATING)
    verbs = {"revoke": "apps:write"} if working else {}
    if state == CredentialState.ACTIVE:
        verbs = {"rotate": "apps:write", **verbs}
    return CredentialRead(
        id=row.id,
        app_id=row.app_id,
        name=row.name,
        prefix=row.prefix,
        state=state,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
        created_at=row.created_at,
        may=access.may(ctx, app.owner_id, verbs),
    )
