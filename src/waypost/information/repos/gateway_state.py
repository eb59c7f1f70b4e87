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
from waypost.information.repos.chunks import chunks

WANTED = (DeploymentState.PENDING, DeploymentState.LIVE, DeploymentState.QUARANTINED)
"""States of a deployment in which the version shall be on the gateway."""
_OPEN = (SubscriptionState.PENDING, SubscriptionState.ACTIVE)
# Tables, not mapped classes: reading plain rows through those costs half as much again.
_API = ApiRow.__table__
_DEPLOYMENT = DeploymentRow.__table__
_GATEWAY = GatewayRow.__table__
_HUB = HubRow.__table__
_OPERATION = OperationRow.__table__
_PLAN = PlanRow.__table__
_PLAN_VERSION = PlanVersionRow.__table__
_POLICY = PolicyRow.__table__
_SUBSCRIPTION = SubscriptionRow.__table__
_VERSION = VersionRow.__table__


class GatewayStateRepo:
    """Plain rows; run all of it in one read transaction.

    ``api_ids`` narrows to these APIs; the version ``also`` is taken to be on the gateway, whether it is or not. These
    statements run at every change, so each shape is built once.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def surroundings(self, gateway_id: str) -> Any:
        """(hub's name, support_url, gateway's settings, sealed_tls_key, confirm_deletes_until); gone = None."""
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

    async def operations(self, version_ids: Collection[str]) -> Sequence[Any]:
        """Operations of versions in definition order."""
        found: list[Any] = []
        for part in chunks(version_ids):
            found.extend((await self.session.execute(_operations(), {"version_ids": part})).all())
        return found


class _Shape(NamedTuple):
    """Of a statement: whether some APIs are named in it, and a version besides."""

    narrowed: bool
    also: bool


@cache
def _surroundings() -> Select[Any]:
    of_gateway = (_GATEWAY.c.settings, _GATEWAY.c.sealed_tls_key, _GATEWAY.c.confirm_deletes_until)
    found = _HUB.join(_GATEWAY, _GATEWAY.c.id == bindparam("gateway_id"), isouter=True)
    return select(_HUB.c.name, _HUB.c.support_url, *of_gateway).select_from(found)


@cache
def _operations() -> Select[Any]:
    columns = _OPERATION.c
    return (
        select(columns.id, columns.version_id, columns.method, columns.path, columns.mock)
        .where(columns.version_id.in_(bindparam("version_ids", expanding=True)))
        .order_by(columns.version_id, columns.position, columns.id)
    )


@cache
def _versions(shape: _Shape) -> Select[Any]:
    there = select(_DEPLOYMENT.c.version_id).where(*_wanted(shape))
    besides = select(_VERSION.c.id).where(_VERSION.c.id == bindparam("also"))
    columns: tuple[Any, ...] = (
        _API.c.id.label("api_id"),
        _API.c.slug,
        _API.c.name.label("api_name"),
        _API.c.base_path,
        _API.c.owner_id,
        _VERSION.c.id.label("version_id"),
        _VERSION.c.name.label("version_name"),
        _VERSION.c.mount,
        _VERSION.c.upstream_url,
        _VERSION.c.revision.label("version_revision"),
        _VERSION.c.document_blob,
    )
    return (
        select(*columns)
        .join(_VERSION, _VERSION.c.api_id == _API.c.id)
        .where(_VERSION.c.id.in_(union(there, besides) if shape.also else there))
        .order_by(_API.c.id, _VERSION.c.id)
    )


@cache
def _plans(shape: _Shape) -> Select[Any]:
    held = exists().where(_SUBSCRIPTION.c.plan_version_id == _PLAN_VERSION.c.id, _SUBSCRIPTION.c.state.in_(_OPEN))
    offered = and_(_PLAN.c.current_version_id == _PLAN_VERSION.c.id, _PLAN.c.lifecycle == Lifecycle.PUBLISHED)
    return (
        select(
            _PLAN.c.api_id,
            _PLAN.c.slug,
            _PLAN.c.id.label("plan_id"),
            _PLAN_VERSION.c.id.label("version_id"),
            _PLAN_VERSION.c.number,
            _PLAN_VERSION.c.rate_limits,
            _PLAN_VERSION.c.quotas,
        )
        .join(_PLAN_VERSION, _PLAN_VERSION.c.plan_id == _PLAN.c.id)
        .where(_PLAN.c.api_id.in_(select(_served(shape).c.api_id)), or_(offered, held))
        .order_by(_PLAN_VERSION.c.id)
    )


@cache
def _policies(shape: _Shape) -> Select[Any]:
    served = _served(shape)
    owners = select(_API.c.owner_id).where(_API.c.id.in_(select(served.c.api_id)))
    columns = (_POLICY.c.id, _POLICY.c.api_id, _POLICY.c.team_id, _POLICY.c.target_id, _POLICY.c.kind)
    return (
        select(*columns, _POLICY.c.config, _POLICY.c.sealed, _POLICY.c.locked, _POLICY.c.revision)
        .where(
            or_(
                _POLICY.c.api_id.in_(select(served.c.api_id)),
                _POLICY.c.team_id.in_(owners),
                _POLICY.c.level == PolicyLevel.HUB,
            )
        )
        .order_by(_POLICY.c.id)
    )


def _wanted(shape: _Shape) -> list[Any]:
    where = [_DEPLOYMENT.c.gateway_id == bindparam("gateway_id"), _DEPLOYMENT.c.state.in_(WANTED)]
    return [*where, _DEPLOYMENT.c.api_id.in_(bindparam("api_ids", expanding=True))] if shape.narrowed else where


def _served(shape: _Shape) -> Subquery:
    there = select(_DEPLOYMENT.c.api_id).where(*_wanted(shape)).distinct()
    besides = select(_VERSION.c.api_id).where(_VERSION.c.id == bindparam("also"))
    return (union(there, besides) if shape.also else there).subquery("served")
