"""Credentials: made, rotated with an overlap, revoked, expired. The value is shown once and then only sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from waypost.application import access
from waypost.application.apps.errors import (
    BadExpiry,
    CredentialEnded,
    CredentialRotating,
    CredentialTaken,
    NothingToRotate,
    TooManyCredentials,
)
from waypost.application.apps.material import Material, make_material
from waypost.application.apps.proofs import seal_challenge
from waypost.application.apps.schemas import (
    ChallengeRead,
    CredentialCreate,
    CredentialCreated,
    CredentialRead,
    CredentialRotate,
    CredentialRotated,
)
from waypost.application.apps.service import AppService
from waypost.application.context import Context
from waypost.application.grants.kinds import AppCredentialKind
from waypost.application.grants.service import GrantService
from waypost.application.oauth.identity import TOKEN_PATH, hub_issuer
from waypost.contracts.vocab import CredentialState
from waypost.information.models import AppRow, CredentialRow
from waypost.information.repos.apps import AppRepo, CredentialRepo
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.paging import paginate
from waypost.kit.crypto import sha256_hex
from waypost.kit.errors import FieldError, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

SORTS = {"created_at": CredentialRow.created_at, "name": CredentialRow.name}
MAX_WORKING = 1000
ENDED = (CredentialState.REVOKED, CredentialState.TAKEN_OVER)
"""Whatever becomes of its time."""


class CredentialService:
    """Stateless; every change reaches the gateways through grants."""

    async def list(self, ctx: Context, app_id: str, *, page: PageRequest) -> Page[CredentialRead]:
        """An app's credentials, newest first, ended ones too."""
        app = await AppService().require(ctx, app_id, "apps:read")
        listing = CredentialRepo(ctx.session).listing(app_id)
        found = await paginate(ctx.session, listing, page=page, sort_columns=SORTS, id_column=CredentialRow.id)
        return Page([_read(ctx, row, app) for row in found.items], found.next_cursor)

    async def create(self, ctx: Context, app_id: str, body: CredentialCreate) -> CredentialCreated:
        """A new credential; one that is proven takes over from one that is not.

        Raises what ``make_material`` does, and BadExpiry, CredentialTaken, TooManyCredentials.
        """
        app = await AppService().require(ctx, app_id, "apps:write")
        now = ctx.clock.now()
        if body.expires_at is not None and body.expires_at <= now:
            raise BadExpiry(errors=[FieldError("/expires_at", "this lies in the past")])
        counts = await AppRepo(ctx.session).credentials_count([app_id], now=now)
        if counts.get(app_id, 0) >= MAX_WORKING:
            raise TooManyCredentials(f"An app may have {MAX_WORKING} credentials that work.")
        material = await make_material(ctx, app_id, body)
        row = await _add(ctx, app, body.kind, material, name=body.name, expires_at=body.expires_at)
        seq = await _record(ctx, "credential.created", row, app, {"proven": row.proven})
        await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))
        return CredentialCreated(**_shown(ctx, row, app, material))

    async def challenge(self, ctx: Context, app_id: str) -> ChallengeRead:
        """What a certificate's key signs for a credential of this app; nothing is stored."""
        await AppService().require(ctx, app_id, "apps:write")
        challenge, ends_at = seal_challenge(ctx, app_id)
        return ChallengeRead(challenge=challenge, ends_at=ends_at, audience=hub_issuer(ctx.parts.public_url))

    async def rotate(self, ctx: Context, credential_id: str, body: CredentialRotate) -> CredentialRotated:
        """A new one beside the old one, which ends after the overlap.

        Raises as :meth:`create`, and CredentialEnded, CredentialRotating, NothingToRotate.
        """
        old, app = await self._require(ctx, credential_id)
        self._check_rotation(ctx, old, body.overlap_seconds)
        kind = AppCredentialKind(old.kind)
        wanted = CredentialCreate(kind=kind, **body.model_dump(exclude={"overlap_seconds"}))
        material = await make_material(ctx, app.id, wanted)
        lasts_until = None if kind is AppCredentialKind.CERTIFICATE else _same_lifetime(ctx, old)
        new = await _add(ctx, app, kind, material, name=old.name, expires_at=lasts_until)
        await _record(ctx, "credential.created", new, app, {"proven": new.proven})
        old.replaced_by = new.id
        if old.state not in ENDED:  # it was its own successor, with a proof
            self._end_after(ctx, old, body.overlap_seconds)
        data = {"replaced_by": new.id, "overlap_seconds": body.overlap_seconds}
        seq = await _record(ctx, "credential.rotated", old, app, data)
        for credential in (old, new):
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=credential.id))
        return CredentialRotated(**_shown(ctx, new, app, material), old=_read(ctx, old, app))

    async def revoke(self, ctx: Context, credential_id: str) -> CredentialRead:
        """End a credential now. Revoking it again changes nothing."""
        row, app = await self._require(ctx, credential_id)
        if row.state not in ENDED:
            _revoke(ctx, row)
            seq = await _record(ctx, "credential.revoked", row, app)
            await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))
        return _read(ctx, row, app)

    async def expire_due(self, ctx: Context) -> int:
        """End the credentials whose time has come; how many. The agents ended them by themselves already."""
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
        if old.kind == AppCredentialKind.EXTERNAL_CLIENT:
            raise NothingToRotate
        longest = ctx.parts.limits.rotation_overlap_max_seconds
        if overlap_seconds > longest:
            raise BadExpiry(errors=[FieldError("/overlap_seconds", f"this must be {longest} or less")])

    def _end_after(self, ctx: Context, old: CredentialRow, overlap_seconds: int) -> None:
        if overlap_seconds == 0:
            _revoke(ctx, old)
            return
        ends_at = ctx.clock.now() + timedelta(seconds=overlap_seconds)
        old.state = CredentialState.ROTATING
        old.expires_at = min(ends_at, old.expires_at) if old.expires_at else ends_at


