"""When the hub's address changes, so does the name of its issuer: its clients' grants follow."""

from __future__ import annotations

from waypost.application.context import Context
from waypost.application.oauth.identity import client_value, hub_issuer
from waypost.information.models import CredentialRow
from waypost.information.repos.apps import CredentialRepo
from waypost.information.repos.grants import GrantRepo
from waypost.kit.crypto import sha256_hex


async def follow_issuer(ctx: Context) -> int:
    """Bring the hub's clients in line with what the hub is called now; how many were moved.

    Call it at start. Client ids and secrets stay; tokens under the former name are refused from then on.
    """
    issuer, repo, moved = hub_issuer(ctx.parts.public_url), CredentialRepo(ctx.session), 0
    while rows := await repo.clients_of_other_issuer(issuer):
        for row in rows:
            _move(ctx, row, issuer)
        revision = await ctx.uow.record(
            "credential.issuer_changed",
            object_kind="hub",
            object_id="hub",
            data={"issuer": issuer, "credentials": len(rows)},
        )
        await GrantRepo(ctx.session).touch([row.id for row in rows], revision=revision, now=ctx.clock.now())
        moved += len(rows)
    if moved:
        ctx.uow.after_commit(ctx.parts.changed.pulse)
    return moved


def _move(ctx: Context, row: CredentialRow, issuer: str) -> None:
    value = client_value(issuer, row.identifier)
    row.issuer_url = issuer
    row.key_sha256 = sha256_hex(value)
    row.sealed = ctx.parts.keyring.seal(value)
