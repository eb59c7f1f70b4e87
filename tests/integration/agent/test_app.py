"""The whole agent against a fake hub and a fake engine (a real process with a real port and log)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.agent.fakes import QUICK, FakeDriver, FakeHub, alive, api, call, grant, running, settings, until
from waypost.contracts.drivers import ApplyResult, Capability, DriverPlan
from waypost.contracts.ir import GatewaySettings, JwtAuth, JwtIssuer
from waypost.contracts.ir.dump import content_hash
from waypost.integration.agent.app import run_agent
from waypost.integration.agent.codec import ApisNews
from waypost.integration.agent.deploy import Deployer
from waypost.integration.agent.failures import AlreadyRunning, EnrolmentRefused, HubUntrusted, PortTaken
from waypost.integration.agent.options import AgentSettings
from waypost.kit.crypto import Secret


async def test_published_api_is_live_and_verified(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"))
        hub.give(grant(1))
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 1)
    assert drivers[0].served.keys() == {"api_a"}
    assert drivers[0].grants["grt_000001"].key.reveal() == "key-1"
    assert hub.last("api_a")["verify_ms"] >= hub.last("api_a")["apply_ms"] >= 0


async def test_settings_heard_during_the_first_round_are_brought_into_force(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drivers: list[FakeDriver] = []
    heard = asyncio.Event()
    take, apply = Deployer.take, FakeDriver.apply

    def taken(self: Deployer, news: ApisNews) -> None:
        take(self, news)
        heard.set()

    async def applied(self: FakeDriver, plan: DriverPlan) -> ApplyResult:
        await heard.wait()
        return await apply(self, plan)

    monkeypatch.setattr(Deployer, "take", taken)
    monkeypatch.setattr(FakeDriver, "apply", applied)
    hub.settings = GatewaySettings(max_request_bytes=1000)
    async with running(settings(tmp_path, hub.url, drivers)):
        await until(lambda: bool(drivers) and drivers[0].settings == hub.settings)


async def test_state_at_rest_holds_no_secret_and_is_private(hub: FakeHub, tmp_path: Path) -> None:
    async with running(settings(tmp_path, hub.url, [])):
        hub.publish(api("a", body="body-of-the-mock"))
        hub.give(*(grant(number) for number in range(50)))
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 50)
    kept = [path for path in (tmp_path / "gateway").rglob("*") if path.is_file() and "engine/" not in str(path)]
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        data = path.read_bytes()
        assert not any(word in data for word in (b"key-1", b"gateway-credential", b"body-of-the-mock", b"enrol-me"))
    assert stat.S_IMODE((tmp_path / "gateway").stat().st_mode) == 0o700


async def test_serves_last_known_good_without_its_hub(hub: FakeHub, tmp_path: Path) -> None:
    async with running(settings(tmp_path, hub.url, [])):
        hub.publish(api("a"))
        hub.give(grant(1), grant(2, expires_at=datetime.now(UTC) + timedelta(seconds=0.5)))
        await until(lambda: hub.state("api_a") == "live" and hub.grants_in_force == 2)
    port = hub.port
    await hub.stop()
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, f"http://127.0.0.1:{port}", drivers)):
        await until(lambda: drivers and drivers[0].served and "grt_000001" in drivers[0].grants)
        await until(lambda: "grt_000002" not in drivers[0].grants, what="an expired key must end without the hub")
        await until(lambda: len(drivers[0].applies) >= 1)
        hub.publish(api("b"))
        await hub.start()
        await until(lambda: hub.state("api_b") == "live")
    assert "api_a" in hub.streams[-1]["apis"], "what is held is not asked for again"


async def test_one_unsound_api_is_quarantined_alone(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"), api("b", mocked=False), api("c"))
        await until(lambda: hub.state("api_a") == hub.state("api_c") == "live")
        await until(lambda: hub.state("api_b") == "quarantined")
        assert "neither an upstream nor a mock" in hub.last("api_b")["reason"]
        hub.publish(api("b"))
        await until(lambda: hub.state("api_b") == "live")


async def test_what_the_engine_goes_without_is_named_and_the_rest_serves(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unable = replace(FakeDriver.info, capabilities=frozenset(Capability) - {Capability.JWT_EDDSA})
    monkeypatch.setattr(FakeDriver, "info", unable)
    issuer = JwtIssuer(id="iss", issuer="https://login.example", algorithms=("ES256",))
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(replace(api("a"), jwt=JwtAuth(issuers=(issuer,))))
        await until(lambda: hub.state("api_a") == "live")
        assert hub.last("api_a")["degradations"] == []
        grown = replace(issuer, algorithms=("ES256", "EdDSA"))
        hub.publish(replace(api("a"), jwt=JwtAuth(issuers=(grown,))))
        await until(lambda: hub.last("api_a")["degradations"])
        assert hub.state("api_a") == "live"
        assert hub.last("api_a")["degradations"][0]["feature"] == "jwt.eddsa"


async def test_last_good_version_serves_on_when_the_engine_refuses(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"), api("b"))
        await until(lambda: hub.state("api_a") == hub.state("api_b") == "live")
        good = drivers[0].served["api_a"]
        for how in ("bad regex", "permanent"):
            drivers[0].refuse = lambda item, how=how: how if item.id == "api_a" else ""
            hub.publish(api("a", body=how), api("b", body=how))
            await until(
                lambda how=how: (
                    hub.state("api_a") == "quarantined" and hub.desired and _served(hub, drivers[0], "api_b")
                )
            )
            assert drivers[0].served["api_a"] == good
            drivers[0].refuse = lambda _: ""
            hub.publish(api("a", body=f"{how} mended"))
            await until(lambda: hub.state("api_a") == "live" and _served(hub, drivers[0], "api_a"))
            good = drivers[0].served["api_a"]


async def test_a_version_that_cannot_be_verified_is_rolled_back(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"))
        await until(lambda: hub.state("api_a") == "live")
        good = drivers[0].served["api_a"]
        drivers[0].disguise.add("api_a")
        hub.publish(api("a", body="new"))
        await until(lambda: hub.state("api_a") == "quarantined")
        assert "not verified" in hub.last("api_a")["reason"]
        drivers[0].disguise.clear()
        await until(lambda: drivers[0].served["api_a"] == good or hub.state("api_a") == "live")
        await until(lambda: hub.state("api_a") == "live", what="it is tried again after a while")


async def test_large_delete_waits_for_a_yes(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(*(api(f"n{number}") for number in range(10)))
        await until(lambda: all(hub.state(f"api_n{number}") == "live" for number in range(10)))
        gone = [f"api_n{number}" for number in range(4)]
        hub.withdraw(*gone)
        await until(lambda: all("delete held" in hub.last(api_id).get("reason", "") for api_id in gone))
        assert len(drivers[0].served) == 10
        hub.withdraw(*gone, confirmed=True)
        await until(lambda: all(hub.state(api_id) == "removed" for api_id in gone))
        assert len(drivers[0].served) == 6


async def test_an_api_of_a_newer_hub_is_refused_by_name(hub: FakeHub, tmp_path: Path) -> None:
    async with running(settings(tmp_path, hub.url, [])):
        await until(lambda: hub.streams)
        hub.raw.append(
            b'{"kind":"apis","generation":5,"settings":{},"upsert":[{"id":"api_x","teleport":true}],"remove":[]}'
        )
        hub.publish(api("a"))
        await until(lambda: hub.state("api_x") == "quarantined" and hub.state("api_a") == "live")
        assert "update the agent" in hub.last("api_x")["reason"]


async def test_calls_arrive_once_also_those_made_while_the_hub_was_away(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"))
        await until(lambda: hub.state("api_a") == "live")
        port = drivers[0].options.listen_port
        for _ in range(20):
            await call(port, "/a/hello")
        await until(lambda: len(hub.decisions) == 20)
        await hub.stop()
        for _ in range(30):
            await call(port, "/a/hello")
        await hub.start()
        await until(lambda: len(hub.decisions) == 50)
        await call(port, "/a/last")
    assert len(hub.decisions) == len(set(hub.decisions)) == 51, "the rest is shipped when the agent ends"


async def test_engine_is_restarted_and_serves_as_before(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"))
        await until(lambda: hub.state("api_a") == "live")
        pid = _engine_pid(tmp_path)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: hub.receipts[-1]["health"]["engine_restarts"] == 1)
        await until(lambda: hub.receipts[-1]["health"]["engine_running"])
        hub.publish(api("b"))
        await until(lambda: hub.state("api_b") == "live")
        pid = _engine_pid(tmp_path)
    assert not alive(pid), "the engine ends with a graceful stop of the agent"


async def test_lost_api_is_brought_back(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.publish(api("a"))
        await until(lambda: hub.state("api_a") == "live")
        drivers[0].served.clear()
        await until(lambda: "api_a" in drivers[0].served, what="drift is seen and mended")


async def test_gap_in_grants_is_asked_for_again(hub: FakeHub, tmp_path: Path) -> None:
    drivers: list[FakeDriver] = []
    async with running(settings(tmp_path, hub.url, drivers)):
        hub.give(grant(1))
        await until(lambda: hub.grants_in_force == 1)
        hub.raw.append(b'{"kind":"grants","delta":{"revision":9,"since":8,"full":false,"upsert":[],"remove":[]}}')
        hub.tell()
        await until(lambda: len(hub.streams) == 2)
        hub.give(grant(2))
        await until(lambda: hub.grants_in_force == 2)
    assert hub.streams[1]["grants_revision"] == 1


async def test_wrong_token_is_refused_with_a_way_out(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentRefused, match="not known or was used"):
        await refused(settings(tmp_path, hub.url, [], token=Secret("wrong")))


async def test_no_token_and_no_state_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(EnrolmentRefused, match="not enrolled yet"):
        await refused(settings(tmp_path, hub.url, [], token=None))


async def test_taken_port_is_named(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=str(hub.port)) as caught:
        await refused(settings(tmp_path, hub.url, [], listen_port=hub.port))
    assert "--gateway-port" in caught.value.way_out
    assert caught.value.exit_code == 3


async def test_second_agent_on_one_directory_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    quick = settings(tmp_path, hub.url, [])
    async with running(quick):
        await until(lambda: hub.streams)
        with pytest.raises(AlreadyRunning):
            await refused(quick)


async def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HubUntrusted):
        await refused(settings(tmp_path, "http://hub.example:8080", []))


async def test_waits_for_its_hub_before_the_first_enrolment_and_can_be_stopped(tmp_path: Path) -> None:
    async with running(settings(tmp_path, "http://127.0.0.1:9", [], timing=QUICK)) as stop:
        await asyncio.sleep(0.1)
        stop.set()


async def refused(given: AgentSettings) -> None:
    await asyncio.wait_for(run_agent(given), 10)


def _served(hub: FakeHub, driver: FakeDriver, api_id: str) -> bool:
    return driver.served.get(api_id) == content_hash(hub.desired[api_id])


def _engine_pid(tmp_path: Path) -> int:
    return int(json.loads((tmp_path / "gateway" / "engine.pid").read_text())["pid"])
