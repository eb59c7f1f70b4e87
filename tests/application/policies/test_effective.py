"""Which policy holds, where it comes from, and what it becomes for a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.application.policies.effective import (
    DEFAULT,
    HUB,
    Place,
    Standing,
    default_configs,
    overridden,
    resolve,
)
from waypost.application.policies.ir import cors_ir, key_auth_ir, mock_ir, route_policies_ir
from waypost.application.policies.kinds import KINDS
from waypost.application.policies.kinds.traffic import HeadersConfig
from waypost.contracts.ir import HeaderEdit, KeyAuth, Mock, PathRewrite, RoutePolicies, Timeout

OPERATION = Place("operation", "op_1", "GET /")
VERSION = Place("version", "ver_1", "1")
API = Place("api", "api_1", "Orders")
PLACES = (OPERATION, VERSION, API)


@dataclass
class Kept:
    kind: str
    target_id: str
    config: dict[str, Any]
    locked: bool = False


def test_the_most_specific_place_decides_as_a_whole() -> None:
    kept = [Kept("timeout", VERSION.id, {"request_ms": 5}), Kept("timeout", OPERATION.id, {"request_ms": 9})]
    found = resolve(kept, places=PLACES, defaults={})
    assert (found["timeout"].config, found["timeout"].place) == ({"request_ms": 9}, OPERATION)
    found = resolve(kept, places=PLACES[1:], defaults={})
    assert (found["timeout"].config, found["timeout"].place) == ({"request_ms": 5}, VERSION)


def test_defaults_hold_where_nothing_is_set_and_say_so() -> None:
    found = resolve([Kept("cors", API.id, {"origins": ["*"]})], places=PLACES, defaults=default_configs("http://hub"))
    assert found["key_auth"].place == DEFAULT
    assert found["cors"].place == API
    default_cors = resolve([], places=PLACES, defaults=default_configs("http://hub"))["cors"]
    assert cors_ir(default_cors.config).origins == ("http://hub",)


@given(st.lists(st.tuples(st.sampled_from(["timeout", "mock"]), st.sampled_from(PLACES)), unique=True), st.randoms())
def test_the_order_in_which_policies_are_read_does_not_matter(kept: list[tuple[str, Place]], random: Any) -> None:
    rows = [Kept(kind, place.id, {"at": place.level}) for kind, place in kept]
    first = resolve(rows, places=PLACES, defaults={})
    random.shuffle(rows)
    assert resolve(rows, places=PLACES, defaults={}) == first
    for kind, effective in first.items():
        above = PLACES[: PLACES.index(effective.place)]
        assert not [row for row in rows if row.kind == kind and row.target_id in {place.id for place in above}]


NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "2001:db8::/32"]
TEAM = Place("team", "team_1", "Red")
CHAIN = (OPERATION, VERSION, API, TEAM, HUB)
IP = st.builds(
    lambda place, allow, deny, locked: Kept("ip", place.id, {"allow": allow, "deny": deny}, locked),
    st.sampled_from(CHAIN),
    st.lists(st.sampled_from(NETWORKS), unique=True),
    st.lists(st.sampled_from(NETWORKS), unique=True),
    st.booleans(),
)
LIMIT = st.builds(
    lambda requests, seconds, by: {"requests": requests, "seconds": seconds, "by": by, "claim": "", "burst": 0},
    st.integers(1, 3),
    st.sampled_from([1, 60]),
    st.sampled_from(["ip", "api"]),
)
RATE = st.builds(
    lambda place, limits, locked: Kept("rate_limit", place.id, {"limits": limits}, locked),
    st.sampled_from(CHAIN),
    st.lists(LIMIT, min_size=1, max_size=3, unique_by=lambda item: (item["by"], item["seconds"])),
    st.booleans(),
)


@given(st.lists(st.one_of(IP, RATE), unique_by=lambda kept: (kept.kind, kept.target_id)), st.randoms())
def test_what_is_merged_does_not_depend_on_the_order_either(kept: list[Kept], random: Any) -> None:
    first = resolve(kept, places=CHAIN, defaults={})
    random.shuffle(kept)
    assert resolve(kept, places=CHAIN, defaults={}) == first
    for found in first.values():
        for pointer, place in found.origins.items():
            assert place in CHAIN, "every part says where it comes from"
            assert jsonpointer.resolve_pointer(found.config, pointer) is not None
    for row in kept:
        if row.kind == "ip":
            assert set(row.config["deny"]) <= set(first["ip"].config["deny"]), "no denial is lost"
            if row.locked and row.config["allow"]:
                widest = [one for place in reversed(CHAIN) for one in kept if _locks(one, place, "ip")]
                assert first["ip"].config["allow"] == widest[0].config["allow"], "the widest lock stands"
    limits = first["rate_limit"].config["limits"] if "rate_limit" in first else []
    assert len({(item["by"], item["seconds"]) for item in limits}) == len(limits)


def _locks(row: Kept, place: Place, kind: str) -> bool:
    return row.kind == kind and row.target_id == place.id and row.locked and bool(row.config["allow"])


def test_a_lock_stands_before_everything_that_is_nearer() -> None:
    kept = [Kept("timeout", HUB.id, {"request_ms": 5}, True), Kept("timeout", OPERATION.id, {"request_ms": 9})]
    found = resolve(kept, places=CHAIN, defaults={})["timeout"]
    assert (found.config, found.place, found.locked) == ({"request_ms": 5}, HUB, True)


def test_a_lock_refuses_only_what_says_otherwise() -> None:
    locks = [Standing({"deny": ["10.0.0.0/8"], "allow": ["192.0.2.0/24"]}, HUB, True)]
    assert overridden(KINDS["ip"], {"deny": ["203.0.113.0/24"], "allow": []}, locks) == {}
    assert overridden(KINDS["ip"], {"deny": [], "allow": ["0.0.0.0/0"]}, locks) == {"/allow": HUB}
    locks = [Standing({"response_set": [{"name": "x-a", "value": "1"}]}, TEAM, True)]
    other = {"response_set": [{"name": "x-b", "value": "1"}, {"name": "x-a", "value": "2"}]}
    assert overridden(KINDS["headers"], other, locks) == {"/response_set/1": TEAM}
    assert overridden(KINDS["timeout"], {"request_ms": 1}, [Standing({"request_ms": 1}, HUB, True)]) == {"": HUB}


def test_what_a_lock_takes_away_nothing_brings_back() -> None:
    gone = Kept("headers", HUB.id, {"response_remove": ["server"]}, True)
    back = Kept("headers", API.id, {"response_set": [{"name": "server", "value": "x"}, {"name": "x-a", "value": "1"}]})
    found = resolve([back, gone], places=CHAIN, defaults={})["headers"].config
    assert (found["response_remove"], [item["name"] for item in found["response_set"]]) == (["server"], ["x-a"])
    assert overridden(KINDS["headers"], back.config, [Standing(gone.config, HUB, True)]) == {"/response_set/0": HUB}
    unlocked = Kept("headers", HUB.id, {"response_remove": ["server"]})
    found = resolve([back, unlocked], places=CHAIN, defaults={})["headers"].config
    assert [item["name"] for item in found["response_set"]] == ["server", "x-a"], "removal comes first, then set"


def test_key_auth_switched_off_opens_the_api() -> None:
    assert key_auth_ir({"enabled": False}) is None
    assert key_auth_ir({}) == KeyAuth(header="x-api-key", hide=True)


def test_every_field_reaches_the_gateway() -> None:
    headers = {field: ["x-old"] for field in ("request_remove", "response_remove")}
    edits = {name: [{"name": name[-3:], "value": name}] for name in HeadersConfig.model_fields if "remove" not in name}
    policies = route_policies_ir(
        {
            "headers": {**headers, **edits},
            "path_rewrite": {"prefix": "/a", "replacement": "/b"},
            "timeout": {"request_ms": 7},
        }
    )
    assert policies == RoutePolicies(
        headers=HeaderEdit(
            request_set=(("set", "request_set"),),
            request_add=(("add", "request_add"),),
            request_remove=("x-old",),
            response_set=(("set", "response_set"),),
            response_add=(("add", "response_add"),),
            response_remove=("x-old",),
        ),
        rewrite=PathRewrite(prefix="/a", replacement="/b"),
        timeout=Timeout(request_ms=7),
    )
    assert route_policies_ir({}) == RoutePolicies()


def test_a_mock_is_the_example_or_its_own_answer_and_an_operation_may_opt_out() -> None:
    example = Mock(body="example")
    assert mock_ir(operation=None, version=None, example=example) is None
    assert mock_ir(operation=None, version={}, example=example) == example
    assert mock_ir(operation={"enabled": False}, version={}, example=example) is None
    own = {"answer": {"status": 503, "body": "later", "headers": [{"name": "retry-after", "value": "9"}]}}
    assert mock_ir(operation=own, version={}, example=example) == Mock(
        status=503, body="later", headers=(("retry-after", "9"),)
    )


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        ("http://127.0.0.1:8080", ["http://127.0.0.1:8080", "http://localhost:8080"]),
        ("https://API.example/", ["https://api.example"]),
        ("https://api.example:8443/hub/", ["https://api.example:8443"]),
        ("http://[fd00::1]:80", ["http://[fd00::1]:80"]),
    ],
)
def test_the_portals_origin_is_what_a_browser_sends(url: str, origins: list[str]) -> None:
    assert default_configs(url)["cors"]["origins"] == origins
