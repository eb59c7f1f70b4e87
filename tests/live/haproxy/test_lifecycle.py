"""Reloads, workers, keys at scale and limits on a real HAProxy."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.live.haproxy.conftest import GET_A, Gateway, grant_for

from waypost.contracts.drivers import TemporaryError
from waypost.contracts.ir import (
    ApiIR,
    Cors,
    GatewaySettings,
    Grant,
    GrantDelta,
    HeaderEdit,
    JwtAuth,
    JwtIssuer,
    KeyAuth,
    Plan,
    RateLimit,
    RoutePolicies,
    Upstream,
)
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import CredentialKind
from waypost.integration.gateways.haproxy import deployment, workers
from waypost.integration.gateways.haproxy.runtime import Runtime
from waypost.integration.gateways.haproxy.workers import MapWriter, Refused
from waypost.kit.crypto import Secret, sha256_hex
from waypost.testing.engine import until

pytestmark = pytest.mark.live
THREE = Plan(id="plv_three", name="three", rate_limits=(RateLimit(requests=3, seconds=3600),))


async def test_keys_come_and_go_without_a_reload(gateway: Gateway) -> None:
    api, first = await gateway.open()
    worker = (await gateway.processes()).worker
    second = grant_for(api)
    await gateway.grant(second)
    assert await gateway.status(api, second.key.reveal()) == 200
    await gateway.grant(remove=(second.id,))
    assert await gateway.status(api, second.key.reveal()) == 401
    assert await gateway.status(api, first.key.reveal()) == 200
    assert (await gateway.processes()).worker == worker


async def test_a_worker_that_leaves_hears_of_revocations(gateway: Gateway) -> None:
    api, given = await gateway.open()
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
        headers = {"x-api-key": given.key.reveal()}
        assert (await client.get(f"{api.base_path}/a", headers=headers)).status_code == 200
        await gateway.reload()
        assert (await gateway.processes()).leaving
        await gateway.grant(remove=(given.id,))
        assert (await client.get(f"{api.base_path}/a", headers=headers)).status_code == 401


async def test_what_stands_in_maps_changes_without_a_reload(gateway: Gateway) -> None:
    """A header's value, a plan's limit, origins; another API that is served alike comes and goes."""
    value = "a b; c\\d <<|\"x'"
    edited = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(response_set=(("x-edit", "one"),))))
    upstream = Upstream(url=gateway.upstream.url)
    api, given = await gateway.open(plan=THREE, cors=Cors(origins=("https://one.example",)))
    version = replace(api.versions[0], routes=(edited,), upstream=upstream)
    await gateway.publish(api := replace(api, versions=(version,)))
    worker = (await gateway.processes()).worker

    edited = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(response_set=(("x-edit", value),))))
    larger = replace(THREE, rate_limits=(RateLimit(requests=9, seconds=3600),))
    cors = Cors(origins=("https://two.example",), headers=("x-a", "x-b"))
    await gateway.publish(replace(api, versions=(replace(version, routes=(edited,)),), plans=(larger,), cors=cors))
    alike = replace(api, id="api_alike", slug="alike", base_path="/alike")
    await gateway.publish(alike)
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
        headers = {"x-api-key": given.key.reveal(), "origin": "https://two.example"}
        answer = await client.get(f"{api.base_path}/a", headers=headers)
        assert (answer.headers["x-edit"], answer.headers["ratelimit-policy"]) == (value, '"three";q=9;w=3600')
        assert answer.headers["access-control-allow-origin"] == "https://two.example"
        assert (await client.get("/alike/a", headers=headers)).status_code == 403
        del gateway.apis["api_alike"]
        await gateway.publish()
        assert (await client.get("/alike/a", headers=headers)).status_code == 404
    assert (await gateway.processes()).worker == worker
    await gateway.reload()
    answer = await _answer(gateway, api, given)
    assert answer.headers["x-edit"] == value, "the next worker was told the same"


async def test_an_api_goes_over_to_another_ones_rules_without_a_reload(gateway: Gateway) -> None:
    edited = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(response_set=(("x-edit", "one"),))))
    first, second = gateway.api(key_auth=None), gateway.api(edited, key_auth=None)
    await gateway.publish(first, second)
    worker = (await gateway.processes()).worker
    route = replace(edited, id=first.versions[0].routes[0].id)
    await gateway.publish(replace(first, versions=(replace(first.versions[0], routes=(route,)),)))
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
        assert (await client.get(f"{first.base_path}/a")).headers["x-edit"] == "one"
        await gateway.publish(first)
        assert "x-edit" not in (await client.get(f"{first.base_path}/a")).headers
    assert (await gateway.processes()).worker == worker


async def test_a_token_that_was_verified_is_not_once_its_key_is_gone(gateway: Gateway) -> None:
    """What was verified is remembered, by the token and by the API's keys; times are looked at on every call."""
    old, new = (ECKey.generate_key("P-256") for _ in range(2))

    def trusting(key: ECKey) -> JwtAuth:
        keys = [{**key.as_dict(private=False), "alg": "ES256", "kid": "k", "use": "sig"}]
        issuer = JwtIssuer(id="iss", issuer="https://i.example", jwks=json.dumps({"keys": keys}), algorithms=("ES256",))
        return JwtAuth(issuers=(issuer,), clock_skew_seconds=0)

    def token(key: ECKey, seconds: float) -> dict[str, str]:
        claims = {"iss": "https://i.example", "client_id": "c", "exp": int(time.time() + seconds)}
        return {"authorization": f"Bearer {jwt.encode({'alg': 'ES256', 'kid': 'k'}, claims, key)}"}

    first, second = (gateway.api(key_auth=None, jwt=trusting(key)) for key in (old, new))
    await gateway.publish(first, second)
    for api in (first, second):
        value = "https://i.example c"
        await gateway.grant(grant_for(api, kind=CredentialKind.CLIENT, key_sha256=sha256_hex(value), key=Secret(value)))
    long, short = token(old, 600), token(old, 2)
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:

        async def status(api: ApiIR, headers: dict[str, str]) -> int:
            return (await client.get(f"{api.base_path}/a", headers=headers)).status_code

        assert [await status(first, long) for _ in range(3)] == [200, 200, 200]
        assert await status(second, long) == 401, "another API trusts other keys"
        head, payload, signature = long["authorization"].split(".")
        forged = {"authorization": ".".join([head, payload[:-4] + payload[-8:-4], signature])}
        assert await status(first, forged) == 401
        assert await status(first, short) == 200
        await until(lambda: _is(status(first, short), 401), seconds=5)
        await gateway.publish(replace(first, jwt=trusting(new)))
        assert await status(first, long) == 401
        assert await status(first, token(new, 600)) == 200


