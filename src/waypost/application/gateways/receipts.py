"""What gateways report: deployments become live, quarantined or withdrawn; grants come into force; health is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from waypost.application.context import Context
from waypost.application.gateways.deployments import record_deployment, withdrawn
from waypost.application.gateways.reading import CompiledApis, compile_rows, read_rows
from waypost.application.revisions import bump
from waypost.contracts.agent import ApiReceipt, Receipts
from waypost.contracts.ir.dump import to_plain
from waypost.contracts.vocab import DeploymentState
from waypost.information.models import ApiRow, BacklogRow, DeploymentRow, GatewayRow
from waypost.information.repos.backlog import RECEIPTS, BacklogRepo
from waypost.information.repos.gateways import DeploymentRepo, GatewayRepo
from waypost.information.repos.grants import GrantRepo
from waypost.kit.errors import NotFound

AT_ONCE = 10_000
"""So many grants become live in one transaction."""
NOTED_EVERY = timedelta(seconds=1)
"""A gateway that reports more often is not written down each time."""


class ReceiptService:
    """Stateless. Taking the same receipts again changes nothing but the time the gateway was last seen."""

    async def take(self, ctx: Context, gateway_id: str, receipts: Receipts) -> None:
        """Write down what a gateway reports, in one transaction."""
        gateway = await GatewayRepo(ctx.session).lock(gateway_id)
        if gateway is None:
            raise NotFound
        self._seen(ctx, gateway, receipts)
        if receipts.grants_revision and receipts.grants_revision != gateway.grants_revision:
            await self._granted(ctx, gateway, receipts.grants_revision)
        if receipts.apis:
            await self._apis(ctx, gateway, receipts.apis)

    async def put_aside(self, ctx: Context, gateway_id: str, broken: Mapping[str, str]) -> None:
        """APIs (id -> reason) that do not compile: their authors see it, what the gateway has stays as it is."""
        for row, api in await DeploymentRepo(ctx.session).of_apis(gateway_id, broken):
            if row.state != DeploymentState.WITHDRAWING:
                receipt = ApiReceipt(api_id=api.id, content_hash="", state="quarantined", reason=broken[api.id])
                await self._quarantined(ctx, row, api, receipt, "")

    def _seen(self, ctx: Context, gateway: GatewayRow, receipts: Receipts) -> None:
        now = ctx.clock.now()
        if gateway.last_seen_at is None or now - gateway.last_seen_at >= NOTED_EVERY:
            gateway.last_seen_at = now
        if receipts.health is not None:
            gateway.health = to_plain(receipts.health)

    async def _granted(self, ctx: Context, gateway: GatewayRow, revision: int) -> None:
        gateway.grants_revision = revision
        if await _acknowledge(ctx, gateway):
            await BacklogRepo(ctx.session).add(RECEIPTS, now=ctx.clock.now(), gateway_id=gateway.id)
            ctx.uow.after_commit(ctx.parts.backlog.pulse)

    async def _apis(self, ctx: Context, gateway: GatewayRow, receipts: tuple[ApiReceipt, ...]) -> None:
        by_api = {receipt.api_id: receipt for receipt in receipts}
        found = await DeploymentRepo(ctx.session).of_apis(gateway.id, by_api)
        if not found:
            return
        compiled = await compile_rows(ctx, await read_rows(ctx, gateway.id, by_api))
        for row, api in found:
            await self._settle(ctx, row, api, by_api[api.id], compiled)

    async def _settle(
        self, ctx: Context, row: DeploymentRow, api: ApiRow, receipt: ApiReceipt, compiled: CompiledApis
    ) -> None:
        wanted = compiled.apis.get(api.id)
        desired = wanted.content_hash if wanted else ""
        if row.state == DeploymentState.WITHDRAWING:
            await self._leaving(ctx, row, api, receipt, desired)
        elif receipt.state == "live":
            await self._live(ctx, row, api, receipt, desired)
        elif receipt.state == "quarantined" and receipt.content_hash in ("", desired):
            await self._quarantined(ctx, row, api, receipt, desired)

    async def _leaving(self, ctx: Context, row: DeploymentRow, api: ApiRow, receipt: ApiReceipt, desired: str) -> None:
        gone = receipt.state == "removed" and not desired
        replaced = receipt.state == "live" and receipt.content_hash == desired
        if gone or replaced:
            await withdrawn(ctx, row, api)
        elif receipt.state == "quarantined" and row.reason != receipt.reason:
            row.reason = receipt.reason
            bump(ctx, row)
            await record_deployment(ctx, "deployment.withdrawal_held", row, api, {"reason": receipt.reason})

    async def _live(self, ctx: Context, row: DeploymentRow, api: ApiRow, receipt: ApiReceipt, desired: str) -> None:
        """Only a receipt for what is wanted now settles it: an older one may lack this very version."""
        row.applied_hash = receipt.content_hash
        if receipt.content_hash != desired:
            return
        row.desired_hash = desired
        known, row.degradations = row.degradations, _degradations(receipt)
        if row.state == DeploymentState.LIVE:
            if row.degradations != known:
                bump(ctx, row)
                told = {"gateway_id": row.gateway_id, "degradations": row.degradations}
                await record_deployment(ctx, "deployment.degraded", row, api, told)
            return
        now = ctx.clock.now()
        row.state, row.reason, row.verified = DeploymentState.LIVE, "", True
        row.live_at = now
        row.live_after_ms = max(0, round((now - row.requested_at).total_seconds() * 1000))
        bump(ctx, row)
        data = {"gateway_id": row.gateway_id, "live_after_ms": row.live_after_ms, "content_hash": desired}
        await record_deployment(ctx, "deployment.live", row, api, data)

    async def _quarantined(
        self, ctx: Context, row: DeploymentRow, api: ApiRow, receipt: ApiReceipt, desired: str
    ) -> None:
        row.desired_hash = desired
        if row.state == DeploymentState.QUARANTINED and row.reason == receipt.reason:
            return
        row.state, row.reason, row.verified = DeploymentState.QUARANTINED, receipt.reason, False
        row.degradations = _degradations(receipt)
        bump(ctx, row)
        data = {"gateway_id": row.gateway_id, "reason": receipt.reason}
        await record_deployment(ctx, "deployment.quarantined", row, api, data)


async def acknowledge_more(ctx: Context, work: BacklogRow) -> str | None:
    """Further grants that a gateway has reported as in force."""
    gateway = await GatewayRepo(ctx.session).find(work.gateway_id)
    return "more" if gateway and await _acknowledge(ctx, gateway) else None


async def _acknowledge(ctx: Context, gateway: GatewayRow) -> bool:
    now = ctx.clock.now()
    repo = GrantRepo(ctx.session)
    return await repo.acknowledge(gateway.id, revision=gateway.grants_revision, now=now, limit=AT_ONCE)


def _degradations(receipt: ApiReceipt) -> list[dict[str, Any]]:
    return [{"feature": item.feature, "fallback": item.fallback} for item in receipt.degradations]
