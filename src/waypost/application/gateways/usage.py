"""Usage batches: kept for analytics, counted against quotas, exactly once each.

The order is analytics, then quota counters and ledger in one relational transaction, then the answer. Each of the two
takes a batch once by its number, so a hub killed in between loses nothing: the agent sends the batch again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any

from waypost.application.context import Context, Principal
from waypost.application.gateways.costs import Costs, costs_of
from waypost.application.gateways.quota import QuotaService
from waypost.application.grants.quotas import Spent
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.contracts.telemetry import AccessRecord, UsageAck, UsageBatch
from waypost.contracts.vocab import Refusal
from waypost.information.repos.gateways import GatewayRepo, UsageLedgerRepo
from waypost.information.repos.usage import UsageRepo
from waypost.kit.errors import NotFound

_LET_THROUGH = frozenset({"", Refusal.UPSTREAM_ERROR, Refusal.UPSTREAM_UNAVAILABLE, Refusal.UPSTREAM_TIMEOUT})
"""Codes of calls that a gateway let through to the upstream (or its mock): those use up a quota."""
_MOST_UNITS = 1e15
"""Of one call: as much as the largest quota. Sums of what an upstream may write into its header have no bound else."""


class UsageService:
    """Opens its own short units of work: nothing is held while analytics writes."""

    async def take(self, parts: Parts, gateway: Principal, batch: UsageBatch) -> UsageAck:
        """Take a batch, again if need be; on return it is safe."""
        async with open_context(parts, gateway, write=False) as ctx:
            known = await UsageLedgerRepo(ctx.session).number(gateway.id, batch.spool)
            owners = await UsageRepo(ctx.session).attributions(_subscriptions(batch.records))
        if batch.number <= known:
            return UsageAck(spool=batch.spool, number=known)
        attributed = replace(batch, records=tuple(_attributed(record, owners) for record in batch.records))
        await parts.analytics.append(gateway.id, attributed)
        async with open_context(parts, gateway, write=True) as ctx:
            number = await self._count(ctx, gateway.id, attributed)
            await ctx.uow.commit()
        return UsageAck(spool=batch.spool, number=number)

    async def _count(self, ctx: Context, gateway_id: str, batch: UsageBatch) -> int:
        """Counters, ledger and what follows from them; the number that is safe now."""
        if await GatewayRepo(ctx.session).lock(gateway_id) is None:
            raise NotFound
        ledger = UsageLedgerRepo(ctx.session)
        known = await ledger.number(gateway_id, batch.spool)
        if batch.number <= known:
            return known
        await ledger.advance(gateway_id, batch.spool, number=batch.number, dropped=batch.dropped)
        now = ctx.clock.now()
        await QuotaService().count(ctx, _spent(batch.records, await costs_of(ctx, batch.records), now))
        await UsageRepo(ctx.session).touch_credentials(_last_used(batch.records, now))
        return batch.number


def _subscriptions(records: Iterable[AccessRecord]) -> set[str]:
    return {record.subscription_id for record in records if record.subscription_id}


def _attributed(record: AccessRecord, owners: dict[str, Any]) -> AccessRecord:
    """App, API and plan as the hub knows them: a gateway says only whose subscription it was."""
    owner = owners.get(record.subscription_id)
    if owner is None or (record.api_id and record.api_id != owner.api_id):
        return replace(record, subscription_id="", app_id="", plan_id="") if record.subscription_id else record
    plan_id = record.plan_id or owner.plan_version_id
    return replace(record, app_id=owner.app_id, api_id=owner.api_id, plan_id=plan_id)


def _spent(records: Iterable[AccessRecord], costs: Costs, now: datetime) -> dict[tuple[str, datetime], Spent]:
    """(subscription, minute) -> what calls that were let through used. No step of a window is finer than a minute.

    A gateway's clock that runs ahead does not put them into a window to come, where they would use up nothing now.
    """
    found: dict[tuple[str, datetime], Spent] = {}
    for record in records:
        if not record.subscription_id or record.code not in _LET_THROUGH:
            continue
        minute = min(record.at, now).replace(second=0, microsecond=0)
        amount = found.setdefault((record.subscription_id, minute), Spent())
        amount.calls += costs.of(record)
        amount.bytes += record.bytes_in + record.bytes_out
        amount.units += min(max(0.0, record.units), _MOST_UNITS) if isfinite(record.units) else 0.0
    return found


def _last_used(records: Iterable[AccessRecord], now: datetime) -> dict[str, datetime]:
    """Credential -> newest call with it, as far as the engine says which key it was; none is later than ``now``."""
    newest: dict[str, datetime] = {}
    for record in records:
        if record.credential_id and record.subscription_id:
            at = min(record.at, now)
            newest[record.credential_id] = max(at, newest.get(record.credential_id, at))
    return newest