def shown_state(row: CredentialRow, now: datetime) -> str:
    """The state as of now: a credential whose end has come is expired, whether or not the job has been there."""
    ended = row.expires_at is not None and row.expires_at <= now
    return CredentialState.EXPIRED if ended and row.state not in ENDED else row.state


async def _add(
    ctx: Context, app: AppRow, kind: AppCredentialKind, material: Material, *, name: str, expires_at: datetime | None
) -> CredentialRow:
    """The row of new material; whoever only said so far that its value is theirs gives it up.

    Raises CredentialTaken.
    """
    digest = sha256_hex(material.value.reveal())
    holder = await CredentialRepo(ctx.session).holder(digest)
    if holder is not None:
        await _take_over(ctx, *holder, is_proven=material.proven)
    ends = [moment for moment in (expires_at, material.ends_at) if moment is not None]
    row = CredentialRow(
        id=new_id("cred"),
        app_id=app.id,
        kind=kind,
        name=name,
        prefix=material.prefix,
        identifier=material.identifier,
        issuer_url=material.issuer_url,
        subject=material.subject,
        key_sha256=digest,
        secret_sha256=material.secret_sha256,
        sealed=ctx.parts.keyring.seal(material.value),
        state=CredentialState.ACTIVE,
        proven=material.proven,
        expires_at=min(ends, default=None),
        created_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    return row


async def _take_over(ctx: Context, row: CredentialRow, app: AppRow, *, is_proven: bool) -> None:
    """End the credential of who holds a value without proof. Raises CredentialTaken, which names the app to its own."""
    if row.proven or not is_proven:
        is_seen = access.can(ctx, "apps:read", owner_id=app.owner_id)
        raise CredentialTaken(f"The app {app.name} ({app.id}) holds it as {row.id}." if is_seen else "")
    _revoke(ctx, row)
    row.state = CredentialState.TAKEN_OVER
    seq = await _record(ctx, "credential.taken_over", row, app, {"reason": "proof_shown"})
    await GrantService().reconcile(ctx, revision=seq, scope=GrantScope(credential_id=row.id))


def _same_lifetime(ctx: Context, old: CredentialRow) -> datetime | None:
    """From now on; a key that ends with year 9999, which is how some say "never", ends there again."""
    if old.expires_at is None:
        return None
    now = ctx.clock.now()
    return now + min(old.expires_at - old.created_at, datetime.max.replace(tzinfo=UTC) - now)


def _revoke(ctx: Context, row: CredentialRow) -> None:
    row.state = CredentialState.REVOKED
    row.revoked_at = ctx.clock.now()


async def _record(ctx: Context, kind: str, row: CredentialRow, app: AppRow, data: dict[str, Any] | None = None) -> int:
    facts = {"app_id": app.id, "kind": row.kind, "prefix": row.prefix, **(data or {})}
    return await ctx.uow.record(kind, object_kind="credential", object_id=row.id, owner_id=app.owner_id, data=facts)


def _shown(ctx: Context, row: CredentialRow, app: AppRow, material: Material) -> dict[str, Any]:
    """With the secrets, this once; what the kind does not have is empty."""
    given = {name: value.reveal() for name, value in material.shown.items()}
    if row.kind == AppCredentialKind.OAUTH_CLIENT:
        given["token_url"] = hub_issuer(ctx.parts.public_url) + TOKEN_PATH
    own = CredentialCreated.model_fields.keys() - CredentialRead.model_fields.keys()
    return {**_read(ctx, row, app).model_dump(), **dict.fromkeys(own, ""), **given}


def _read(ctx: Context, row: CredentialRow, app: AppRow) -> CredentialRead:
    state = shown_state(row, ctx.clock.now())
    working = state in (CredentialState.ACTIVE, CredentialState.ROTATING)
    verbs = {"revoke": "apps:write"} if working else {}
    if state == CredentialState.ACTIVE and row.kind != AppCredentialKind.EXTERNAL_CLIENT:
        verbs = {"rotate": "apps:write", **verbs}
    return CredentialRead(
        id=row.id,
        app_id=row.app_id,
        kind=AppCredentialKind(row.kind),
        name=row.name,
        prefix=row.prefix,
        identifier=row.identifier,
        issuer=row.issuer_url,
        subject=row.subject,
        proven=row.proven,
        state=state,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
        created_at=row.created_at,
        may=access.may(ctx, app.owner_id, verbs),
    )
