"""Bringing a plan into force: clusters, then routes, then scopes, so that nothing ever points at what is not there yet.

Every API stands alone: what the engine refuses is put back to its last good version and reported, the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from waypost.contracts.drivers import ApiChange, ApiOutcome, Capability, DriverPlan, PermanentError
from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.needs import missing
from waypost.integration.gateways.envoy import clusters, validate
from waypost.integration.gateways.envoy.filters import cost, rate_limit
from waypost.integration.gateways.envoy.live import Held, LiveState

Refused = dict[str, str]


class Deployment:
    """One ``apply`` of one plan."""

    def __init__(
        self, live: LiveState, plan: DriverPlan, *, capabilities: Collection[Capability], allow_private: bool
    ) -> None:
        self._capabilities = capabilities
        self._live = live
        self._changes = plan.changes
        self._wanted = {api.id: api for api in plan.ir.apis}
        self._allow_private = allow_private
        self._refused: Refused = {}

    async def run(self) -> tuple[ApiOutcome, ...]:
        """Outcomes in the plan's order. TemporaryError when the engine goes away meanwhile."""
        compiled = await self._compile()
        await self._prepare(compiled)
        await self._route(self._accepted(compiled))
        await self._live.drop_unused_clusters()
        return tuple(self._outcome(change) for change in self._changes)

    async def _compile(self) -> list[Held]:
        found = []
        for change in self._changes:
            if change.action == "delete":
                continue
            await asyncio.sleep(0)
            held = await self._compile_one(self._wanted[change.api_id], change.content_hash)
            found += [held] if held else []
        return found

    async def _compile_one(self, api: ApiIR, content_hash: str) -> Held | None:
        reasons = missing(api, self._capabilities) + validate.reasons(api) + self._claimed(api)
        if not reasons and not self._allow_private:
            reasons = await validate.private_upstreams(api)
        try:
            held = None if reasons else self._live.compile(api, content_hash)
        except ValueError as error:
            held, reasons = None, [str(error)]
        if reasons:
            self._refuse(api.id, "; ".join(reasons))
        return held

    def _claimed(self, api: ApiIR) -> list[str]:
        """Two APIs on one path: the one that is live keeps it, else the first in the plan."""
        rivals = [other for other in self._wanted.values() if other.base_path == api.base_path]
        staying = {held.api.id for held in self._live.apis.values() if held.api.base_path == api.base_path}
        owner = next((rival for rival in rivals if rival.id in staying), rivals[0])
        return [] if owner.id == api.id else [f"{api.base_path} belongs to the API {owner.slug!r}"]

    async def _prepare(self, compiled: list[Held]) -> None:
        """Rate classes and clusters that the new routes will name."""
        error = await self._live.ensure_classes(
            frozenset[rate_limit.Staged]().union(*(rate_limit.classes(held.api) for held in compiled)),
            {held.api.id: cost.limits(held.api) for held in compiled},
        )
        if error:
            raise PermanentError(f"the engine refused the plans' rate limits: {error}")
        upstreams: dict[str, clusters.Target] = {}
        for held in compiled:
            upstreams |= held.targets
        refused = await self._live.ensure_clusters(upstreams)
        for held in compiled:
            for name in held.targets.keys() & refused.keys():
                self._refuse(held.api.id, f"the engine refused the upstream: {refused[name]}")

    async def _route(self, compiled: list[Held]) -> None:
        gone = [change.api_id for change in self._changes if change.action == "delete"]
        moved = [held.api.id for held in compiled if self._moves(held)]
        await self._must(await self._live.replace_scopes((), [*gone, *moved]))
        for api_id in gone:
            self._live.forget(api_id)
        sends = [asyncio.create_task(self._send(held)) for held in compiled]
        # New routes leave when the engine asks for them, which it does once it knows their scopes.
        await asyncio.sleep(0)
        fresh = [held.api for held in compiled if held.api.id not in self._live.apis or held.api.id in moved]
        try:
            await self._must(await self._live.replace_scopes(fresh, ()))
        finally:
            await asyncio.gather(*sends, return_exceptions=True)
        for send in sends:
            send.result()
        await self._settle_scopes(fresh)

    async def _send(self, held: Held) -> None:
        """Replace one API's routes; on refusal its plans and labels are the old ones again."""
        api_id = held.api.id
        before = self._live.plans.get(api_id, ())
        self._live.set_plans(api_id, held.api.plans)
        error = await self._live.replace_routes(held)
        if error:
            self._refuse(api_id, error)
            self._live.set_plans(api_id, before)

    async def _settle_scopes(self, fresh: Iterable[ApiIR]) -> None:
        """Scopes of refused APIs go back to what serves: the old path, or nothing."""
        refused = [api.id for api in fresh if api.id in self._refused]
        back = [self._live.apis[api_id].api for api_id in refused if api_id in self._live.apis]
        lost = [api_id for api_id in refused if api_id not in self._live.apis]
        await self._must(await self._live.replace_scopes(back, lost))
        for api_id in lost:
            self._live.forget(api_id)

    async def _must(self, error: str) -> None:
        if error:
            raise PermanentError(f"the engine refused a scope: {error}")

    def _moves(self, held: Held) -> bool:
        before = self._live.apis.get(held.api.id)
        return before is not None and before.api.base_path != held.api.base_path

    def _accepted(self, compiled: list[Held]) -> list[Held]:
        return [held for held in compiled if held.api.id not in self._refused]

    def _refuse(self, api_id: str, reason: str) -> None:
        self._refused.setdefault(api_id, reason[:2000])

    def _outcome(self, change: ApiChange) -> ApiOutcome:
        api_id = change.api_id
        if change.action == "delete":
            return ApiOutcome(api_id=api_id, content_hash="", state="removed")
        reason = self._refused.get(api_id)
        state = "live" if reason is None else "quarantined"
        return ApiOutcome(api_id=api_id, content_hash=change.content_hash, state=state, reason=reason or "")
