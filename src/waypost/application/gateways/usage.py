"""Usage batches: kept for analytics, counted against quotas, exactly once each.

A gateway speaks for the APIs that it serves or served. Its other calls are put aside: they lose every name, so they
stand in nobody's quota and in no team's numbers, and their sum is kept with the gateway's batches.

Of a caller without a subscription a gateway says the credential only, and the hub whose it is: so its team finds the
call. Not where the API is another team's alone: names of that are not for it to read.

The order is analytics, then quota counters and ledger in one relational transaction, then the answer. Each of the two
takes a batch once by its number, so a hub killed in between loses nothing: the agent sends the batch again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any

import structlog

from waypost.application.context import Context, Principal
from waypost.application.gateways.costs import Costs, costs_of
from waypost.application.gateways.quota import QuotaService
from waypost.application.grants.quotas import Spent
from waypost.application.parts import Parts
from waypost.application.work import open_context
from waypost.contracts.telemetry import AccessRecord, UsageAck, UsageBatch
from waypost.contracts.vocab import Refusal
from waypost.information.repos.gateways import GatewayRepo, UsageLedgerRepo
from waypost.information.repos.usage import Stranger, UsageRepo
from waypost.kit.errors import NotFound

log = structlog.get_logger("gateways.usage")
_LET_THROUGH = frozenset({"", Refusal.UPSTREAM_ERROR, Refusal.UPSTREAM_UNAVAILABLE, Refusal.UPSTREAM_TIMEOUT})
"""Codes of calls that a gateway let through to the upstream (or its mock): those use up a quota."""
_NAMES = ("api_id", "version_id", "operation_id", "app_id", "subscription_id", "plan_id", "credential_id")
_NAMED = 10
"""APIs in one line of the log."""
_MOST_UNITS = 1e15
"""Of one call: as much as the largest quota. Sums of what an upstream may write into its header have no bound else."""


class UsageService:
    """Opens its own short units of work: nothing is held while analytics writes."""

    async def take(self, parts: Parts, gateway: Principal, batch: UsageBatch) -> UsageAck:
        """Take a batch, again if need be; on return it is safe."""
        async with open_context(parts, gateway, write=False) as ctx:
            known = await UsageLedgerRepo(ctx.session).number(gateway.id, batch.spool)
            if batch.number <= known:
                return UsageAck(spool=batch.spool, number=known)
            repo = UsageRepo(ctx.session)
            owners = await repo.attributions(_subscriptions(batch.records))
            strangers = await repo.strangers(_strangers(batch.records))
            records = [_attributed(record, owners, strangers) for record in batch.records]
            named = {record.api_id for record in records if record.api_id}
            foreign = named - await repo.served(gateway.id, named)
        kept = replace(batch, records=tuple(_nameless(item) if item.api_id in foreign else item for item in records))
        put_aside = sum(item.api_id in foreign for item in records)
        await parts.analytics.append(gateway.id, kept)
        async with open_context(parts, gateway, write=True) as ctx:
            number = await self._count(ctx, gateway.id, kept, put_aside=put_aside)
            await ctx.uow.commit()
        if put_aside:
            log.warning("usage_put_aside", gateway_id=gateway.id, records=put_aside, api_ids=sorted(foreign)[:_NAMED])
        return UsageAck(spool=batch.spool, number=number)

    async def _count(self, ctx: Context, gateway_id: str, batch: UsageBatch, *, put_aside: int) -> int:
        """Counters, ledger and what follows from them; the number that is safe now."""
        if await GatewayRepo(ctx.session).lock(gateway_id) is None:
            raise NotFound
        ledger = UsageLedgerRepo(ctx.session)
        known = await ledger.number(gateway_id, batch.spool)
        if batch.number <= known:
            return known
        await ledger.advance(gateway_id, batch.spool, number=batch.number, dropped=batch.dropped, put_aside=put_aside)
        now = ctx.clock.now()
        await QuotaService().count(ctx, _spent(batch.records, await costs_of(ctx, batch.records), now))
        await UsageRepo(ctx.session).touch_credentials(_last_used(batch.records, now))
        return batch.number


def _subscriptions(records: Iterable[AccessRecord]) -> set[str]:
    return {record.subscription_id for record in records if record.subscription_id}


def _strangers(records: Iterable[AccessRecord]) -> set[Stranger]:
    without = (record for record in records if record.credential_id and not record.subscription_id)
    return {(record.credential_id, record.api_id) for record in without}


def _attributed(record: AccessRecord, owners: dict[str, Any], strangers: dict[Stranger, str]) -> AccessRecord:
    """App, API and plan as the hub knows them: a gateway says only whose subscription, or credential, it was."""
    owner = owners.get(record.subscription_id)
    if owner is None or (record.api_id and record.api_id != owner.api_id):
        app_id = "" if record.subscription_id else strangers.get((record.credential_id, record.api_id), "")
        credential_id = record.credential_id if app_id else ""
        return _named(record, subscription_id="", app_id=app_id, plan_id="", credential_id=credential_id)
    plan_id = record.plan_id or owner.plan_version_id
    return _named(record, app_id=owner.app_id, api_id=owner.api_id, plan_id=plan_id)


def _named(record: AccessRecord, **names: Any) -> AccessRecord:
    """Most records say so already, and stay the very objects."""
    same = all(getattr(record, key) == name for key, name in names.items())
    return record if same else replace(record, **names)


def _nameless(record: AccessRecord) -> AccessRecord:
    return _named(record, **dict.fromkeys(_NAMES, ""))


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


def _last_used(records: Iterable[AccessRecord], now: datetime) -> dict[tuple[str, str], datetime]:
    """(credential, app) -> newest call, as far as the engine says which key it was; none is later than ``now``."""
    newest: dict[tuple[str, str], datetime] = {}
    for record in records:
        if record.credential_id and record.subscription_id:
            at, key = min(record.at, now), (record.credential_id, record.app_id)
            newest[key] = max(at, newest.get(key, at))
    return newest
