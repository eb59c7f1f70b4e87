"""Rotating the hub's signing keys: by the calendar, and by an administrator's word."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from waypost.application import access
from waypost.application.context import Context
from waypost.application.oauth.signing_keys import LEAD, ROTATE_AFTER, drop_key, ensure_signing_key, make_key
from waypost.information.models import SigningKeyRow
from waypost.information.repos.issuers import SigningKeyRepo


class SigningKeyRotate(BaseModel):
    """How the next key follows."""

    model_config = ConfigDict(extra="forbid")

    lead_seconds: StrictInt = Field(
        default=int(LEAD.total_seconds()), ge=0, le=7 * 86_400, description="How long it is published before it signs."
    )
    drop_old: StrictBool = Field(
        default=False,
        description="For a key that leaked: the new one signs at once, tokens of all older ones are refused.",
    )


class SigningKeyRead(BaseModel):
    """A signing key; its private half is never shown."""

    id: str = Field(description="Its `kid`.")
    algorithm: str = Field(examples=["ES256"])
    state: str = Field(description="next, signing or retiring.", examples=["signing"])
    signs_from: datetime
    published_until: datetime | None
    created_at: datetime


class SigningKeyService:
    """For administrators, except ``keep``, which the hub runs itself."""

    async def published(self, ctx: Context) -> list[SigningKeyRead]:
        """The published keys, the newest first."""
        access.require(ctx, "hub:write")
        return await self._read(ctx)

    async def rotate(self, ctx: Context, body: SigningKeyRotate) -> list[SigningKeyRead]:
        """A new key; the published keys after it."""
        access.require(ctx, "hub:write")
        if body.drop_old:
            for row in await SigningKeyRepo(ctx.session).published(ctx.clock.now()):
                await drop_key(ctx, row)
        lead = 0 if body.drop_old else body.lead_seconds
        await make_key(ctx, signs_from=ctx.clock.now() + timedelta(seconds=lead))
        return await self._read(ctx)

    async def keep(self, ctx: Context) -> None:
        """Make the first key, the next one in time, and forget those whose last token has expired."""
        now, repo = ctx.clock.now(), SigningKeyRepo(ctx.session)
        await ensure_signing_key(ctx)
        newest = (await repo.published(now))[0]
        if newest.signs_from + ROTATE_AFTER - LEAD <= now:
            await make_key(ctx, signs_from=now + LEAD)
        for row in await repo.over(now):
            await drop_key(ctx, row)

    async def _read(self, ctx: Context) -> list[SigningKeyRead]:
        now = ctx.clock.now()
        rows = await SigningKeyRepo(ctx.session).published(now)
        signing = next((row.id for row in rows if row.signs_from <= now), "")
        return [_read(row, now, signing) for row in rows]


def _read(row: SigningKeyRow, now: datetime, signing: str) -> SigningKeyRead:
    state = "signing" if row.id == signing else "next" if row.signs_from > now else "retiring"
    return SigningKeyRead(
        id=row.id,
        algorithm=row.algorithm,
        state=state,
        signs_from=row.signs_from,
        published_until=row.published_until,
        created_at=row.created_at,
    )
