"""Changes that are no policies may ask of an engine what it cannot do as well: refused by name before they are kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from waypost.application.context import Context
from waypost.application.gateways.capabilities import lack_error, lacking
from waypost.application.gateways.errors import CapabilityMissing
from waypost.application.gateways.reading import cache_aside, read_compiled
from waypost.information.models import GatewayRow
from waypost.information.repos.gateways import DeploymentRepo
from waypost.kit.errors import FieldError

_MOST_NAMED = 10


@asynccontextmanager
async def still_able(
    ctx: Context, api_ids: Collection[str] = (), *, gateway: GatewayRow | None = None
) -> AsyncIterator[None]:
    """What is done inside leaves the gateways of these APIs (or one gateway) able to do what their APIs ask.

    Raises CapabilityMissing for what was not missing before.
    """
    known = await _missing(ctx, api_ids, gateway)
    yield
    await ctx.session.flush()
    found = await _missing(ctx, api_ids, gateway)
    news = [error for place, error in found.items() if place not in known]
    if news:
        raise CapabilityMissing(news[0].message, errors=news[:_MOST_NAMED])


async def _missing(
    ctx: Context, api_ids: Collection[str], gateway: GatewayRow | None
) -> dict[tuple[str, str, str], FieldError]:
    gateways: Sequence[GatewayRow] = [gateway] if gateway else await DeploymentRepo(ctx.session).gateways_of(api_ids)
    found: dict[tuple[str, str, str], FieldError] = {}
    cache = cache_aside()
    for row in gateways:
        compiled = await read_compiled(ctx, row.id, api_ids=None if gateway else api_ids, cache=cache)
        for api in (item.ir for key, item in compiled.apis.items() if gateway or key in api_ids):
            for lack in lacking(api, row):
                found[row.id, api.id, lack.capability] = lack_error(lack, row)
    return found