async def _is(found: Awaitable[int], wanted: int) -> bool:
    return await found == wanted


async def test_a_change_that_is_told_by_half_is_made_whole_by_a_reload(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(response_set=(("x-edit", "one"),))))
    api, given = await gateway.open()
    await gateway.publish(api := replace(api, versions=(replace(api.versions[0], routes=(edited,)),)))
    worker, told = (await gateway.processes()).worker, MapWriter.change

    async def fails(writer: MapWriter, *given: Any) -> None:
        raise Refused("no more")

    edited = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(response_set=(("x-edit", "two"),))))
    changed = replace(api, versions=(replace(api.versions[0], routes=(edited,)),))
    monkeypatch.setattr(MapWriter, "change", fails)
    with pytest.raises(TemporaryError):
        await gateway.publish(changed)
    monkeypatch.setattr(MapWriter, "change", told)
    await gateway.publish(changed)
    assert (await gateway.processes()).worker != worker
    assert (await _answer(gateway, api, given)).headers["x-edit"] == "two"


async def _answer(gateway: Gateway, api: ApiIR, given: Grant) -> httpx.Response:
    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
        return await client.get(f"{api.base_path}/a", headers={"x-api-key": given.key.reveal()})


async def test_a_connection_outlives_a_reload(gateway: Gateway) -> None:
    api, given = await gateway.open()
    headers = {"x-api-key": given.key.reveal()}
    failures: list[object] = []
    done = asyncio.Event()

    async def load() -> int:
        calls = 0
        async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
            while not done.is_set():
                answer = await client.get(f"{api.base_path}/a", headers=headers)
                failures.extend([answer.status_code] if answer.status_code != 200 else [])
                calls += 1
        return calls

    workers = [asyncio.create_task(load()) for _ in range(4)]
    for number in range(6):
        await gateway.reload()
        await gateway.publish(replace(api, name=f"name {number}"))
        await gateway.grant(grant_for(api))
    gateway.settings = GatewaySettings(realm="another")
    await gateway.publish()
    done.set()
    assert sum(await asyncio.gather(*workers)) > 20
    assert failures == []


