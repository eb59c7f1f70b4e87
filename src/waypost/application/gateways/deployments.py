"""Deployments: publish a version to a gateway, see what became of it, withdraw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from anyio import to_thread

from waypost.application import access
from waypost.application.catalog.changes import flush_claim
from waypost.application.catalog.lookup import find_api, find_version
from waypost.application.catalog.versions import publish
from waypost.application.context import Context
from waypost.application.gateways.capabilities import require_able
from waypost.application.gateways.errors import AlreadyDeployed, NotDeployed
from waypost.application.gateways.publishing import check_publishable, find_publishable
from waypost.application.gateways.reading import (
    CompileCache,
    cache_aside,
    came_true,
    compile_rows,
    read_compiled,
    read_rows,
)
from waypost.application.gateways.schemas import DegradationRead, DeploymentGateway, DeploymentRead
from waypost.application.grants.service import GrantService
from waypost.application.revisions import bump
from waypost.contracts.ir.validate import validate_api
from waypost.contracts.vocab import DeploymentState
from waypost.information.models import ApiRow, DeploymentRow, GatewayRow
from waypost.information.repos.gateway_state import WANTED
from waypost.information.repos.gateways import DeploymentRepo, DeploymentView, GatewayRepo
from waypost.information.repos.grants import GrantScope
from waypost.information.repos.paging import paginate
from waypost.kit.errors import FieldError, Invalid, NotFound
from waypost.kit.ids import new_id
from waypost.kit.paging import Page, PageRequest

SORTS = {"requested_at": DeploymentRow.requested_at, "created_at": DeploymentRow.created_at}
UNSETTLED = (DeploymentState.PENDING, DeploymentState.WITHDRAWING)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a gateway would be told, compiled; ``sound`` is the content hash of what was found to make sense."""

    cache: CompileCache
    sound: str


class DeploymentService:
    """Stateless. Whoever sees the API sees where it answers; reasons are for its provider."""

    async def prepare(self, ctx: Context, version_id: str, *, gateway_id: str) -> Prepared:
        """Compile and look at what :meth:`create` will ask for.

        It reads only, so that a large API keeps nobody from writing.
        """
        found = await find_publishable(ctx, version_id)
        cache = cache_aside()
        rows = await read_rows(ctx, gateway_id, {found.api.id}, also=found.version.id)
        compiled = await compile_rows(ctx, rows, cache=cache)
        made = compiled.apis.get(found.api.id)
        sound = made is not None and not await to_thread.run_sync(validate_api, made.ir)
        return Prepared(cache, made.content_hash if made and sound else "")

    async def create(
        self, ctx: Context, version_id: str, *, gateway_id: str, prepared: Prepared | None = None
    ) -> DeploymentRead:
        """Publish. Raises NotPublishable (naming all that is missing), AlreadyDeployed, NotFound, Forbidden."""
        found = await find_publishable(ctx, version_id)
        prepared = prepared or Prepared(cache_aside(), "")
        gateway = await GatewayRepo(ctx.session).find(gateway_id)
        if gateway is None:
            raise Invalid(errors=[FieldError("/gateway_id", "there is no such gateway")])
        row = await request_deployment(ctx, found.version.id, found.api, gateway)
        await flush_claim(ctx, AlreadyDeployed)
        compiled = await read_compiled(ctx, gateway.id, api_ids={found.api.id}, cache=prepared.cache)
        await check_publishable(ctx, found.api, found.version, compiled, sound=prepared.sound)
        require_able(compiled.apis[found.api.id].ir, gateway)
        await publish(ctx, found.version.id)
        row.desired_hash = compiled.apis[found.api.id].content_hash
        ctx.uow.after_commit(partial(came_true, prepared.cache))
        data = {"version_id": row.version_id, "gateway_id": row.gateway_id}
        seq = await record_deployment(ctx, "deployment.requested", row, found.api, data)
        scope = GrantScope(api_id=row.api_id, gateway_id=row.gateway_id)
        await GrantService().reconcile(ctx, revision=seq, scope=scope)
        return read_deployment(ctx, DeploymentView(row, gateway, found.version, found.api))

    async def get(self, ctx: Context, deployment_id: str) -> DeploymentRead:
        """One deployment, of an API that the caller sees."""
        return read_deployment(ctx, await self._require(ctx, deployment_id))

    async def of_version(self, ctx: Context, version_id: str, *, page: PageRequest) -> Page[DeploymentRead]:
        """Where a version is."""
        found = await find_version(ctx, version_id)
        return await self._list(ctx, DeploymentRow.version_id == found.version.id, page)

    async def of_api(self, ctx: Context, api_id: str, *, page: PageRequest) -> Page[DeploymentRead]:
        """Where an API's versions are."""
        found = await find_api(ctx, api_id)
        return await self._list(ctx, DeploymentRow.api_id == found.api.id, page)

    async def withdraw(self, ctx: Context, deployment_id: str) -> DeploymentRead:
        """Take it off the gateway. Withdrawn at once where no agent ever enrolled. Raises NotDeployed."""
        view = await self._require(ctx, deployment_id)
        access.require(ctx, "deployments:write", owner_id=view.api.owner_id, visible=True)
        row = view.deployment
        if row.state not in WANTED:
            raise NotDeployed
        row.state = DeploymentState.WITHDRAWING
        row.reason = ""
        row.requested_at = ctx.clock.now()
        bump(ctx, row)
        await record_deployment(ctx, "deployment.withdrawing", row, view.api, {"gateway_id": row.gateway_id})
        if view.gateway.credential_hash is None:
            await withdrawn(ctx, row, view.api)
        return read_deployment(ctx, view)

    async def _require(self, ctx: Context, deployment_id: str) -> DeploymentView:
        access.require_user(ctx)
        where = access.visible_apis(ctx.principal)
        view = await DeploymentRepo(ctx.session).find(deployment_id, where=where)
        if view is None:
            raise NotFound
        return view

    async def _list(self, ctx: Context, where: Any, page: PageRequest) -> Page[DeploymentRead]:
        statement = DeploymentRepo(ctx.session).views().where(where)
        found = await paginate(ctx.session, statement, page=page, sort_columns=SORTS, id_column=DeploymentRow.id)
        return Page([read_deployment(ctx, DeploymentView(*item)) for item in found.items], found.next_cursor)


