"""Outside issuers of tokens: the hub keeps their keys, gateways get them in their configuration."""

from __future__ import annotations

from waypost.application.gateways.ability import still_able
from waypost.application.issuers.schemas import IssuerCreate, IssuerRead, IssuerUpdate
from waypost.application.issuers.service import IssuerService
from waypost.interaction.api.access_matrix import OWNED, SIGNED_IN
from waypost.interaction.api.deps import Ctx, Late
from waypost.interaction.api.etag import IfMatch
from waypost.interaction.api.paging import PageRead, Paging
from waypost.interaction.api.problems import problems
from waypost.interaction.api.routing import HubRouter
from waypost.kit.errors import Unauthenticated

router = HubRouter(prefix="/issuers", tags=["issuers"])


@router.get("", summary="List issuers", responses=problems(400))
async def list_issuers(ctx: Ctx, page: Paging) -> PageRead[IssuerRead]:
    """Those of the hub and of the caller's teams. The hub's own issuer is `hub`. Sort by `name` or `created_at`."""
    return PageRead.of(await IssuerService().list(ctx, page=page))


@router.post("", status_code=201, summary="Register an issuer", responses=problems(403, 404, 409))
async def create_issuer(late: Late, body: IssuerCreate) -> IssuerRead:
    """Its keys are fetched at once; what they are not good for is said. Of a team, or of the hub by administrators."""
    _signed_in(late)
    service = IssuerService()
    keys = await service.acquire_new(late.parts, late.principal, body)
    return await service.create(await late.open(write=True), body, keys)


@router.get("/{issuer_id}", summary="Read an issuer", responses=problems(404))
async def get_issuer(ctx: Ctx, issuer_id: str) -> IssuerRead:
    """With the keys last known and how the last refresh went."""
    return await IssuerService().get(ctx, issuer_id)


@router.patch("/{issuer_id}", summary="Change an issuer", responses=problems(403, 404, 412, 428))
async def update_issuer(late: Late, issuer_id: str, body: IssuerUpdate, revision: IfMatch) -> IssuerRead:
    """Only what is given changes. A new place for the keys is asked at once."""
    _signed_in(late)
    service = IssuerService()
    keys = await service.acquire_change(late.parts, late.principal, issuer_id, body)
    ctx = await late.open(write=True)
    api_ids = await service.concerned(ctx, issuer_id) if keys or body.algorithms else ()
    async with still_able(ctx, api_ids):
        return await service.update(ctx, issuer_id, body, keys, revision=revision)


@router.delete("/{issuer_id}", status_code=204, summary="Remove an issuer", responses=problems(403, 404, 409, 412, 428))
async def delete_issuer(ctx: Ctx, issuer_id: str, revision: IfMatch) -> None:
    """Only when no policy names it and no app has a client of it."""
    await IssuerService().delete(ctx, issuer_id, revision=revision)


@router.post("/{issuer_id}/refresh", summary="Fetch an issuer's keys now", responses=problems(403, 404))
async def refresh_issuer(late: Late, issuer_id: str) -> IssuerRead:
    """What went wrong, if anything, stands in `state` and `error`; the last good keys go on."""
    _signed_in(late)
    return await IssuerService().refresh(late.parts, late.principal, issuer_id)


def _signed_in(late: Late) -> None:
    """Before anything is looked for or fetched."""
    if late.principal.kind == "anonymous":
        raise Unauthenticated


ACCESS = {
    "list_issuers": SIGNED_IN,
    "create_issuer": OWNED,
    "get_issuer": OWNED,
    "update_issuer": OWNED,
    "delete_issuer": OWNED,
    "refresh_issuer": OWNED,
}
