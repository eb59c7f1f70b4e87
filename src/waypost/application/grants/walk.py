"""Grants of a whole API, brought in line some at a time."""

from __future__ import annotations

from waypost.application.context import Context
from waypost.application.grants.service import GrantService
from waypost.information.models import BacklogRow
from waypost.information.repos.grants import GrantRepo, GrantScope

AT_ONCE = 300
SETTLED = "grant.settled"


async def settle_more(ctx: Context, work: BacklogRow) -> str | None:
    """The next grants of an API (on one gateway, or on all). Each step has a revision of its own, so that
    gateways that follow meanwhile hear of every step."""
    after = work.cursor.partition(" ")
    pairs = await GrantRepo(ctx.session).pairs(work.api_id, after=(after[0], after[2]), limit=AT_ONCE)
    if pairs is None:
        return None
    scope = GrantScope(api_id=work.api_id, gateway_id=work.gateway_id or None, among=pairs)
    data = {"api_id": work.api_id, "gateway_id": work.gateway_id}
    revision = await ctx.uow.record(SETTLED, object_kind="api", object_id=work.api_id, data=data)
    await GrantService().reconcile(ctx, revision=revision, scope=scope)
    return " ".join(pairs.last)
