"""Publishing, quarantine, restarts and grants at scale on a real Envoy."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from envoy.config.cluster.v3 import cluster_pb2
from tests.live.envoy.conftest import GET_A, Gateway, grant_for

from waypost.contracts.drivers import PermanentError, TemporaryError
from waypost.contracts.ir import (
    GatewayIR,
    GatewaySettings,
    GrantDelta,
    HeaderEdit,
    KeyAuth,
    Mock,
    Plan,
    RateLimit,
    Route,
    RoutePolicies,
    Upstream,
)
from waypost.contracts.ir.dump import content_hash
from waypost.integration.gateways.envoy import clusters, validate
from waypost.testing.engine import until

pytestmark = pytest.mark.live


async def test_a_second_plan_is_empty_and_observe_tells_the_same_hash(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    plan = await gateway.driver.plan(GatewayIR(gateway_id="gw", settings=gateway.settings, apis=(api,)))
    assert plan.empty
    status = await gateway.driver.observe()
    assert (status.running, status.version) == (True, "1.40.0")
    assert status.applied == {api.id: content_hash(api)}
    assert status.grants_revision == 1
    assert (await gateway.driver.discover()).api_ids == (api.id,)


async def test_withdrawn_is_404_and_others_go_on(gateway: Gateway) -> None:
    one, _ = await gateway.open()
    other, key = await gateway.open()
    await gateway.withdraw(one)
    assert gateway.driver.probe(one.id) is None

    async def gone() -> bool:
        return (await gateway.get(f"{one.base_path}/a")).status_code == 404

    await until(gone)
    assert (await gateway.get(f"{other.base_path}/a", key)).status_code == 200


async def test_what_validation_finds_is_quarantined_alone(gateway: Gateway) -> None:
    good, bad = (
        gateway.api(key_auth=None),
        gateway.api(routes=(replace(GET_A, policies=RoutePolicies(mock=Mock(status=9))),)),
    )
    result = await gateway.publish(good, bad)
    states = {outcome.api_id: outcome for outcome in result.outcomes}
    assert states[good.id].state == "live"
    assert states[bad.id].state == "quarantined"
    assert "9" in states[bad.id].reason


async def test_what_the_engine_refuses_is_quarantined_alone_and_the_old_version_serves(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checks are switched off to let a header through that only the engine itself refuses."""
    monkeypatch.setattr(validate, "reasons", lambda _: [])
    broken = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(request_set=((":path", "/x"),))))
    updated, key = await gateway.open()
    others = [gateway.api(key_auth=None) for _ in range(3)]
    version = replace(updated.versions[0], routes=(broken,))
    fresh = gateway.api(routes=(broken,))
    result = await gateway.publish(others[0], replace(updated, versions=(version,)), others[1], fresh, others[2])
    states = {outcome.api_id: outcome.state for outcome in result.outcomes}
    assert states == {**{api.id: "live" for api in others}, updated.id: "quarantined", fresh.id: "quarantined"}
    assert all(outcome.reason for outcome in result.outcomes if outcome.state == "quarantined")
    assert (await gateway.get(f"{updated.base_path}/a", key)).status_code == 200
    assert (await gateway.get(f"{fresh.base_path}/a", key)).status_code == 404
    assert (await gateway.driver.observe()).applied[updated.id] == content_hash(updated)
    repaired = await gateway.publish(updated, replace(fresh, versions=updated.versions))
    assert {outcome.state for outcome in repaired.outcomes} == {"live"}


