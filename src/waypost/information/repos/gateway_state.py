"""Everything that one gateway's configuration is made of, in a handful of statements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, Subquery, and_, bindparam, exists, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import DeploymentState, Lifecycle, PolicyLevel, SubscriptionState
from waypost.information.models import (
    ApiRow,
    DeploymentRow,
    GatewayRow,
    HubRow,
    OperationRow,
    PlanRow,
    PlanVersionRow,
    PolicyRow,
    SubscriptionRow,
    VersionRow,
)

WANTED = (DeploymentState.PENDING, DeploymentState.LIVE, DeploymentState.QUARANTINED)
"""States of a deployment in which the version shall be on the gateway."""
_OPEN = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)
_CHUNK = 500
_WITHIN_API: dict[str, Any] = {"version": VersionRow, "plan": PlanRow, "deployment": DeploymentRow}


class GatewayStateRepo:
    """Plain rows; run all of it in one read transaction.

    ``api_ids`` narrows to these APIs; the version ``also`` is taken to be on the gateway, whether it is or not. These
    statements run at every change, so each shape is built once.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def surroundings(self, gateway_id: str) -> Any:
        """(hub's name, support_url, gateway's settings, sealed_tls_key); a gateway that is gone has None."""
        return (await self.session.execute(_surroundings(), {"gateway_id": gateway_id})).one()

    async def versions(
        self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = ""
    ) -> Sequence[Any]:
        """Rows of API and version for what shall be there, ordered by API and version."""
        return await self._all(_versions, gateway_id, api_ids, also)

    async def plans(self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = "") -> Sequence[Any]:
        """Plan versions on offer, and those that open subscriptions hold."""
        return await self._all(_plans, gateway_id, api_ids, also)

    async def policies(
        self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = ""
    ) -> Sequence[Any]:
        """Policies of the APIs at every level, those of their owners and of the hub among them."""
        return await self._all(_policies, gateway_id, api_ids, also)

    async def _all(
        self, statement: Callable[[_Shape], Select[Any]], gateway_id: str, api_ids: Collection[str] | None, also: str
    ) -> Sequence[Any]:
        shape = _Shape(api_ids is not None, bool(also))
        values = {"gateway_id": gateway_id, "api_ids": sorted(api_ids or ()), "also": also}
        rows: Sequence[Any] = (await self.session.execute(statement(shape), values)).all()
        return rows

    async def api_of(self, kind: str, object_id: str) -> str | None:
        """The API that a version, an operation, a plan or a deployment belongs to; None where it is gone or no such."""
        if kind == "operation":
            statement = select(VersionRow.api_id).join(OperationRow).where(OperationRow.id == object_id)
        elif kind in _WITHIN_API:
            statement = select(_WITHIN_API[kind].api_id).where(_WITHIN_API[kind].id == object_id)
        else:
            return None
        return await self.session.scalar(statement)

    async def operations(self, version_ids: Collection[str]) -> Sequence[Any]:
        """Operations of versions in definition order."""
        ordered = sorted(version_ids)
        found: list[Any] = []
        for start in range(0, len(ordered), _CHUNK):
            statement = (
                select(OperationRow.id, OperationRow.version_id, OperationRow.method, OperationRow.path)
                .add_columns(OperationRow.mock)
                .where(OperationRow.version_id.in_(ordered[start : start + _CHUNK]))
                .order_by(OperationRow.version_id, OperationRow.position, OperationRow.id)
            )
            found.extend((await self.session.execute(statement)).all())
        return found


class _Shape(NamedTuple):
    """Of a statement: whether some APIs are named in it, and a version besides."""

    narrowed: bool
    also: bool


@cache
def _surroundings() -> Select[Any]:
    return select(HubRow.name, HubRow.support_url, GatewayRow.settings, GatewayRow.sealed_tls_key).join(
        GatewayRow, GatewayRow.id == bindparam("gateway_id"), isouter=True
    )


@cache
def _versions(shape: _Shape) -> Select[Any]:
    there = select(DeploymentRow.version_id).where(*_wanted(shape))
    besides = select(VersionRow.id).where(VersionRow.id == bindparam("also"))
    columns: tuple[Any, ...] = (
        ApiRow.id.label("api_id"),
        ApiRow.slug,
        ApiRow.name.label("api_name"),
        ApiRow.base_path,
        ApiRow.owner_id,
        VersionRow.id.label("version_id"),
        VersionRow.name.label("version_name"),
        VersionRow.mount,
        VersionRow.upstream_url,
        VersionRow.revision.label("version_revision"),
        VersionRow.document_blob,
    )
    return (
        select(*columns)
        .join(VersionRow, VersionRow.api_id == ApiRow.id)
        .where(VersionRow.id.in_(union(there, besides) if shape.also else there))
        .order_by(ApiRow.id, VersionRow.id)
    )


@cache
def _plans(shape: _Shape) -> Select[Any]:
    held = exists().where(SubscriptionRow.plan_version_id == PlanVersionRow.id, SubscriptionRow.state.in_(_OPEN))
    offered = and_(PlanRow.current_version_id == PlanVersionRow.id, PlanRow.lifecycle == Lifecycle.PUBLISHED)
    return (
        select(
            PlanRow.api_id,
            PlanRow.slug,
            PlanRow.id.label("plan_id"),
            PlanVersionRow.id.label("version_id"),
            PlanVersionRow.number,
            PlanVersionRow.rate_limits,
            PlanVersionRow.quotas,
        )
        .join(PlanVersionRow, PlanVersionRow.plan_id == PlanRow.id)
        .where(PlanRow.api_id.in_(select(_served(shape).c.api_id)), or_(offered, held))
        .order_by(PlanVersionRow.id)
    )


@cache
def _policies(shape: _Shape) -> Select[Any]:
    served = _served(shape)
    owners = select(ApiRow.owner_id).where(ApiRow.id.in_(select(served.c.api_id)))
    columns = (PolicyRow.id, PolicyRow.api_id, PolicyRow.team_id, PolicyRow.target_id, PolicyRow.kind)
    return (
        select(*columns, PolicyRow.config, PolicyRow.sealed, PolicyRow.locked, PolicyRow.revision)
        .where(
            or_(
                PolicyRow.api_id.in_(select(served.c.api_id)),
                PolicyRow.team_id.in_(owners),
                PolicyRow.level == PolicyLevel.HUB,
            )
        )
        .order_by(PolicyRow.id)
    )


def _wanted(shape: _Shape) -> list[Any]:
    where = [DeploymentRow.gateway_id == bindparam("gateway_id"), DeploymentRow.state.in_(WANTED)]
    return [*where, DeploymentRow.api_id.in_(bindparam("api_ids", expanding=True))] if shape.narrowed else where


def _served(shape: _Shape) -> Subquery:
    there = select(DeploymentRow.api_id).where(*_wanted(shape)).distinct()
    besides = select(VersionRow.api_id).where(VersionRow.id == bindparam("also"))
    return (union(there, besides) if shape.also else there).subquery("served")