async def request_deployment(ctx: Context, version_id: str, api: ApiRow, gateway: GatewayRow) -> DeploymentRow:
    """The version shall be on the gateway; nothing is checked yet. Raises AlreadyDeployed."""
    now = ctx.clock.now()
    row = await DeploymentRepo(ctx.session).of_pair(version_id, gateway.id)
    if row is not None and row.state in WANTED:
        raise AlreadyDeployed
    if row is None:
        row = DeploymentRow(id=new_id("dep"), version_id=version_id, gateway_id=gateway.id, api_id=api.id)
        row.created_at, row.updated_at, row.revision = now, now, 1
        row.desired_hash = row.applied_hash = ""
        ctx.session.add(row)
    else:
        bump(ctx, row)
    row.state, row.reason, row.degradations = DeploymentState.PENDING, "", []
    row.requested_at, row.live_at, row.live_after_ms, row.verified = now, None, None, False
    return row


async def record_deployment(ctx: Context, kind: str, row: DeploymentRow, api: ApiRow, data: dict[str, Any]) -> int:
    """Append an event of a deployment and wake who waits for it."""
    facts = {"api_id": api.id, **data}
    seq = await ctx.uow.record(kind, object_kind="deployment", object_id=row.id, owner_id=api.owner_id, data=facts)
    ctx.uow.after_commit(ctx.parts.changed.pulse)
    return seq


async def withdrawn(ctx: Context, row: DeploymentRow, api: ApiRow) -> None:
    """It is off the gateway for certain: its grants there end."""
    row.state = DeploymentState.WITHDRAWN
    row.reason = row.applied_hash = ""
    row.verified = False
    bump(ctx, row)
    seq = await record_deployment(ctx, "deployment.withdrawn", row, api, {"gateway_id": row.gateway_id})
    scope = GrantScope(api_id=row.api_id, gateway_id=row.gateway_id)
    await GrantService().reconcile(ctx, revision=seq, scope=scope)


def deployment_url(gateway: GatewayRow, base_path: str, mount: str) -> str:
    """Where a version answers; empty while the gateway's address is not known."""
    return f"{gateway.public_url.rstrip('/')}{base_path}{mount}" if gateway.public_url else ""


def read_deployment(ctx: Context, view: DeploymentView) -> DeploymentRead:
    """A deployment as it is shown."""
    row, gateway = view.deployment, view.gateway
    provider = access.can(ctx, "catalog:read", owner_id=view.api.owner_id)
    verbs = {"withdraw": "deployments:write"} if row.state in WANTED else {}
    degradations: Sequence[dict[str, Any]] = row.degradations if provider else []
    return DeploymentRead(
        id=row.id,
        version_id=row.version_id,
        api_id=row.api_id,
        gateway=DeploymentGateway(id=gateway.id, slug=gateway.slug, name=gateway.name, public_url=gateway.public_url),
        state=row.state,
        url=deployment_url(gateway, view.api.base_path, view.version.mount),
        desired_hash=row.desired_hash,
        applied_hash=row.applied_hash,
        reason=row.reason if provider else "",
        degradations=[DegradationRead(feature=item["feature"], fallback=item["fallback"]) for item in degradations],
        requested_at=row.requested_at,
        live_at=row.live_at,
        live_after_ms=row.live_after_ms,
        verified=row.verified,
        created_at=row.created_at,
        updated_at=row.updated_at,
        revision=row.revision,
        may=access.may(ctx, view.api.owner_id, verbs),
    )
