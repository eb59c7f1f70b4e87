"""Gateways, deployments and the ledger of usage batches in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import DeploymentState, Lifecycle
from waypost.information.models import (
    ApiRow,
    DeploymentRow,
    EventHeadRow,
    EventRow,
    GatewayRow,
    GrantRow,
    OperationRow,
    PlanRow,
    UsageBatchRow,
    VersionRow,
)
from waypost.information.repos.chunks import chunks
from waypost.information.repos.gateway_state import WANTED
from waypost.information.repos.grants import SERVING

# Of tables, not of mapped classes: reading plain rows through those costs half as much again.
_GATEWAY, _EVENT, _HEAD = GatewayRow.__table__.c, EventRow.__table__.c, EventHeadRow.__table__.c
_CALLING = select(_GATEWAY.id, _GATEWAY.name).where(_GATEWAY.credential_hash == bindparam("digest"))
_LOCKED = select(GatewayRow).where(GatewayRow.id == bindparam("gateway_id")).with_for_update()
_SERVING_APIS = select(GatewayRow).where(
    GatewayRow.id.in_(
        select(DeploymentRow.gateway_id)
        .where(DeploymentRow.api_id.in_(bindparam("api_ids", expanding=True)))
        .where(DeploymentRow.state.in_(SERVING))
    )
)
_OF_APIS = (
    select(DeploymentRow, ApiRow)
    .join(ApiRow, ApiRow.id == DeploymentRow.api_id)
    .where(DeploymentRow.gateway_id == bindparam("gateway_id"), DeploymentRow.state.in_(SERVING))
    .where(DeploymentRow.api_id.in_(bindparam("api_ids", expanding=True)))
)
_END = (
    select(_HEAD.seq, _HEAD.hash, _EVENT.at)
    .select_from(EventHeadRow.__table__.join(EventRow.__table__, _EVENT.seq == _HEAD.seq, isouter=True))
    .where(_HEAD.id == 1)
)
_VERSION, _OPERATION = VersionRow.__table__.c, OperationRow.__table__.c
_API_OF = {
    "api": _EVENT.object_id,
    "operation": select(_VERSION.api_id)
    .where(_OPERATION.id == _EVENT.object_id, _VERSION.id == _OPERATION.version_id)
    .scalar_subquery(),
    **{
        kind: select(columns.api_id).where(columns.id == _EVENT.object_id).scalar_subquery()
        for kind, columns in (
            ("version", _VERSION),
            ("plan", PlanRow.__table__.c),
            ("deployment", DeploymentRow.__table__.c),
        )
    },
}
_HAPPENED = (
    select(_EVENT.kind, case(_API_OF, value=_EVENT.object_kind).label("api_id"), _EVENT.request_id)
    .where(_EVENT.seq > bindparam("after"))
    .distinct()
)


class DeploymentView(NamedTuple):
    """A deployment and what it joins."""

    deployment: DeploymentRow
    gateway: GatewayRow
    version: VersionRow
    api: ApiRow


class GatewayRepo:
    """Reads of gateways."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def all(self) -> Any:
        """Every gateway, unordered."""
        return select(GatewayRow)

    async def by_name(self) -> Sequence[GatewayRow]:
        """Every gateway, by name."""
        return (await self.session.scalars(select(GatewayRow).order_by(GatewayRow.name, GatewayRow.id))).all()

    async def find(self, id_or_slug: str) -> GatewayRow | None:
        """One gateway."""
        named = or_(GatewayRow.id == id_or_slug, GatewayRow.slug == id_or_slug)
        return (await self.session.scalars(select(GatewayRow).where(named))).one_or_none()

    async def calling(self, credential_hash: str) -> Any | None:
        """(id, name) of the gateway whose credential this is."""
        return (await self.session.execute(_CALLING, {"digest": credential_hash})).one_or_none()

    async def enrolling(self, enrolment_hash: str) -> GatewayRow | None:
        """The gateway that this one-time token is for, locked."""
        statement = select(GatewayRow).where(GatewayRow.enrolment_hash == enrolment_hash).with_for_update()
        return (await self.session.scalars(statement)).one_or_none()

    async def lock(self, gateway_id: str) -> GatewayRow | None:
        """The gateway, locked until the transaction ends: one batch or receipt of a gateway after the other."""
        return (await self.session.scalars(_LOCKED, {"gateway_id": gateway_id})).one_or_none()

    async def slug_exists(self, slug: str) -> bool:
        """Whether a gateway has this slug."""
        statement = select(func.count()).select_from(GatewayRow).where(GatewayRow.slug == slug)
        return bool(await self.session.scalar(statement))

    async def deployments_count(self, gateway_ids: Collection[str]) -> dict[str, int]:
        """Gateway id -> deployments that are on it or shall be."""
        statement = (
            select(DeploymentRow.gateway_id, func.count())
            .where(DeploymentRow.gateway_id.in_(gateway_ids), DeploymentRow.state.in_(SERVING))
            .group_by(DeploymentRow.gateway_id)
        )
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all()}

    async def held_deletes(self, gateway_ids: Collection[str]) -> dict[str, list[str]]:
        """Gateway id -> APIs whose withdrawal the gateway's guard holds back."""
        statement = (
            select(DeploymentRow.gateway_id, DeploymentRow.api_id)
            .where(
                DeploymentRow.gateway_id.in_(gateway_ids),
                DeploymentRow.state == DeploymentState.WITHDRAWING,
                DeploymentRow.reason != "",
            )
            .distinct()
            .order_by(DeploymentRow.api_id)
        )
        held: dict[str, list[str]] = {}
        for gateway_id, api_id in (await self.session.execute(statement)).all():
            held.setdefault(gateway_id, []).append(api_id)
        return held

    async def newest_grants(self, gateway_ids: Collection[str]) -> dict[str, int]:
        """Gateway id -> revision of its newest grant change."""
        # One look-up at the end of an index each; grouped it would be a walk through all of them.
        newest = select(func.max(GrantRow.revision)).where(GrantRow.gateway_id == GatewayRow.id).scalar_subquery()
        statement = select(GatewayRow.id, newest).where(GatewayRow.id.in_(gateway_ids))
        return {row[0]: row[1] for row in (await self.session.execute(statement)).all() if row[1] is not None}


