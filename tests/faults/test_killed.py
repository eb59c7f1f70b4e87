"""Killed at any instant: nothing acknowledged is lost, no call is counted twice, and calls go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.product import ok, until
from tests.e2e.upstream import Upstream, serving
from tests.faults.plant import Plant, counted, planted, publish_orders

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving() as backend:
        yield backend


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with planted(tmp_path_factory.mktemp("plant")) as running:
        yield running


@pytest.fixture(scope="module")
def orders(plant: Plant, upstream: Upstream) -> dict[str, Any]:
    return publish_orders(plant, upstream.definition())


def _call(orders: dict[str, Any], times: int) -> list[int]:
    with httpx.Client(headers={"x-api-key": orders["key"]}) as client:
        return [client.get(orders["url"]).status_code for _ in range(times)]


def test_hub_down_while_calls_go_on_all_are_counted(plant: Plant, orders: dict[str, Any]) -> None:
    before = until(lambda: counted(plant, orders["api"]["id"]), what="the first calls")
    plant.kill_hub()
    assert set(_call(orders, 300)) == {200}
    plant.start_hub()
    until(lambda: counted(plant, orders["api"]["id"]) == before + 300, seconds=30, what="all calls")
    assert counted(plant, orders["api"]["id"]) == before + 300


def test_agent_killed_calls_are_counted_once(plant: Plant, orders: dict[str, Any]) -> None:
    before = _settled(plant, orders)
    tries: list[int] = []
    for pause in (0.0, 0.5, 2.5, 5.0):
        tries += [_try(orders) for _ in range(60)]
        time.sleep(pause)  # a different instant of the agent's start each time
        plant.kill_agent()
        plant.start_agent()
    answered = tries.count(200)
    assert answered >= 60  # while an engine is replaced calls are refused, and then there is nothing to count
    until(lambda: counted(plant, orders["api"]["id"]) >= before + answered, seconds=40, what="all calls")
    assert before + answered <= _settled(plant, orders) <= before + len(tries)
    with plant.api() as admin:
        seen = [c["decision_id"] for c in ok(admin.get("/calls", params={"limit": 200}))["items"]]
    assert len(seen) == len(set(seen)), "a call was counted twice"


def _settled(plant: Plant, orders: dict[str, Any]) -> int:
    """The count once it has stopped moving for a second."""
    state = {"count": -1, "since": time.monotonic()}

    def still() -> bool:
        now = counted(plant, orders["api"]["id"])
        if now != state["count"]:
            state.update(count=now, since=time.monotonic())
        return time.monotonic() - state["since"] > 1.5

    until(still, seconds=30, what="a steady count")
    return int(state["count"])


def test_agent_killed_with_the_hub_down_serves_from_its_disk(plant: Plant, orders: dict[str, Any]) -> None:
    plant.kill_hub()
    plant.kill_agent()
    plant.start_agent()
    until(lambda: _call(orders, 1) == [200], seconds=30, what="service from the last good state")
    plant.start_hub()


def test_engine_killed_is_back_with_its_configuration(plant: Plant, orders: dict[str, Any]) -> None:
    plant.engine().kill()
    until(lambda: _try(orders) == 200, seconds=20, what="the engine again")
    assert httpx.get(orders["url"]).status_code == 401


def _try(orders: dict[str, Any]) -> int:
    try:
        return httpx.get(orders["url"], headers={"x-api-key": orders["key"]}).status_code
    except httpx.HTTPError:
        return 0


@pytest.mark.parametrize("work", ["import", "publish", "rotate"])
def test_hub_killed_in_the_middle_keeps_what_it_acknowledged(
    plant: Plant, orders: dict[str, Any], upstream: Upstream, work: str
) -> None:
    acknowledged: list[Any] = []
    stop = threading.Event()
    worker = threading.Thread(target=_keep_doing, args=(plant, orders, upstream, work, acknowledged, stop))
    worker.start()
    until(lambda: len(acknowledged) >= 3, seconds=30, what="some work")
    plant.kill_hub()
    stop.set()
    worker.join(30)
    plant.start_hub()
    with plant.api() as admin:
        for kind, row_id in acknowledged:
            ok(admin.get(f"/{kind}/{row_id}"))
        assert ok(admin.get("/events/verify"))["ok"] is True
    assert until(lambda: _try(orders) == 200, what="service")


def _keep_doing(
    plant: Plant, orders: dict[str, Any], upstream: Upstream, work: str, done: list[Any], stop: threading.Event
) -> None:
    with plant.api() as admin:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                done.append(_one(admin, plant, orders, upstream, work, f"{work}-{number}"))
            except httpx.HTTPError:
                return


def _one(
    admin: httpx.Client, plant: Plant, orders: dict[str, Any], upstream: Upstream, work: str, name: str
) -> tuple[str, str]:
    if work == "rotate":
        key = ok(admin.post(f"/apps/{orders['app']['id']}/credentials", json={"name": name}), 201)
        ok(admin.post(f"/credentials/{key['id']}/rotate", json={"overlap_seconds": 60}), 201)
        return "apps", orders["app"]["id"]
    body = {"content": upstream.definition(), "owner_id": orders["team"]["id"], "name": name}
    made = ok(admin.post("/apis/import", json=body), 201)
    if work == "import":
        return "versions", made["version"]["id"]
    ok(admin.post(f"/apis/{made['api']['id']}/plans", json={"name": "Open", "version": {}}), 201)
    asked = {"gateway_id": plant.gateway_id}
    return "deployments", ok(admin.post(f"/versions/{made['version']['id']}/deployments", json=asked), 201)["id"]
