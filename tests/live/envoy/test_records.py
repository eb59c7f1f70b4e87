"""Lines of Envoy's real access log as records."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.live.envoy.conftest import GET_A, Gateway, grant_for

from waypost.contracts.ir import IpRules, Mock, Plan, RateLimit, Route, RoutePolicies
from waypost.contracts.telemetry import AccessRecord
from waypost.contracts.vocab import GrantState, Window
from waypost.testing.engine import until

pytestmark = pytest.mark.live


async def record_of(gateway: Gateway, answer: httpx.Response) -> AccessRecord:
    """The one record with the answer's decision id."""
    wanted = answer.headers["x-request-id"]
    path = Path(gateway.driver.access_log())

    async def written() -> bool:
        return wanted.encode() in path.read_bytes()

    await until(written)
    records = [gateway.driver.parse_record(line) for line in path.read_bytes().splitlines()]
    [found] = [record for record in records if record and record.decision_id == wanted]
    return found


async def test_a_call_that_passes(gateway: Gateway) -> None:
    api = gateway.api(routes=(Route(id="op_u", method="POST", path="/users/{id}"),), base="/up")
    await gateway.publish(api)
    grant = grant_for(api)
    await gateway.grant(grant)
    answer = await gateway.request(
        "POST", f"{api.base_path}/users/7?secret=1", grant.key.reveal(), content=b"x" * 10, headers={"user-agent": "me"}
    )
    record = await record_of(gateway, answer)
    assert (record.method, record.path, record.status, record.code) == ("POST", f"{api.base_path}/users/7", 200, "")
    assert (record.api_id, record.version_id, record.operation_id) == (api.id, api.versions[0].id, "op_u")
    assert (record.app_id, record.subscription_id) == (grant.app_id, grant.subscription_id)
    assert (record.plan_id, record.credential_id) == (grant.plan_id, grant.credential_id)
    assert (record.bytes_in, record.bytes_out) == (10, len(answer.content))
    assert 0 < record.upstream_us <= record.duration_us < 2_000_000
    assert abs(datetime.now(UTC) - record.at) < timedelta(seconds=10)
    assert (record.client_ip, record.user_agent) == ("127.0.0.1", "me")


async def test_every_refusal_is_recorded_with_its_code(gateway: Gateway) -> None:
    plan = Plan(id="plv_one", name="one", rate_limits=(RateLimit(requests=1, seconds=3600),))
    routes = (GET_A, *(Route(id=f"op{path}", method="GET", path=path) for path in ("/reset",)))
    api = gateway.api(routes=routes, plans=(plan,))
    await gateway.publish(api)
    _, foreign = await gateway.open()
    limited, free = grant_for(api, plan=plan), grant_for(api)
    used_up = grant_for(api, plan=plan, state=GrantState.EXHAUSTED, window=Window.MONTH)
    await gateway.grant(limited, free, used_up)
    await gateway.get(f"{api.base_path}/a", limited.key.reveal())
    cases = [
        ("/a", "", "key_missing", ""),
        ("/a", "bad", "key_invalid", ""),
        ("/a", foreign, "not_subscribed", ""),
        ("/nothing", "", "not_found", ""),
        ("/a", limited.key.reveal(), "rate_limited", limited.subscription_id),
        ("/a", used_up.key.reveal(), "quota_exceeded", used_up.subscription_id),
        ("/reset", free.key.reveal(), "upstream_error", free.subscription_id),
    ]
    for path, key, code, subscription in cases:
        answer = await gateway.get(f"{api.base_path}{path}", key)
        record = await record_of(gateway, answer)
        assert (record.code, record.status) == (answer.json()["code"], answer.status_code)
        assert (record.code, record.subscription_id) == (code, subscription)
        assert (record.api_id, record.path) == (api.id, f"{api.base_path}{path}")
    nowhere = await record_of(gateway, await gateway.get("/nowhere/x?y"))
    assert (nowhere.api_id, nowhere.path, nowhere.code, nowhere.status) == ("", "/nowhere/x", "not_found", 404)
    method = await record_of(gateway, await gateway.request("PUT", f"{api.base_path}/a"))
    assert (method.code, method.operation_id) == ("method_not_allowed", "")


async def test_a_gate_before_404_and_405_is_recorded_as_it_answered(gateway: Gateway) -> None:
    closed = RoutePolicies(ip=IpRules(deny=("127.0.0.0/8",)))
    api = gateway.api()
    await gateway.publish(replace(api, versions=(replace(api.versions[0], policies=closed),)))
    for method, path in (("GET", "/a"), ("PUT", "/a"), ("GET", "/nothing")):
        answer = await gateway.request(method, f"{api.base_path}{path}")
        record = await record_of(gateway, answer)
        assert (record.code, record.method, answer.json()["code"]) == ("address_denied", method, "address_denied")


async def test_nobody_writes_the_operation_of_a_call(gateway: Gateway) -> None:
    """What the engine refuses before it takes foreign headers off stands in the log as it was sent."""
    api = gateway.api()
    await gateway.publish(api)
    kept = f"{api.id}/{api.versions[0].id}/op_a GET /x"
    answer = await gateway.get(f"{api.base_path}/a", headers={"x-gw-internal-path": kept, "x-original-path": kept})
    assert (await record_of(gateway, answer)).path == f"{api.base_path}/a"
    path = Path(gateway.driver.access_log())
    sent = f"GET {api.base_path}/a HTTP/1.1\r\nx-gw-internal-path: {kept}\r\nuser-agent: odd\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.driver.port)
    writer.write(sent.encode())
    assert b" 40" in await reader.readline()
    writer.close()

    async def written() -> bool:
        return path.read_bytes().endswith(b"odd\n")

    await until(written)
    record = gateway.driver.parse_record(path.read_bytes().splitlines()[-1])
    assert record is not None
    assert (record.operation_id, record.version_id) == ("", "")


async def test_mocks_and_upstream_errors_are_no_refusals(gateway: Gateway) -> None:
    mocked = Route(id="op_m", method="GET", path="/m", policies=RoutePolicies(mock=Mock(status=404, body="{}")))
    api, key = await gateway.open(routes=(mocked, Route(id="op_s", method="GET", path="/status/503")))
    for path, operation in (("/m", "op_m"), ("/status/503", "op_s")):
        record = await record_of(gateway, await gateway.get(f"{api.base_path}{path}", key))
        assert (record.code, record.operation_id) == ("", operation)


async def test_probes_leave_no_record_and_keys_stand_in_no_line(gateway: Gateway) -> None:
    api, key = await gateway.open()
    answer = await gateway.get(f"{api.base_path}/a?apikey={key}", key)
    await record_of(gateway, answer)
    log = Path(gateway.driver.access_log()).read_bytes()
    assert key.encode() not in log
    assert any(gateway.driver.parse_record(line) is None for line in log.splitlines())
    assert b"prb_" not in log.lower()


async def test_the_log_can_be_renamed_and_opened_anew(gateway: Gateway) -> None:
    api, key = await gateway.open()
    path = Path(gateway.driver.access_log())
    path.rename(path.with_suffix(".old"))
    await gateway.driver.reopen_log()
    await until(lambda: exists(path))
    record = await record_of(gateway, await gateway.get(f"{api.base_path}/a", key))
    assert record.status == 200


async def exists(path: Path) -> bool:
    return path.exists()


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"a": 1}'])
async def test_a_broken_line_is_a_value_error(gateway: Gateway, line: bytes) -> None:
    with pytest.raises(ValueError):
        gateway.driver.parse_record(line)
