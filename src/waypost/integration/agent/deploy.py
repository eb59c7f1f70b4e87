"""The pipeline for routes: validate → plan → apply → verify → receipt, one round at a time, whole-state.

``guard`` works where the news arrive (:class:`Desired`). A round compares what shall serve with what serves, by
content hash; only changed APIs go to the driver. What it refuses, or what a probe does not find, is put aside alone,
and its last good version serves on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import structlog
from prometheus_client import Histogram

from waypost.contracts.agent import ApiReceipt
from waypost.contracts.drivers import (
    ApiOutcome,
    Degradation,
    GatewayDriver,
    PermanentError,
    TemporaryError,
)
from waypost.contracts.ir import GatewayIR, GatewaySettings
from waypost.contracts.ir.dump import content_hash
from waypost.contracts.ir.needs import left_out
from waypost.integration.agent.codec import ApisNews
from waypost.integration.agent.desired import Chosen, Desired, Refusal
from waypost.integration.agent.metrics import AgentMetrics
from waypost.integration.agent.options import Timing
from waypost.integration.agent.probe import Prober
from waypost.integration.agent.reports import Reports
from waypost.integration.agent.state import Overview, StateStore
from waypost.integration.agent.supervise import EngineProcess

log = structlog.get_logger("agent.deploy")
LONGEST_RETRY = 600.0
NOT_READY_PAUSE = 0.2
STARTING_PAUSE = 0.02
RETRIED = "retried:"


class Deployer:
    """Owns the routes of one engine. ``take`` returns at once, ``run`` works."""

    def __init__(
        self,
        driver: GatewayDriver,
        engine: EngineProcess,
        prober: Prober,
        store: StateStore,
        reports: Reports,
        *,
        gateway_id: str,
        metrics: AgentMetrics,
        timing: Timing,
    ) -> None:
        self.settled = asyncio.Event()
        self.desired = Desired(capabilities=driver.info.capabilities)
        self.overview = Overview()
        self._driver = driver
        self._engine = engine
        self._prober = prober
        self._store = store
        self._reports = reports
        self._gateway_id = gateway_id
        self._metrics = metrics
        self._timing = timing
        self._live: dict[str, Chosen] = {}
        self._settings: GatewaySettings | None = None
        self._told = False
        self._caught_up = False
        self._refused_settings = ""
        self._degradations: dict[str, tuple[Degradation, ...]] = {}
        self._unproved: set[str] = set()
        self._waiting: dict[str, float] = {}
        self._unsaved: set[str] = set()
        self._saved = Overview()
        self._wake = asyncio.Event()

    @property
    def serving(self) -> int:
        """How many APIs the engine serves."""
        return len(self._live)

    @property
    def up_to_date(self) -> bool:
        """Whether the engine takes calls with the settings that the hub sent since the agent began, or refused them."""
        return self._caught_up and self._settings_known()

    def load(self) -> None:
        """Take the last known good state from disk; the first round brings it into force."""
        self.overview = self._saved = self._store.overview()
        self.desired.apis = self._store.apis()
        self.desired.recovering = True
        self._wake.set()

    def take(self, news: ApisNews) -> None:
        """News from the hub."""
        touched = self.desired.take(news)
        now = asyncio.get_running_loop().time()
        self._waiting.update(dict.fromkeys(touched, now))
        self._unsaved |= touched
        self._told = True
        self.overview = replace(self.overview, generation=news.generation, settings=news.settings)
        self._wake.set()

    def holds(self) -> dict[str, str]:
        """API id to content hash of what the hub need not send again."""
        refused = self.desired.quarantined()
        known = {key: state.desired_hash for key, state in self.desired.apis.items()}
        return {key: value for key, value in known.items() if key not in refused or refused[key].content_hash}

    def check_again(self, differing: set[str]) -> None:
        """These are not what the engine runs: bring them into force anew."""
        for api_id in differing & self._live.keys():
            self._live[api_id] = replace(self._live[api_id], content_hash="differs")
        self._wake.set()

    def live_hashes(self) -> dict[str, str]:
        """What the engine should be running."""
        return {key: chosen.content_hash for key, chosen in self._live.items()}

    async def run(self) -> None:
        """Round after round, for ever; a round that fails is tried again, what serves is left alone meanwhile."""
        while True:
            await self._next()
            pause = 0.0
            try:
                await self._round()
            except TemporaryError as error:
                # A gateway that is just starting serves nobody yet: no time to lose.
                pause = max(error.delay if self.settled.is_set() else min(error.delay, STARTING_PAUSE), 0.01)
                log.debug("deploy.not_now", error=str(error)[:500], again_in=pause)
            except Exception:
                pause = 1.0
                log.exception("deploy.failed")
            if pause:
                self._wake.set()
                await asyncio.sleep(pause)

    async def _round(self) -> None:
        generation = self.overview.generation
        first = self.desired.recovering
        if first:
            # What the engine gets now; what the hub says meanwhile is for the next round.
            self._settings = self._settings_now()
        else:
            await self._apply_settings()
        target = self.desired.choose()
        changed = self._changed(target)
        outcomes: dict[str, ApiOutcome] = {}
        if changed or first:
            await self._apply(target, changed, outcomes)
        if first:
            self._recovered()
        self._note(outcomes, target)
        await self._prove()
        self._report(generation)
        await self._save()
        if not self._unproved:
            self.settled.set()
        if not self._caught_up:
            await self._catch_up()

    async def _catch_up(self) -> None:
        if self._told and self.settled.is_set() and self._settings_known():
            await self._need_engine()
            self._caught_up = True
            self._reports.soon()

    async def _need_engine(self) -> None:
        if not await self._engine.wait_ready(self._timing.engine_ready):
            raise TemporaryError("the engine is not up", delay=NOT_READY_PAUSE)

    def _recovered(self) -> None:
        """The last good state serves; from now on it is the hub's wish that counts."""
        self.desired.recovering = False
        self._wake.set()

    def _changed(self, target: dict[str, Chosen]) -> list[str]:
        gone = [key for key in self._live if key not in target]
        new = [
            key
            for key, chosen in target.items()
            if key not in self._live or self._live[key].content_hash != chosen.content_hash
        ]
        return gone + new

    async def _apply_settings(self) -> None:
        """Settings go first and alone, so that an API is not blamed for them."""
        wanted = self.overview.settings
        if self._settings_known():
            if wanted == self._settings != self.overview.good_settings:
                self.overview = replace(self.overview, good_settings=wanted)
            return
        try:
            await self._driver.apply(await self._driver.plan(self._ir(self._live, wanted)))
        except PermanentError as error:
            log.error("deploy.settings_refused", error=str(error)[:500], note="the last good settings stay in force")
            self._refused_settings = content_hash(wanted)
            return
        self._settings = wanted
        self.overview = replace(self.overview, good_settings=wanted)

    def _settings_known(self) -> bool:
        wanted = self.overview.settings
        return wanted == self._settings or content_hash(wanted) == self._refused_settings

    def _settings_now(self) -> GatewaySettings:
        return self._settings or self.overview.good_settings or self.overview.settings

    async def _apply(self, target: dict[str, Chosen], changed: list[str], outcomes: dict[str, ApiOutcome]) -> None:
        """Apply ``changed`` on top of what serves; halve it while the driver refuses it as a whole."""
        wanted = {key: chosen for key, chosen in self._live.items() if key not in changed}
        wanted.update({key: target[key] for key in changed if key in target})
        try:
            plan = await self._driver.plan(self._ir(wanted, self._settings_now()))
            result = await self._driver.apply(plan)
        except PermanentError as error:
            await self._apply_halves(target, changed, outcomes, error)
            return
        told = {outcome.api_id: outcome for outcome in result.outcomes}
        for api_id in changed:
            outcomes[api_id] = told.get(api_id) or _implied(api_id, wanted.get(api_id))
            named = tuple(item for item in plan.degradations if item.api_id == api_id)
            lost = left_out(wanted[api_id].api, self.desired.capabilities) if api_id in wanted else ()
            self._degradations[api_id] = named + lost
            self._move(api_id, wanted.get(api_id), outcomes[api_id])

    async def _apply_halves(
        self,
        target: dict[str, Chosen],
        changed: list[str],
        outcomes: dict[str, ApiOutcome],
        error: PermanentError,
    ) -> None:
        if not changed:
            raise error
        if len(changed) == 1:
            chosen = target.get(changed[0])
            digest = chosen.content_hash if chosen else ""
            outcome = ApiOutcome(api_id=changed[0], content_hash=digest, state="quarantined", reason=str(error))
            outcomes[changed[0]] = outcome
            return
        middle = len(changed) // 2
        await self._apply(target, changed[:middle], outcomes)
        await self._apply(target, changed[middle:], outcomes)

    def _move(self, api_id: str, chosen: Chosen | None, outcome: ApiOutcome) -> None:
        """Keep ``_live`` what the engine serves."""
        if outcome.state == "live" and chosen is not None:
            self._live[api_id] = chosen
            self._unproved.add(api_id)
        elif outcome.state == "removed":
            self._live.pop(api_id, None)
            self._unproved.discard(api_id)

    def _note(self, outcomes: dict[str, ApiOutcome], target: dict[str, Chosen]) -> None:
        for api_id, outcome in outcomes.items():
            if outcome.state == "quarantined" and api_id in target:
                self.desired.refuse(api_id, Refusal(target[api_id].content_hash, outcome.reason[:2000]))
                log.warning("deploy.quarantined", api=api_id, reason=outcome.reason[:500])
                # The version put aside may be newer than one that works: the next round brings that one back.
                self._wake.set()
            elif outcome.state in ("live", "removed"):
                self._observe(self._metrics.apply_seconds, api_id)
            if outcome.state == "removed":
                log.info("deploy.removed", api=api_id)

    async def _prove(self) -> None:
        """Probe what was applied. While the engine is not up nothing is proved and nothing blamed."""
        if not self._unproved:
            return
        await self._need_engine()
        applied_at = asyncio.get_running_loop().time()
        waiting = sorted(self._unproved)
        await asyncio.gather(*(self._prove_one(api_id, applied_at) for api_id in waiting))

    async def _prove_one(self, api_id: str, applied_at: float) -> None:
        chosen = self._live.get(api_id)
        wrong = await self._prober.prove(lambda: self._driver.probe(api_id))
        if wrong and not (self._engine.running and await self._driver.ready()):
            self._wake.set()
            return
        self._unproved.discard(api_id)
        if chosen is None:
            return
        if wrong:
            self._disproved(api_id, chosen, wrong)
            return
        if self.desired.proved(api_id, chosen):
            self._unsaved.add(api_id)
        self._observe(self._metrics.verify_seconds, api_id)
        if api_id in self.desired.quarantined():
            return
        started = self._waiting.pop(api_id, applied_at)
        proved_at = asyncio.get_running_loop().time()
        receipt = ApiReceipt(
            api_id=api_id,
            content_hash=chosen.content_hash,
            state="live",
            apply_ms=round((applied_at - started) * 1000),
            verify_ms=round((proved_at - started) * 1000),
            degradations=self._degradations.get(api_id, ()),
        )
        self._reports.apis([receipt], generation=0)
        log.info("deploy.live", api=api_id, slug=chosen.api.slug, verify_ms=receipt.verify_ms)

    def _disproved(self, api_id: str, chosen: Chosen, reason: str) -> None:
        """Back to the version before, unless this is the one that used to work: then it is not the API's fault."""
        state = self.desired.apis.get(api_id)
        log.error("deploy.not_verified", api=api_id, reason=reason)
        if state is None or chosen.content_hash == state.good_hash:
            return
        known = self.desired.refused.get(api_id)
        again = known is not None and known.content_hash == f"{RETRIED}{chosen.content_hash}"
        attempts = known.attempts + 1 if known and again else 1
        pause = min(self._timing.verify_retry * 2 ** (attempts - 1), LONGEST_RETRY)
        retry_at = asyncio.get_running_loop().time() + pause
        refusal = Refusal(chosen.content_hash, f"not verified: {reason}", retry_at, attempts)
        self.desired.refuse(api_id, refusal)
        self._wake.set()

    def _report(self, generation: int) -> None:
        """Receipts for what is quarantined, held or removed; what is live was reported the moment it was proved."""
        refused = self.desired.quarantined()
        answers = {key: self._receipt(key, refused) for key in self._waiting}
        answered = [receipt for receipt in answers.values() if receipt is not None]
        for receipt in answered:
            del self._waiting[receipt.api_id]
        self._reports.apis(answered, generation=0 if self._waiting else generation)
        # A version refused later than it was asked for (a failed probe) has no one waiting for it any more.
        self._reports.news([self._quarantined(key, item) for key, item in refused.items() if key not in answers])
        self._metrics.apis_applied.set(len(self._live))
        self._metrics.apis_quarantined.set(len(refused))

    def _receipt(self, api_id: str, refused: dict[str, Refusal]) -> ApiReceipt | None:
        """None while it is not known yet."""
        live = self._live.get(api_id)
        if api_id in self.desired.held:
            digest = live.content_hash if live else ""
            return self._quarantined(api_id, Refusal(digest, self.desired.held[api_id]))
        if api_id in refused:
            return self._quarantined(api_id, refused[api_id])
        state = self.desired.apis.get(api_id)
        if state is None:
            return ApiReceipt(api_id=api_id, content_hash="", state="removed") if live is None else None
        if live is None or api_id in self._unproved or live.content_hash != state.desired_hash:
            return None
        degradations = self._degradations.get(api_id, ())
        return ApiReceipt(api_id=api_id, content_hash=live.content_hash, state="live", degradations=degradations)

    def _quarantined(self, api_id: str, refusal: Refusal) -> ApiReceipt:
        return ApiReceipt(
            api_id=api_id,
            content_hash=refusal.content_hash,
            state="quarantined",
            reason=refusal.reason,
            degradations=self._degradations.get(api_id, ()),
        )

    async def _save(self) -> None:
        """Keep what changed; a full disk delays it and nothing else."""
        unsaved, self._unsaved = self._unsaved, set()
        kept = [self.desired.apis[api_id] for api_id in unsaved if api_id in self.desired.apis]
        gone = [api_id for api_id in unsaved if api_id not in self.desired.apis]
        overview = self.overview

        def save() -> None:
            self._store.save_apis(kept)
            self._store.forget_apis(gone)
            # Where nothing else changed its number is not worth a write: the hub compares what is held.
            if replace(overview, generation=self._saved.generation) != self._saved:
                self._store.save_overview(overview)
                self._saved = overview

        try:
            await asyncio.to_thread(save)
        except OSError as error:
            self._unsaved |= unsaved
            log.error("deploy.not_saved", error=error.strerror)

    async def _next(self) -> None:
        """Until something is to be done: news, a retry that is due, or a save that failed."""
        now = asyncio.get_running_loop().time()
        due = [item.retry_at for item in self.desired.quarantined().values() if item.retry_at is not None]
        wait = max(0.0, min(due) - now) if due else None
        if self._unsaved:
            wait = min(wait or 5.0, 5.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()
        self._wake.clear()
        self._release_due()

    def _release_due(self) -> None:
        now = asyncio.get_running_loop().time()
        for api_id, item in list(self.desired.refused.items()):
            if item.retry_at is not None and item.retry_at <= now:
                # Another hash keeps the count of attempts without refusing anything.
                self.desired.refused[api_id] = replace(
                    item, retry_at=None, content_hash=f"{RETRIED}{item.content_hash}"
                )

    def _ir(self, apis: dict[str, Chosen], settings: GatewaySettings) -> GatewayIR:
        ordered = tuple(apis[key].api for key in sorted(apis))
        return GatewayIR(gateway_id=self._gateway_id, settings=settings, apis=ordered)

    def _observe(self, histogram: Histogram, api_id: str) -> None:
        started = self._waiting.get(api_id)
        if started is not None:
            histogram.observe(asyncio.get_running_loop().time() - started)


def _implied(api_id: str, chosen: Chosen | None) -> ApiOutcome:
    """A driver that names no outcome found nothing to do: it already serves this."""
    if chosen is None:
        return ApiOutcome(api_id=api_id, content_hash="", state="removed")
    return ApiOutcome(api_id=api_id, content_hash=chosen.content_hash, state="live")
