"""Gateways, deployments and the ledger of usage batches in the store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import DeploymentState, Lifecycle
from waypost.information.models import (
    ApiRow,
    DeploymentRow,
    EventHeadRow,
    EventRow,
    GatewayRow,
    GrantRow,
    PlanRow,
    UsageBatchRow,
    VersionRow,
)
from waypost.information.repos.gateway_state import WANTED
from waypost.information.repos.grants import SERVING

_CHUNK = 500


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

    async def by_hash(self, column: str, digest: str, *, lock: bool = False) -> GatewayRow | None:
        """The gateway whose ``credential_hash`` or ``enrolment_hash`` this is."""
        statement = select(GatewayRow).where(getattr(GatewayRow, column) == digest)
        statement = statement.with_for_update() if lock else statement
        return (await self.session.scalars(statement)).one_or_none()

    async def lock(self, gateway_id: str) -> GatewayRow | None:
        """The gateway, locked until the transaction ends: one batch or receipt of a gateway after the other."""
        statement = select(GatewayRow).where(GatewayRow.id == gateway_id).with_for_update()
        return (await self.session.scalars(statement)).one_or_none()

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

    async def of_apis(self, gateway_id: str, api_ids: Collection[str]) -> Sequence[DeploymentView]:
        """Deployments of these APIs that are on the gateway or shall be."""
        statement = self.views().where(
            DeploymentRow.gateway_id == gateway_id,
            DeploymentRow.api_id.in_(api_ids),
            DeploymentRow.state.in_(SERVING),
        )
        return [DeploymentView(*row) for row in (await self.session.execute(statement)).all()]

    async def gateways_of(self, api_ids: Collection[str]) -> Sequence[GatewayRow]:
        """Gateways on which any of these APIs is or shall be, by name."""
        found: dict[str, GatewayRow] = {}
        ordered = sorted(api_ids)
        for start in range(0, len(ordered), _CHUNK):
            served = select(DeploymentRow.gateway_id).where(
                DeploymentRow.api_id.in_(ordered[start : start + _CHUNK]), DeploymentRow.state.in_(SERVING)
            )
            rows = await self.session.scalars(select(GatewayRow).where(GatewayRow.id.in_(served)))
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


class FeedRepo:
    """The end of the event log and what kinds of events stand before it: what a gateway's stream follows."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def head(self) -> int:
        """Sequence number of the newest committed event."""
        return (await self.end())[0]

    async def end(self) -> tuple[int, str]:
        """That number, and the mark of the history that led to it (:meth:`mark`)."""
        statement = select(EventHeadRow.seq, EventHeadRow.hash).where(EventHeadRow.id == 1)
        row = (await self.session.execute(statement)).one_or_none()
        return (row.seq, row.hash) if row else (0, "")

    async def happened(self, *, after: int, upto: int) -> Sequence[Any]:
        """The events in ``(after, upto]``: (kind, object_kind, object_id, request_id)."""
        columns = (EventRow.kind, EventRow.object_kind, EventRow.object_id, EventRow.request_id)
        statement = select(*columns).where(EventRow.seq > after, EventRow.seq <= upto).distinct()
        return (await self.session.execute(statement)).all()

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