async def test_limits_outlive_a_reload(gateway: Gateway) -> None:
    api, given = await gateway.open(plan=THREE)
    assert [await gateway.status(api, given.key.reveal()) for _ in range(2)] == [200, 200]
    for _ in range(3):
        await gateway.reload()
    codes = [await gateway.status(api, given.key.reveal()) for _ in range(3)]
    assert codes == [200, 429, 429]


async def test_no_reload_refills_a_bucket_while_calls_come(gateway: Gateway) -> None:
    """New workers serve at once, before they know what their predecessor counted."""
    api, given = await gateway.open(plan=THREE)
    assert [await gateway.status(api, given.key.reveal()) for _ in range(4)] == [200, 200, 200, 429]
    request = (
        f"GET {api.base_path}/a HTTP/1.1\r\nhost: h\r\nx-api-key: {given.key.reveal()}\r\nconnection: close\r\n\r\n"
    )
    done, answers = asyncio.Event(), Counter[bytes]()

    async def call() -> None:
        while not done.is_set():
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.driver.port)
            writer.write(request.encode())
            answers[(await reader.readline())[9:12]] += 1
            writer.close()

    callers = [asyncio.create_task(call()) for _ in range(8)]
    for _ in range(4):
        await gateway.reload()
    done.set()
    await asyncio.gather(*callers)
    assert answers.keys() == {b"429"}
    assert answers.total() > 100


async def test_no_more_than_the_limit_pass_at_once(gateway: Gateway) -> None:
    plan = Plan(id="plv_ten", name="ten", rate_limits=(RateLimit(requests=10, seconds=3600),))
    api, given = await gateway.open(plan=plan)
    codes = await asyncio.gather(*(gateway.status(api, given.key.reveal()) for _ in range(60)))
    assert sorted(codes) == [200] * 10 + [429] * 50


