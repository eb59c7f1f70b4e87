"""The driver suite: a driver is accepted when a subclass of :class:`DriverSuite` passes on a real engine.

``class TestMyDriver(DriverSuite)`` gives :meth:`make`; pytest and pytest-asyncio (``asyncio_mode = auto``) do the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from waypost.contracts.drivers import ApplyResult, Capability, GatewayDriver, TemporaryError
from waypost.contracts.ir import ApiIR, GatewayIR, GrantDelta
from waypost.contracts.ir.dump import content_hash
from waypost.testing.corpus import KEY, Case, corpus
from waypost.testing.engine import NO_TLS, EchoUpstream, RunningEngine, until

CASES = corpus()


@dataclass
class Subject:
    """A driver with its running engine, an upstream, and a client for the data path."""

    engine: RunningEngine
    upstream: EchoUpstream
    client: httpx.AsyncClient

    @property
    def driver(self) -> GatewayDriver:
        """The driver under test."""
        return self.engine.driver

    async def apply(self, ir: GatewayIR) -> ApplyResult:
        """Plan, apply, and wait until the data path proves what is live."""
        result = await self.driver.apply(await self.driver.plan(ir))
        for outcome in result.outcomes:
            if outcome.state == "live" and self.driver.probe(outcome.api_id) is not None:
                await self.engine.proved(outcome.api_id)
        return result

    async def status(self, path: str, key: str = "") -> int:
        """The status of one call."""
        headers = {"x-api-key": key} if key else {}
        return (await self.client.get(path, headers=headers)).status_code


class DriverSuite:
    """Inherit, implement :meth:`make`."""

    def make(self, directory: Path) -> tuple[GatewayDriver, str]:
        """A fresh driver that keeps its files in ``directory``, and the base URL of its listener."""
        raise NotImplementedError

    @pytest.fixture
    async def subject(self, tmp_path: Path) -> AsyncIterator[Subject]:
        driver, base_url = self.make(tmp_path)
        client = httpx.AsyncClient(base_url=base_url, trust_env=False, verify=NO_TLS, timeout=10)
        async with EchoUpstream() as upstream, client, RunningEngine(driver, base_url) as engine:
            yield Subject(engine=engine, upstream=upstream, client=client)

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
    async def test_a_case_goes_live_or_is_refused_by_name(self, subject: Subject, case: Case) -> None:
        ir = case.at(subject.upstream.url)
        degraded = {item.feature for item in (await subject.driver.plan(ir)).degradations}
        missing = {str(item) for item in case.needs - subject.driver.info.capabilities}
        result = await subject.apply(ir)
        if missing - degraded:
            reasons = " ".join(outcome.reason for outcome in result.outcomes if outcome.state == "quarantined")
            assert all(item in reasons for item in missing - degraded), result
            return
        assert {outcome.state for outcome in result.outcomes} <= {"live"}, result
        if case.grants:
            await subject.driver.apply_grants(GrantDelta(revision=1, full=True, upsert=case.grants))
        assert (await subject.driver.plan(ir)).empty

    async def test_apply_then_observe_gives_the_same_hashes(self, subject: Subject) -> None:
        ir = self._many(subject)
        await subject.apply(ir)
        status = await subject.driver.observe()
        assert status.running
        assert status.version
        assert dict(status.applied) == {api.id: content_hash(api) for api in ir.apis}
        discovery = await subject.driver.discover()
        assert (discovery.status, set(discovery.api_ids)) == ("complete", set(status.applied))

    async def test_plan_reads_only(self, subject: Subject) -> None:
        ir = self._many(subject)
        first = await subject.driver.plan(ir)
        assert [change.action for change in first.changes] == ["create"] * len(ir.apis)
        assert (await subject.driver.plan(ir)).changes == first.changes
        assert not (await subject.driver.observe()).applied

    async def test_only_what_changed_is_planned(self, subject: Subject) -> None:
        ir = self._many(subject)
        await subject.apply(ir)
        renamed = replace(ir.apis[1], name="Another name")
        changed = replace(ir, apis=(renamed, *ir.apis[2:]))
        plan = await subject.driver.plan(changed)
        told = [(change.action, change.api_id) for change in plan.changes]
        assert told == [("delete", ir.apis[0].id), ("update", renamed.id)]
        result = await subject.apply(changed)
        assert [outcome.state for outcome in result.outcomes] == ["removed", "live"]
        assert await subject.status(f"{ir.apis[0].base_path}/a", KEY) == 404

    async def test_apply_is_idempotent(self, subject: Subject) -> None:
        ir = self._many(subject)
        plan = await subject.driver.plan(ir)
        await subject.driver.apply(plan)
        again = await subject.driver.apply(plan)
        assert {outcome.state for outcome in again.outcomes} == {"live"}

    async def test_a_broken_api_is_quarantined_alone(self, subject: Subject) -> None:
        ir = self._many(subject)
        await subject.apply(ir)
        broken = [self._broken(ir.apis[0]), *ir.apis[1:]]
        result = await subject.apply(replace(ir, apis=(broken[0], replace(ir.apis[1], name="x"), *broken[2:])))
        assert [outcome.state for outcome in result.outcomes] == ["quarantined", "live"]
        assert result.outcomes[0].reason
        assert (await subject.driver.observe()).applied[ir.apis[0].id] == content_hash(ir.apis[0])
        assert await subject.status(f"{ir.apis[0].base_path}/a") == 401

    async def test_grants_go_live_and_end(self, subject: Subject) -> None:
        case = _named("key_header")
        ir = case.at(subject.upstream.url)
        await subject.apply(ir)
        path = f"{ir.apis[0].base_path}/a"
        assert await subject.status(path, KEY) == 401
        await subject.driver.apply_grants(GrantDelta(revision=1, full=True, upsert=case.grants))
        await until(lambda: self._answers(subject, path, 200))
        assert (await subject.driver.observe()).grants_revision == 1
        await subject.driver.apply_grants(GrantDelta(revision=2, since=1, remove=(case.grants[0].id,)))
        await until(lambda: self._answers(subject, path, 401))

    async def test_without_the_engine_nothing_is_claimed(self, subject: Subject) -> None:
        if subject.driver.process() is None:
            pytest.skip("this engine has no process of ours")
        ir = self._many(subject)
        await subject.engine.kill()
        await until(lambda: self._is_down(subject))
        with pytest.raises(TemporaryError):
            await subject.driver.apply(await subject.driver.plan(ir))
        assert not (await subject.driver.observe()).applied
        assert (await subject.driver.discover()).status == "failed"

    async def test_an_engine_that_restarts_serves_what_was_good(self, subject: Subject) -> None:
        if subject.driver.process() is None:
            pytest.skip("this engine has no process of ours")
        case = _named("key_header")
        ir = case.at(subject.upstream.url)
        await subject.apply(ir)
        await subject.driver.apply_grants(GrantDelta(revision=1, full=True, upsert=case.grants))
        await subject.engine.kill()
        await subject.engine.start_process()
        await subject.engine.proved(ir.apis[0].id)
        assert await subject.status(f"{ir.apis[0].base_path}/a", KEY) == 200

    async def test_no_answer_names_a_vendor(self, subject: Subject) -> None:
        if Capability.PROBLEM_JSON not in subject.driver.info.capabilities:
            pytest.skip("this engine's refusals are not problem+json")
        ir = self._many(subject)
        await subject.apply(ir)
        for path, status in (("/nothing", 404), (f"{ir.apis[0].base_path}/a", 401)):
            answer = await subject.client.get(path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"
            shown = f"{answer.headers} {answer.text}".lower()
            assert "waypost" not in shown
            assert subject.driver.info.engine not in shown

    def _many(self, subject: Subject) -> GatewayIR:
        return _named("many").at(subject.upstream.url)

    def _broken(self, api: ApiIR) -> ApiIR:
        """No engine can forward to nowhere without a mock."""
        return replace(api, versions=tuple(replace(version, upstream=None) for version in api.versions))

    async def _answers(self, subject: Subject, path: str, status: int) -> bool:
        return await subject.status(path, KEY) == status

    async def _is_down(self, subject: Subject) -> bool:
        return not (await subject.driver.observe()).running


def _named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)