class DeploymentRepo:
    """Reads of deployments."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def views(self) -> Any:
        """Deployments joined with gateway, version and API; items are the fields of DeploymentView."""
        return (
            select(DeploymentRow, GatewayRow, VersionRow, ApiRow)
            .join(GatewayRow, GatewayRow.id == DeploymentRow.gateway_id)
            .join(VersionRow, VersionRow.id == DeploymentRow.version_id)
            .join(ApiRow, ApiRow.id == DeploymentRow.api_id)
        )

    async def find(self, deployment_id: str, *, where: ColumnElement[bool]) -> DeploymentView | None:
        """One deployment, of the APIs that ``where`` shows."""
        row = (await self.session.execute(self.views().where(DeploymentRow.id == deployment_id, where))).one_or_none()
        return None if row is None else DeploymentView(*row)

    async def of_pair(self, version_id: str, gateway_id: str) -> DeploymentRow | None:
        """The deployment of a version on a gateway, withdrawn ones too."""
        statement = select(DeploymentRow).where(
            DeploymentRow.version_id == version_id, DeploymentRow.gateway_id == gateway_id
        )
        return (await self.session.scalars(statement)).one_or_none()

    async def of_apis(self, gateway_id: str, api_ids: Collection[str]) -> Sequence[tuple[DeploymentRow, ApiRow]]:
        """Deployments of these APIs that are on the gateway or shall be."""
        values = {"gateway_id": gateway_id, "api_ids": sorted(api_ids)}
        return (await self.session.execute(_OF_APIS, values)).all()

    async def gateways_of(self, api_ids: Collection[str]) -> Sequence[GatewayRow]:
        """Gateways on which any of these APIs is or shall be, by name."""
        found: dict[str, GatewayRow] = {}
        for part in chunks(api_ids):
            rows = await self.session.scalars(_SERVING_APIS, {"api_ids": part})
            found |= {row.id: row for row in rows}
        return sorted(found.values(), key=lambda row: (row.name, row.id))

    async def versions_on(self, api_id: str) -> dict[str, frozenset[str]]:
        """Gateway id -> the API's versions that are on it or shall be."""
        columns = (DeploymentRow.gateway_id, DeploymentRow.version_id)
        statement = select(*columns).where(DeploymentRow.api_id == api_id, DeploymentRow.state.in_(WANTED))
        found: dict[str, frozenset[str]] = {}
        for gateway_id, version_id in (await self.session.execute(statement)).all():
            found[gateway_id] = found.get(gateway_id, frozenset()) | {version_id}
        return found

    async def has_plan(self, api_id: str) -> bool:
        """Whether the API has a plan on offer."""
        statement = (
            select(func.count())
            .select_from(PlanRow)
            .where(PlanRow.api_id == api_id, PlanRow.lifecycle == Lifecycle.PUBLISHED)
        )
        return bool(await self.session.scalar(statement))


class End(NamedTuple):
    """The end of the event log: number, :meth:`FeedRepo.mark` and time of the newest event (None: there is none)."""

    seq: int
    mark: str
    at: datetime | None


class FeedRepo:
    """The end of the event log and what kinds of events stand before it: what a gateway's stream follows."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def end(self) -> End:
        """The newest committed event."""
        row = (await self.session.execute(_END)).one_or_none()
        return End(*row) if row else End(0, "", None)

    async def happened(self, *, after: int) -> Sequence[Any]:
        """The events since ``after``: (kind, api_id, request_id).

        The API that it happened to; None where it is no API's alone, or of something that is gone.
        """
        return (await self.session.execute(_HAPPENED, {"after": after})).all()

    async def at(self, seq: int) -> datetime | None:
        """When the event ``seq`` happened; None when there is no such event (any more)."""
        return await self.session.scalar(select(EventRow.at).where(EventRow.seq == seq))

    async def mark(self, seq: int) -> str:
        """What tells the history that led to the event ``seq`` from every other: its hash; empty before the first."""
        return await self.session.scalar(select(EventRow.hash).where(EventRow.seq == seq)) or ""

    async def last_before(self, moment: datetime) -> int:
        """The newest sequence number before ``moment``; 0 when there is none."""
        return int(await self.session.scalar(select(func.max(EventRow.seq)).where(EventRow.at < moment)) or 0)


class UsageLedgerRepo:
    """Which batches were counted."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def number(self, gateway_id: str, spool: str) -> int:
        """The last batch number counted of this spool; 0 = none."""
        row = await self.session.get(UsageBatchRow, (gateway_id, spool))
        return row.number if row else 0

    async def advance(self, gateway_id: str, spool: str, *, number: int, dropped: int, put_aside: int) -> None:
        """This batch is counted."""
        row = await self.session.get(UsageBatchRow, (gateway_id, spool))
        if row is None:
            row = UsageBatchRow(gateway_id=gateway_id, spool=spool, dropped=0, put_aside=0)
            self.session.add(row)
        row.number = number
        row.dropped += dropped
        row.put_aside += put_aside
