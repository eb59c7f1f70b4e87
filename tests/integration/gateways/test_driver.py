"""Comparing what is wanted with what is applied."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from waypost.contracts.ir import ApiIR, GatewayIR, Route, Upstream, VersionIR
from waypost.contracts.ir.dump import content_hash
from waypost.integration.gateways import driver


@dataclass
class Held:
    api: ApiIR
    content_hash: str


def _api(name: str) -> ApiIR:
    version = VersionIR(
        id=f"ver_{name}",
        name="1",
        upstream=Upstream(url="http://127.0.0.1:9"),
        routes=(Route(id="op", method="GET", path="/a"),),
    )
    return ApiIR(id=f"api_{name}", slug=name, name=name, base_path=f"/{name}", versions=(version,))


def _held(*apis: ApiIR) -> dict[str, Held]:
    return {api.id: Held(api, content_hash(api)) for api in apis}


def test_deletes_come_first_then_what_is_new_or_differs_in_order() -> None:
    stays, goes, changes = _api("stays"), _api("goes"), _api("changes")
    changed, new = replace(changes, name="Other"), _api("new")
    found = driver.changes(GatewayIR(gateway_id="gw", apis=(new, stays, changed)), _held(stays, goes, changes))
    assert [(change.api_id, change.action) for change in found] == [
        ("api_goes", "delete"),
        ("api_new", "create"),
        ("api_changes", "update"),
    ]
    assert found[2].content_hash == content_hash(changed)


def test_an_equal_api_made_anew_is_no_change() -> None:
    assert driver.changes(GatewayIR(gateway_id="gw", apis=(_api("a"),)), _held(_api("a"))) == ()


def test_of_many_apis_only_the_one_that_is_another_object_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    apis = [_api(f"n{number}") for number in range(50)]
    held = _held(*apis)
    hashed: list[str] = []

    def hashing(api: ApiIR) -> str:
        hashed.append(api.id)
        return content_hash(api)

    monkeypatch.setattr(driver, "content_hash", hashing)
    apis[7] = replace(apis[7], name="Other")
    found = driver.changes(GatewayIR(gateway_id="gw", apis=tuple(apis)), held)
    assert [change.api_id for change in found] == hashed == ["api_n7"]
