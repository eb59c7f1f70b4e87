"""What explaining a call looks up: who set what, what a subscription was, and whom a gateway knows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import GrantState
from waypost.information.models import (
    ApiRow,
    AppRow,
    CredentialRow,
    DeploymentRow,
    EntityRow,
    EventRow,
    GatewayRow,
    GrantRow,
    OperationRow,
    PlanRow,
    PlanVersionRow,
    SubscriptionRow,
    VersionRow,
)
from waypost.information.repos.grants import SERVING

_EVENTS = 2000


class Terms(NamedTuple):
    """A plan and one version of it."""

    plan: PlanRow
    version: PlanVersionRow


class Caller(NamedTuple):
    """A credential, its app, and what a gateway was told of it."""

    credential: CredentialRow
    app: AppRow
    grants: tuple[GrantRow, ...] = ()


class DecisionRepo:
    """Reads only; whoever asks has been let in already."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def places(self, api_id: str, version_id: str, operation_id: str) -> tuple[Any, Any, Any, Any]:
        """API, owner, version and operation rows; None for each that is gone or was not known."""
        api = await self.session.get(ApiRow, api_id) if api_id else None
        owner = await self.session.get(EntityRow, api.owner_id) if api else None
        version = await self.session.get(VersionRow, version_id) if version_id else None
        operation = await self.session.get(OperationRow, operation_id) if operation_id else None
        return api, owner, version, operation

    async def terms(self, plan_version_id: str) -> Terms | None:
        """The plan of a version, and that version."""
        statement = (
            select(PlanRow, PlanVersionRow)
            .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
            .where(PlanVersionRow.id == plan_version_id)
        )
        row = (await self.session.execute(statement)).one_or_none()
        return None if row is None else Terms(row[0], row[1])

    async def subscription(self, subscription_id: str) -> SubscriptionRow | None:
        """The subscription."""
        return await self.session.get(SubscriptionRow, subscription_id) if subscription_id else None

    async def subscriptions(self, app_id: str, api_id: str) -> Sequence[str]:
        """Those of an app to an API, former ones too: they share the counters of quotas."""
        same = (SubscriptionRow.app_id == app_id, SubscriptionRow.api_id == api_id)
        return (await self.session.scalars(select(SubscriptionRow.id).where(*same))).all()

    async def app(self, app_id: str) -> AppRow | None:
        """The app."""
        return await self.session.get(AppRow, app_id)

    async def events(self, object_ids: Collection[str], kinds: Collection[str]) -> Sequence[EventRow]:
        """Events about these objects, oldest first."""
        statement = (
            select(EventRow)
            .where(EventRow.object_id.in_([item for item in object_ids if item]), EventRow.kind.in_(kinds))
            .order_by(EventRow.seq.desc())
            .limit(_EVENTS)
        )
        return list(reversed((await self.session.scalars(statement)).all()))

    async def gateway(self, api_id: str, gateway: str) -> GatewayRow | None:
        """The gateway (id or slug; empty = the first) that serves an API."""
        statement = (
            select(GatewayRow)
            .join(DeploymentRow, DeploymentRow.gateway_id == GatewayRow.id)
            .where(DeploymentRow.api_id == api_id, DeploymentRow.state.in_(SERVING))
            .order_by(GatewayRow.created_at, GatewayRow.id)
        )
        if gateway:
            statement = statement.where((GatewayRow.id == gateway) | (GatewayRow.slug == gateway))
        return (await self.session.scalars(statement.limit(1))).one_or_none()

    async def by_base_path(self, base_path: str) -> ApiRow | None:
        """The API with this base path."""
        return (await self.session.scalars(select(ApiRow).where(ApiRow.base_path == base_path))).one_or_none()

    async def by_id(self, credential_id: str, gateway_id: str) -> Caller | None:
        """A credential with its grants on a gateway."""
        found = await self._callers(CredentialRow.id == credential_id, gateway_id)
        return found[0] if found else None

    async def by_app(self, app_id: str, gateway_id: str) -> list[Caller]:
        """The credentials of an app with their grants on a gateway, the newest first."""
        return await self._callers(CredentialRow.app_id == app_id, gateway_id)

    async def by_digests(self, digests: Collection[str], gateway_id: str) -> list[Caller]:
        """Credentials whose value has one of these hashes, with their grants on a gateway."""
        return await self._callers(CredentialRow.key_sha256.in_(list(digests)), gateway_id)

    async def _callers(self, where: Any, gateway_id: str) -> list[Caller]:
        live = and_(
            GrantRow.credential_id == CredentialRow.id,
            GrantRow.gateway_id == gateway_id,
            GrantRow.state != GrantState.REVOKED,
        )
        statement = (
            select(CredentialRow, AppRow, GrantRow)
            .join(AppRow, AppRow.id == CredentialRow.app_id)
            .outerjoin(GrantRow, live)
            .where(where)
            .order_by(CredentialRow.created_at.desc(), CredentialRow.id)
        )
        found: dict[str, Caller] = {}
        for credential, app, grant in (await self.session.execute(statement)).all():
            known = found.setdefault(credential.id, Caller(credential, app))
            if grant is not None:
                found[credential.id] = known._replace(grants=(*known.grants, grant))
        return list(found.values())