async def test_a_changed_limit_begins_with_a_full_bucket(gateway: Gateway) -> None:
    api, given = await gateway.open(plan=THREE)
    codes = [await gateway.status(api, given.key.reveal()) for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    larger = replace(THREE, rate_limits=(RateLimit(requests=5, seconds=3600),))
    await gateway.publish(replace(api, plans=(larger,)))
    codes = [await gateway.status(api, given.key.reveal()) for _ in range(6)]
    assert codes == [200] * 5 + [429]


async def test_what_the_engine_refuses_is_quarantined_alone(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks are switched off, so that the engine itself has to refuse."""
    monkeypatch.setattr(deployment, "validate_api", lambda _: [])
    updated, given = await gateway.open()
    broken = replace(GET_A, policies=RoutePolicies(headers=HeaderEdit(request_set=(("bad name", "1"),))))
    version = replace(updated.versions[0], routes=(broken,))
    fresh, good = gateway.api(broken), gateway.api(key_auth=None)
    result = await gateway.publish(replace(updated, versions=(version,)), fresh, good)
    states = {outcome.api_id: outcome for outcome in result.outcomes}
    assert {key: item.state for key, item in states.items()} == {
        updated.id: "quarantined",
        fresh.id: "quarantined",
        good.id: "live",
    }
    assert "refused" in states[fresh.id].reason
    assert await gateway.status(updated, given.key.reveal()) == 200
    assert await gateway.status(good) == 200


async def test_after_a_crash_of_the_worker_all_comes_back(gateway: Gateway) -> None:
    api, given = await gateway.open()
    late = grant_for(api)
    await gateway.grant(late, remove=(given.id,))
    await gateway.engine.kill()
    assert not (await gateway.driver.observe()).running
    await gateway.engine.start_process()
    await gateway.engine.proved(api.id)
    assert await gateway.status(api, late.key.reveal()) == 200
    assert await gateway.status(api, given.key.reveal()) == 401


async def test_grants_that_found_no_engine_are_told_to_the_next_worker(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    await gateway.engine.kill()
    given = grant_for(api)
    with pytest.raises(Exception, match="does not run"):
        await gateway.grant(given)
    await gateway.engine.start_process()
    await until(lambda: _answers(gateway, api, given.key.reveal()), seconds=5)


async def _answers(gateway: Gateway, api: object, key: str) -> bool:
    return await gateway.status(api, key) == 200  # type: ignore[arg-type]


async def test_many_keys_and_one_more(gateway: Gateway) -> None:
    api, _ = await gateway.open()
    grants = [grant_for(api) for _ in range(20_000)]
    await gateway.grant(*grants)
    assert await gateway.status(api, grants[-1].key.reveal()) == 200
    taken = []
    for one in [grant_for(api) for _ in range(3)]:
        started = time.perf_counter()
        await gateway.grant(one)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.1
    assert await gateway.status(api, one.key.reveal()) == 200
    fewer = grants[:5_000]
    await gateway.driver.apply_grants(GrantDelta(revision=99, full=True, upsert=tuple(fewer)))
    assert await gateway.status(api, grants[-1].key.reveal()) == 401
    assert await gateway.status(api, fewer[0].key.reveal()) == 200


async def test_many_new_keys_are_loaded_by_a_reload_that_keeps_the_others(gateway: Gateway) -> None:
    api, first = await gateway.open()
    before = (await gateway.processes()).worker
    grants = [grant_for(api) for _ in range(20_000)]
    await gateway.grant(*grants)
    assert (await gateway.processes()).worker != before
    assert await gateway.status(api, grants[-1].key.reveal()) == 200
    assert await gateway.status(api, first.key.reveal()) == 200
    await gateway.grant(remove=(grants[-1].id,))
    assert await gateway.status(api, grants[-1].key.reveal()) == 401


async def test_many_new_keys_are_told_where_the_reload_fails(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    api, _ = await gateway.open()
    before = (await gateway.processes()).worker

    async def refuses(_: Runtime) -> str:
        return "Success=0 on purpose"

    monkeypatch.setattr(Runtime, "reload", refuses)
    grants = [grant_for(api) for _ in range(6_000)]
    await gateway.grant(*grants)
    assert (await gateway.processes()).worker == before
    assert await gateway.status(api, grants[-1].key.reveal()) == 200


@pytest.mark.parametrize("known", [True, False], ids=["what it read is known", "in doubt"])
async def test_a_new_worker_hears_what_came_after_its_files(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Where it is known what the worker read, it is told the difference alone, so that nobody waits for it."""
    api, _ = await gateway.open()
    gone, fresh = grant_for(api), grant_for(api)
    await gateway.grant(gone)
    reload, ask, asked = Runtime.reload, Runtime.command, list[str]()

    async def slowly(runtime: Runtime) -> str:
        await gateway.grant(fresh, remove=(gone.id,))
        asked.clear()
        gateway.driver._live._read = gateway.driver._live._read if known else None
        return await reload(runtime)

    async def overheard(runtime: Runtime, text: str, **options: Any) -> str:
        asked.append(text)
        return await ask(runtime, text, **options)

    monkeypatch.setattr(Runtime, "reload", slowly)
    monkeypatch.setattr(Runtime, "command", overheard)
    before = (await gateway.processes()).worker
    await gateway.reload()
    assert (await gateway.processes()).worker != before
    assert any("prepare map" in text for text in asked) is not known
    assert [await gateway.status(api, one.key.reveal()) for one in (fresh, gone)] == [200, 401]


async def test_what_changed_lately_moves_to_the_large_map(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "COMPACTED_FROM", 8)
    api, gone = await gateway.open()
    worker = (await gateway.processes()).worker
    grants = [grant_for(api) for _ in range(20)]
    await gateway.grant(*grants, remove=(gone.id,))

    async def moved() -> bool:
        return gateway.driver._live.workers.recently(worker) == 0

    await until(moved)
    answers = [await gateway.status(api, grant.key.reveal()) for grant in (*grants, gone)]
    assert answers == [200] * 20 + [401]
    await gateway.grant(remove=(grants[0].id,))
    assert await gateway.status(api, grants[0].key.reveal()) == 401
    assert (await gateway.processes()).worker == worker


async def test_a_change_while_the_large_map_is_loaded_counts(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snapshot that is loaded still has the key that is revoked meanwhile."""
    monkeypatch.setattr(workers, "COMPACTED_FROM", 8)
    api, _ = await gateway.open()
    worker = (await gateway.processes()).worker
    grants = [grant_for(api) for _ in range(20)]
    replaced, began, go_on = MapWriter.replace, asyncio.Event(), asyncio.Event()

    async def held_up(writer: MapWriter, worker: int, entries: dict[str, str]) -> None:
        began.set()
        await go_on.wait()
        await replaced(writer, worker, entries)

    monkeypatch.setattr(MapWriter, "replace", held_up)
    await gateway.grant(*grants)
    await began.wait()
    late = grant_for(api)
    await gateway.grant(late, remove=(grants[0].id,))
    go_on.set()

    async def moved() -> bool:
        return gateway.driver._live.workers.recently(worker) < 8

    await until(moved)
    assert await gateway.status(api, grants[0].key.reveal()) == 401
    assert await gateway.status(api, grants[1].key.reveal()) == 200
    assert await gateway.status(api, late.key.reveal()) == 200


async def test_files_and_sockets_are_this_users_only_and_hold_no_key(gateway: Gateway) -> None:
    api, given = await gateway.open()
    await gateway.publish(gateway.api(key_auth=KeyAuth(header="x-other")))
    directory = Path(gateway.driver.access_log()).parent
    for path in directory.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode in (0o600, 0o700) or (path.is_socket() and not mode & 0o022), path
        if path.is_file():
            assert given.key.reveal().encode() not in path.read_bytes(), path
    assert await gateway.status(api, given.key.reveal()) == 200


async def test_private_upstreams_are_refused_where_they_are_not_allowed(gateway: Gateway) -> None:
    gateway.driver.options = replace(gateway.driver.options, allow_private_upstreams=False)
    for url in (gateway.upstream.url, "http://localhost:1", "http://[::1]:1", "http://169.254.169.254"):
        api = gateway.api()
        version = replace(api.versions[0], upstream=Upstream(url=url))
        result = await gateway.publish(replace(api, versions=(version,)))
        [outcome] = [item for item in result.outcomes if item.api_id == api.id]
        assert outcome.state == "quarantined"
        assert "private" in outcome.reason


async def test_a_crashing_worker_takes_the_master_along(gateway: Gateway) -> None:
    """So that whoever supervises the one process that it started notices."""
    await gateway.open()
    os.kill((await gateway.processes()).worker, signal.SIGKILL)

    async def gone() -> bool:
        return not (await gateway.driver.observe()).running

    await until(gone)


async def test_a_calls_duration_begins_before_its_body(gateway: Gateway) -> None:
    api, grant = await gateway.open()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(0.4)
        yield b"second"

    async with httpx.AsyncClient(base_url=gateway.base_url, trust_env=False) as client:
        headers = {"x-api-key": grant.key.reveal()}
        answer = await client.request("GET", f"{api.base_path}/a", headers=headers, content=slowly())
    assert answer.status_code == 200

    async def recorded() -> bool:
        return len(_records(gateway, api)) > 0

    await until(recorded)
    assert _records(gateway, api)[-1].duration_us >= 350_000


def _records(gateway: Gateway, api: ApiIR) -> list[AccessRecord]:
    lines = Path(gateway.driver.access_log()).read_bytes().splitlines(keepends=True)
    found = [gateway.driver.parse_record(line) for line in lines]
    return [record for record in found if record is not None and record.api_id == api.id]
