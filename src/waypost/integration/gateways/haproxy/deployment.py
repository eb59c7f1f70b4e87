"""Bringing a plan into force: render, check beside what serves, load.

Every API stands alone: what cannot be rendered, or what the engine refuses and can be blamed on a section, is put
back to its last good version and reported; the others go on.
"""

from __future__ import annotations

import asyncio

from waypost.contracts.drivers import ApiChange, ApiOutcome, DriverPlan, PermanentError
from waypost.contracts.ir import ApiIR
from waypost.contracts.ir.dump import content_hash
from waypost.contracts.ir.needs import missing
from waypost.contracts.ir.validate import validate_api
from waypost.integration.gateways import upstreams
from waypost.integration.gateways.haproxy import checking, config
from waypost.integration.gateways.haproxy.capabilities import CAPABILITIES
from waypost.integration.gateways.haproxy.config import Rendered
from waypost.integration.gateways.haproxy.live import LiveState


class Deployment:
    """One ``apply`` of one plan."""

    def __init__(self, live: LiveState, plan: DriverPlan, *, allow_private: bool) -> None:
        self._live = live
        self._plan = plan
        self._settings = plan.ir.settings
        self._wanted = {api.id: api for api in plan.ir.apis}
        self._allow_private = allow_private
        self._refused: dict[str, str] = {}

    async def run(self) -> tuple[ApiOutcome, ...]:
        """Outcomes in the plan's order."""
        gone = {change.api_id for change in self._plan.changes if change.action == "delete"}
        base = {api_id: held for api_id, held in self._live.apis.items() if api_id not in gone}
        base = await self._resettled(base)
        fresh = await self._render()
        await self._load(base, fresh)
        return tuple(self._outcome(change) for change in self._plan.changes)

    async def _resettled(self, base: dict[str, Rendered]) -> dict[str, Rendered]:
        """What serves, rendered anew where the gateway's settings changed: they stand in every section."""
        if content_hash(self._settings) == self._live.settings_hash:
            return base
        return {api_id: await self._one(held.api, held.content_hash) for api_id, held in base.items()}

    async def _render(self) -> dict[str, Rendered]:
        fresh: dict[str, Rendered] = {}
        for change in self._plan.changes:
            held = self._live.apis.get(change.api_id)
            if change.action == "delete" or (held and held.content_hash == change.content_hash):
                continue
            api = self._wanted[change.api_id]
            reasons = await self._reasons(api)
            try:
                if not reasons:
                    fresh[api.id] = await self._one(api, change.content_hash)
            except ValueError as error:
                reasons = [str(error)]
            if reasons:
                self._refused[api.id] = "; ".join(reasons[:5])
        return fresh

    async def _one(self, api: ApiIR, digest: str) -> Rendered:
        await asyncio.sleep(0)
        return config.render(api, digest, self._settings, self._live.files)

    async def _reasons(self, api: ApiIR) -> list[str]:
        reasons = [str(problem) for problem in validate_api(api)] + missing(api, CAPABILITIES) + self._claimed(api)
        if not reasons and not self._allow_private:
            reasons = await upstreams.private(upstreams.of_api(api))
        return reasons

    def _claimed(self, api: ApiIR) -> list[str]:
        """Two APIs on one path: the one that is live keeps it, else the first in the plan."""
        rivals = [other for other in self._wanted.values() if other.base_path == api.base_path]
        staying = {api_id for api_id, held in self._live.apis.items() if held.api.base_path == api.base_path}
        owner = next((rival for rival in rivals if rival.id in staying), rivals[0])
        return [] if owner.id == api.id else [f"{api.base_path} belongs to the API {owner.slug!r}"]

    async def _load(self, base: dict[str, Rendered], fresh: dict[str, Rendered]) -> None:
        """Load all that the engine takes; what it refuses is left out, or left as it was."""
        while True:
            apis = {**base, **fresh}
            candidate = self._live.configuration(apis, self._settings)
            told = self._live.told(candidate, apis)
            alerts = [] if told is not None else await self._live.check(candidate)
            if not alerts:
                break
            blamed = {key: reason for key, reason in checking.blame(alerts, candidate).items() if key in fresh}
            if not blamed:
                raise PermanentError(f"the engine refused the configuration: {'; '.join(alerts)[:2000]}")
            for api_id, reason in blamed.items():
                self._refused[api_id] = f"the engine refused it: {reason[:1000]}"
                del fresh[api_id]
        if fresh or self._plan.settings_changed or base.keys() != self._live.apis.keys():
            if told is None:
                await self._live.load(candidate, apis, self._settings)
            else:
                await self._live.tell(told, candidate, apis, self._settings)

    def _outcome(self, change: ApiChange) -> ApiOutcome:
        if change.action == "delete":
            return ApiOutcome(api_id=change.api_id, content_hash="", state="removed")
        reason = self._refused.get(change.api_id)
        state = "quarantined" if reason else "live"
        return ApiOutcome(api_id=change.api_id, content_hash=change.content_hash, state=state, reason=reason or "")