async def test_a_refused_upstream_quarantines_only_its_apis(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    real = clusters.cluster

    def build(aim: clusters.Target) -> bytes:
        endless = cluster_pb2.Cluster(name=aim.cluster, type=cluster_pb2.Cluster.LOGICAL_DNS)
        return endless.SerializeToString() if ":9999" in aim.upstream.url else real(aim)

    monkeypatch.setattr(clusters, "cluster", build)
    good, bad = gateway.api(key_auth=None), gateway.api(key_auth=None)
    version = replace(bad.versions[0], upstream=Upstream(url="http://127.0.0.1:9999"))
    result = await gateway.publish(good, replace(bad, versions=(version,)))
    assert {o.api_id: o.state for o in result.outcomes} == {good.id: "live", bad.id: "quarantined"}


async def test_two_apis_on_one_path(gateway: Gateway) -> None:
    first, key = await gateway.open()
    second = replace(gateway.api(), base_path=first.base_path)
    result = await gateway.publish(second)
    assert [(o.api_id, o.state) for o in result.outcomes] == [(second.id, "quarantined")]
    assert first.slug in result.outcomes[0].reason
    assert (await gateway.get(f"{first.base_path}/a", key)).status_code == 200


async def test_an_api_moves_to_another_path_and_another_takes_its_place(gateway: Gateway) -> None:
    first, key = await gateway.open()
    moved = replace(first, base_path="/moved")
    await gateway.publish(moved)
    assert (await gateway.get("/moved/a", key)).status_code == 200
    successor = replace(gateway.api(key_auth=None), base_path=first.base_path)
    await gateway.publish(successor)
    assert (await gateway.get(f"{first.base_path}/a")).status_code == 200


async def test_after_a_crash_the_last_good_configuration_comes_back(gateway: Gateway) -> None:
    api, key = await gateway.open()
    _, foreign = await gateway.open()
    await gateway.engine.kill()
    assert not await gateway.driver.ready()

    async def noticed() -> bool:
        return not (await gateway.driver.observe()).running

    await until(noticed)
    with pytest.raises(TemporaryError):
        await gateway.publish(gateway.api())
    await gateway.engine.start_process()
    await gateway.engine.proved(api.id)
    assert (await gateway.get(f"{api.base_path}/a", key)).status_code == 200
    assert (await gateway.get(f"{api.base_path}/a", foreign)).status_code == 403
    assert (await gateway.get(f"{api.base_path}/a", "bad")).status_code == 401


async def test_grants_that_found_no_engine_are_applied_later(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    await gateway.engine.kill()

    async def noticed() -> bool:
        return not (await gateway.driver.observe()).running

    await until(noticed)
    grant = grant_for(api)
    delta = GrantDelta(revision=7, since=1, upsert=(grant,))
    with pytest.raises(TemporaryError):
        await gateway.driver.apply_grants(delta)
    await gateway.engine.start_process()
    await gateway.driver.apply_grants(delta)
    await gateway.engine.proved(api.id)
    assert (await gateway.get(f"{api.base_path}/a", grant.key.reveal())).status_code == 200


async def test_grants_may_come_before_their_api(gateway: Gateway) -> None:
    await gateway.publish()
    api = gateway.api()
    grant = grant_for(api)
    await gateway.grant(grant)
    await gateway.publish(api)
    assert (await gateway.get(f"{api.base_path}/a", grant.key.reveal())).status_code == 200


async def test_a_full_set_replaces_all(gateway: Gateway) -> None:
    api, old = await gateway.open()
    fresh = grant_for(api)
    await gateway.driver.apply_grants(GrantDelta(revision=9, full=True, upsert=(fresh,)))
    await gateway.engine.proved(api.id)
    assert (await gateway.get(f"{api.base_path}/a", fresh.key.reveal())).status_code == 200
    assert (await gateway.get(f"{api.base_path}/a", old)).status_code == 401


async def test_one_key_in_two_subscriptions_survives_the_end_of_one(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    one = grant_for(api, key="key_shared")
    two = grant_for(api, key="key_shared")
    await gateway.grant(one, two)
    await gateway.grant(remove=(one.id,))
    await gateway.engine.proved(api.id)
    assert (await gateway.get(f"{api.base_path}/a", "key_shared")).status_code == 200


async def test_a_changed_plan_counts_for_keys_that_exist(gateway: Gateway) -> None:
    plan = Plan(id="plv_1", name="pro", rate_limits=(RateLimit(requests=100, seconds=60),))
    api = gateway.api(plans=(plan,))
    await gateway.publish(api)
    grant = grant_for(api, plan=plan)
    await gateway.grant(grant)
    assert (await gateway.get(f"{api.base_path}/a", grant.key.reveal())).headers[
        "ratelimit-policy"
    ] == '"pro";q=100;w=60'
    tighter = replace(plan, rate_limits=(RateLimit(requests=2, seconds=60),))
    await gateway.publish(replace(api, plans=(tighter,)))
    answers = [await gateway.get(f"{api.base_path}/a", grant.key.reveal()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_many_keys_split_into_shards_and_all_are_known(gateway: Gateway) -> None:
    api, other = gateway.api(), gateway.api(key_auth=KeyAuth(header="x-api-key", query="k"))
    await gateway.publish(api, other)
    grants = [grant_for(api, key=f"wpkey_{n * 7919 % 100003:05d}_{'x' * 30}") for n in range(9000)]
    await gateway.grant(*grants)
    assert gateway.driver._live.book.shards.width > 6
    for grant in grants[::1000]:
        assert (await gateway.get(f"{api.base_path}/a", grant.key.reveal())).status_code == 200
        assert (await gateway.get(f"{other.base_path}/a", grant.key.reveal())).status_code == 403
    taken = []
    for late in [grant_for(api, key=f"wpkey_{99990 + n}_late") for n in range(3)]:
        started = time.perf_counter()
        await gateway.grant(late)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 1
    assert (await gateway.get(f"{api.base_path}/a", late.key.reveal())).status_code == 200


async def test_changes_under_load_fail_no_call(gateway: Gateway) -> None:
    api, key = await gateway.open()
    failures: list[int] = []
    done = asyncio.Event()

    async def load() -> int:
        calls = 0
        while not done.is_set():
            answer = await gateway.get(f"{api.base_path}/a", key)
            calls += 1
            failures.extend([answer.status_code] if answer.status_code != 200 else [])
        return calls

    workers = [asyncio.create_task(load()) for _ in range(4)]
    for number in range(10):
        await gateway.grant(grant_for(api))
        await gateway.publish(
            gateway.api(plans=(Plan(id="p", name="p", rate_limits=(RateLimit(requests=number + 1, seconds=1),)),))
        )
    gateway.settings = GatewaySettings(realm="another")
    await gateway.publish(replace(api, name="renamed"))
    done.set()
    assert sum(await asyncio.gather(*workers)) > 20
    assert failures == []


async def test_private_upstreams_are_refused_where_they_are_not_allowed(gateway: Gateway) -> None:
    gateway.driver.options = replace(gateway.driver.options, allow_private_upstreams=False)
    for url in (gateway.upstream.url, "http://localhost:1", "http://[::1]:1", "http://169.254.169.254"):
        api = gateway.api()
        version = replace(api.versions[0], upstream=Upstream(url=url))
        result = await gateway.publish(replace(api, versions=(version,)))
        [outcome] = [item for item in result.outcomes if item.api_id == api.id]
        assert outcome.state == "quarantined"
        assert "private" in outcome.reason


async def test_settings_the_engine_refuses_change_nothing(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    api, key = await gateway.open()
    gateway.settings = GatewaySettings(max_request_bytes=-1)
    with pytest.raises((PermanentError, Exception)):
        await gateway.publish()
    assert (await gateway.get(f"{api.base_path}/a", key)).status_code == 200


async def test_a_large_api(gateway: Gateway) -> None:
    routes = tuple(Route(id=f"op_{n}", method="GET", path=f"/things{n}/{{id}}") for n in range(1500))
    api = gateway.api(routes=routes, key_auth=None)
    started = time.perf_counter()
    await gateway.publish(api)
    assert time.perf_counter() - started < 5
    assert (await gateway.get(f"{api.base_path}/things1499/7")).json()["line"] == "GET /things1499/7 HTTP/1.1"
