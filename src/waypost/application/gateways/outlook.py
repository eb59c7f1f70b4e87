"""What publishing a version would meet on every gateway. It reads only.

What a gateway is told of an API hangs on which versions of it are there, so it is compiled once for each such set,
however many gateways there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from waypost.application.context import Context
from waypost.application.gateways.capabilities import Need, asked, degrading, lack_error, lacking
from waypost.application.gateways.errors import NotPublishable
from waypost.application.gateways.presence import gateway_state
from waypost.application.gateways.publishing import check_publishable, find_publishable
from waypost.application.gateways.reading import cache_aside, compile_rows, read_rows
from waypost.application.gateways.schemas import (
    DegradationRead,
    GatewayLack,
    GatewayOutlook,
    NeedRead,
    ObstacleRead,
    PublishingOutlook,
)
from waypost.contracts.ir import ApiIR
from waypost.information.models import GatewayRow
from waypost.information.repos.catalog import VersionAndApi
from waypost.information.repos.gateways import DeploymentRepo, GatewayRepo
from waypost.kit.errors import FieldError


@dataclass(frozen=True, slots=True)
class _Look:
    """The API as a gateway would be told it; None where it does not compile. What keeps it from being published."""

    ir: ApiIR | None
    obstacles: Sequence[FieldError]


async def publishing_outlook(ctx: Context, version_id: str) -> PublishingOutlook:
    """For whoever may publish the version; raises NotFound, Forbidden. The same checks as publishing makes."""
    found = await find_publishable(ctx, version_id)
    gateways = await GatewayRepo(ctx.session).by_name()
    there = await DeploymentRepo(ctx.session).versions_on(found.api.id)
    looks: dict[frozenset[str], _Look] = {}
    outlooks = []
    for gateway in gateways:
        own = there.get(gateway.id, frozenset())
        together = own | {found.version.id}
        if together not in looks:
            looks[together] = await _look(ctx, found, gateway)
        outlooks.append(_outlook(ctx, gateway, looks[together], published=found.version.id in own))
    is_open = any(look.ir and not look.ir.guarded for look in looks.values())
    return PublishingOutlook(needs=_needs(looks.values()), open=is_open, gateways=outlooks)


async def _look(ctx: Context, found: VersionAndApi, gateway: GatewayRow) -> _Look:
    rows = await read_rows(ctx, gateway.id, {found.api.id}, also=found.version.id)
    compiled = await compile_rows(ctx, rows, cache=cache_aside())
    made = compiled.apis.get(found.api.id)
    obstacles: Sequence[FieldError] = ()
    try:
        await check_publishable(ctx, found.api, found.version, compiled)
    except NotPublishable as refused:
        obstacles = refused.errors or (FieldError("", refused.detail, refused.way_out),)
    return _Look(made.ir if made else None, obstacles)


def _needs(looks: Iterable[_Look]) -> list[NeedRead]:
    needs: dict[str, Need] = {}
    for look in looks:
        for need in asked(look.ir) if look.ir else ():
            needs.setdefault(need.capability, need)
    return [NeedRead(capability=need.capability, where=need.where) for need in needs.values()]


def _outlook(ctx: Context, gateway: GatewayRow, look: _Look, *, published: bool) -> GatewayOutlook:
    lacks = lacking(look.ir, gateway) if look.ir else []
    degradations = degrading(look.ir, gateway) if look.ir else ()
    return GatewayOutlook(
        id=gateway.id,
        slug=gateway.slug,
        name=gateway.name,
        engine=gateway.engine,
        state=gateway_state(gateway, ctx.clock.now()),
        published=published,
        known=gateway.capabilities is not None,
        lacks=[
            GatewayLack(capability=lack.capability, where=lack.where, hint=lack_error(lack, gateway).hint)
            for lack in lacks
        ],
        obstacles=[ObstacleRead(pointer=one.pointer, message=one.message, hint=one.hint) for one in look.obstacles],
        degradations=[DegradationRead(feature=one.feature, fallback=one.fallback) for one in degradations],
    )
