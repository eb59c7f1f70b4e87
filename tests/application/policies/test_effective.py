"""Which policy holds, where it comes from, and what it becomes for a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waypost.application.policies.effective import DEFAULT, Place, default_configs, resolve
from waypost.application.policies.ir import cors_ir, key_auth_ir, mock_ir, route_policies_ir
from waypost.application.policies.kinds import HeadersConfig
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
