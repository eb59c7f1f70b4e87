"""Everything that one gateway's configuration is made of, in a handful of statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import SelectBase, Subquery, and_, exists, or_, select, union
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

    ``api_ids`` narrows to these APIs; the version ``also`` is taken to be on the gateway, whether it is or not.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def hub(self) -> Any:
        """(name, support_url, revision)."""
        return (await self.session.execute(select(HubRow.name, HubRow.support_url, HubRow.revision))).one()

    async def gateway(self, gateway_id: str) -> Any:
        """(settings, sealed_tls_key) of the gateway; None when it is gone."""
        columns = (GatewayRow.settings, GatewayRow.sealed_tls_key)
        return (await self.session.execute(select(*columns).where(GatewayRow.id == gateway_id))).one_or_none()

    async def versions(
        self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = ""
    ) -> Sequence[Any]:
        """Rows of API and version for what shall be there, ordered by API and version."""
        statement = (
            select(
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
            .join(VersionRow, VersionRow.api_id == ApiRow.id)
            .where(VersionRow.id.in_(_versions(gateway_id, api_ids, also)))
            .order_by(ApiRow.id, VersionRow.id)
        )
        return (await self.session.execute(statement)).all()

    async def plans(self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = "") -> Sequence[Any]:
        """Plan versions on offer, and those that open subscriptions hold."""
        held = exists().where(SubscriptionRow.plan_version_id == PlanVersionRow.id, SubscriptionRow.state.in_(_OPEN))
        offered = and_(PlanRow.current_version_id == PlanVersionRow.id, PlanRow.lifecycle == Lifecycle.PUBLISHED)
        statement = (
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
            .where(
                PlanRow.api_id.in_(select(_served(gateway_id, api_ids, also).c.api_id)),
                or_(offered, held),
            )
            .order_by(PlanVersionRow.id)
        )
        return (await self.session.execute(statement)).all()

    async def policies(
        self, gateway_id: str, *, api_ids: Collection[str] | None = None, also: str = ""
    ) -> Sequence[Any]:
        """Policies of the APIs at every level, those of their owners and of the hub among them."""
        served = _served(gateway_id, api_ids, also)
        owners = select(ApiRow.owner_id).where(ApiRow.id.in_(select(served.c.api_id)))
        columns = (PolicyRow.id, PolicyRow.api_id, PolicyRow.team_id, PolicyRow.target_id, PolicyRow.kind)
        statement = (
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
        return (await self.session.execute(statement)).all()

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


def _wanted(gateway_id: str, api_ids: Collection[str] | None) -> list[Any]:
    where = [DeploymentRow.gateway_id == gateway_id, DeploymentRow.state.in_(WANTED)]
    return where if api_ids is None else [*where, DeploymentRow.api_id.in_(sorted(api_ids))]


def _versions(gateway_id: str, api_ids: Collection[str] | None, also: str) -> SelectBase:
    there = select(DeploymentRow.version_id).where(*_wanted(gateway_id, api_ids))
    return union(there, select(VersionRow.id).where(VersionRow.id == also)) if also else there


def _served(gateway_id: str, api_ids: Collection[str] | None, also: str) -> Subquery:
    there = select(DeploymentRow.api_id).where(*_wanted(gateway_id, api_ids)).distinct()
    wanted = union(there, select(VersionRow.api_id).where(VersionRow.id == also)) if also else there
    return wanted.subquery("served")
