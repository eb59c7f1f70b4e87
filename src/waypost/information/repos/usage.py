"""What taking usage looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from waypost.contracts.vocab import Lifecycle, Visibility
from waypost.information.models import ApiRow, AppRow, CredentialRow, DeploymentRow, GrantRow
from waypost.information.repos.chunks import chunks

Stranger = tuple[str, str]
"""A credential and the API that its app is not subscribed to, by id."""
# Of tables, and built once: these run with every batch, several times a second.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_API, _APP = ApiRow.__table__, AppRow.__table__
_CREDENTIAL, _SUBSCRIPTION = (CredentialRow.metadata.tables[name] for name in ("credentials", "subscriptions"))
_OF_SUBSCRIPTIONS = select(*(_SUBSCRIPTION.c[name] for name in ("id", "app_id", "api_id", "plan_version_id"))).where(
    _SUBSCRIPTION.c.id.in_(_IDS)
)
_HOLDERS = (
    select(_CREDENTIAL.c.id, _CREDENTIAL.c.app_id, _APP.c.owner_id)
    .join(_APP, _APP.c.id == _CREDENTIAL.c.app_id)
    .where(_CREDENTIAL.c.id.in_(_IDS))
)
_LISTED = and_(_API.c.visibility != Visibility.PRIVATE, _API.c.lifecycle != Lifecycle.DRAFT).label("listed")
_SEEN = select(_API.c.id, _API.c.owner_id, _LISTED).where(_API.c.id.in_(_IDS))
_SERVED = tuple(
    select(table.c.api_id).where(table.c.gateway_id == bindparam("gateway_id"), table.c.api_id.in_(_IDS)).distinct()
    for table in (DeploymentRow.__table__, GrantRow.__table__)
)
_TOUCH = (
    update(_CREDENTIAL)
    .where(
        _CREDENTIAL.c.id == bindparam("credential_id"),
        _CREDENTIAL.c.app_id == bindparam("of_app"),
        or_(_CREDENTIAL.c.last_used_at.is_(None), _CREDENTIAL.c.last_used_at < bindparam("used_at")),
    )
    .values(last_used_at=bindparam("used_at"))
)


class UsageRepo:
    """Attribution of calls, and when keys were used."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def attributions(self, subscription_ids: Collection[str]) -> dict[str, Any]:
        """Subscription id -> row (app_id, api_id, plan_version_id)."""
        return await self._by_id(_OF_SUBSCRIPTIONS, subscription_ids)

    async def strangers(self, named: Collection[Stranger]) -> dict[Stranger, str]:
        """The app of each credential, where the app's owner may know of the API at all."""
        held = await self._by_id(_HOLDERS, {credential_id for credential_id, _ in named})
        apis = await self._by_id(_SEEN, {api_id for _, api_id in named} if held else ())
        both = [(pair, held[pair[0]], apis[pair[1]]) for pair in named if pair[0] in held and pair[1] in apis]
        return {pair: app.app_id for pair, app, api in both if api.listed or api.owner_id == app.owner_id}

    async def served(self, gateway_id: str, api_ids: Collection[str]) -> set[str]:
        """Those of the APIs that are or were on the gateway. A version that is gone has left the tombstones of keys."""
        found: set[str] = set()
        for statement in _SERVED:
            for part in chunks(set(api_ids) - found):
                found.update((await self.session.scalars(statement, {"gateway_id": gateway_id, "ids": part})).all())
        return found

    async def touch_credentials(self, newest: Mapping[tuple[str, str], datetime]) -> None:
        """(credential, its app) -> when it was used; ``last_used_at`` moves forward, never back."""
        if not newest:
            return
        connection = await self.session.connection()
        values = [{"credential_id": key, "of_app": app, "used_at": at} for (key, app), at in sorted(newest.items())]
        await connection.execute(_TOUCH, values)

    async def _by_id(self, statement: Select[Any], ids: Collection[str]) -> dict[str, Any]:
        """Rows by their ``id``."""
        found: dict[str, Any] = {}
        for part in chunks(ids):
            found.update({row.id: row for row in (await self.session.execute(statement, {"ids": part})).all()})
        return found
