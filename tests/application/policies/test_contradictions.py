"""Policies that do not make sense together are found in what holds, whatever place each comes from."""

from __future__ import annotations

from typing import Any

import pytest

from waypost.application.policies.contradictions import contradictions
from waypost.application.policies.effective import Effective, Place

API = Place("api", "api_1", "Orders")
OPERATION = Place("operation", "op_1", "GET /")
KEY: dict[str, Any] = {"enabled": True, "header": "x-api-key"}
JWT: dict[str, Any] = {"enabled": True, "issuers": [{"issuer": "hub"}], "claim_headers": []}
CLAIM = {"name": "x-org", "value": "{claim.org}"}


def found(**configs: dict[str, Any]) -> list[tuple[str, str]]:
    held = {kind: Effective(kind, config, API) for kind, config in configs.items()}
    return [(kind, pointer) for item in contradictions(held) for kind, pointer in item.pointers[:1]]


@pytest.mark.parametrize(
    ("configs", "expected"),
    [
        ({"scopes": {"roles": ["clerk"]}}, [("scopes", "/config/roles")]),
        ({"headers": {"request_set": [CLAIM]}}, [("headers", "/config/request_set/0/value")]),
        ({"query": {"set": [CLAIM]}}, [("query", "/config/set/0/value")]),
        ({"path_rewrite": {"template": "/{claim.org}"}}, [("path_rewrite", "/config/template")]),
        ({"rate_limit": {"limits": [{"by": "claim"}]}}, [("rate_limit", "/config/limits/0/by")]),
        (
            {"rate_limit": {"limits": [{"by": "app"}]}, "anonymous": {"allowed": True}},
            [("rate_limit", "/config/limits")],
        ),
        ({"ip": {"allow": ["10.1.0.0/16"], "deny": ["10.0.0.0/8"]}}, [("ip", "/config/allow")]),
        ({"key_auth": {"enabled": True, "header": "authorization"}, "jwt": JWT}, [("key_auth", "/config/header")]),
        ({"key_auth": {"enabled": True, "header": "authorization"}, "basic": {}}, [("key_auth", "/config/header")]),
        (
            {
                "jwt": {**JWT, "claim_headers": [{"claim": "org", "header": "x-org"}]},
                "headers": {"request_remove": ["x-org"]},
            },
            [("jwt", "/config/claim_headers/0/header")],
        ),
        ({"mock": {"enabled": True}, "host": {"host": "a.example"}}, [("mock", "/config/enabled")]),
    ],
)
def test_a_contradiction_is_named(configs: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(**{"key_auth": KEY, **configs}) == expected


@pytest.mark.parametrize(
    "configs",
    [
        {"jwt": JWT, "scopes": {"roles": ["clerk"]}, "headers": {"request_set": [CLAIM]}},
        {"rate_limit": {"limits": [{"by": "app"}]}},
        {"rate_limit": {"limits": [{"by": "app"}, {"by": "ip"}]}, "anonymous": {"allowed": True}},
        {"ip": {"allow": ["10.1.0.0/16", "192.0.2.1/32"], "deny": ["10.0.0.0/8"]}},
        {"ip": {"allow": ["::/0"], "deny": ["0.0.0.0/0"]}},
        {"headers": {"request_set": [{"name": "x", "value": "{{claim.org}}"}]}},
        {"mock": {"enabled": False}, "host": {"host": "a.example"}},
    ],
)
def test_what_makes_sense_is_left_alone(configs: dict[str, Any]) -> None:
    assert found(**{"key_auth": KEY, **configs}) == []


def test_an_api_that_is_open_has_no_known_callers_to_count() -> None:
    assert found(key_auth={"enabled": False}, rate_limit={"limits": [{"by": "subscription"}]}) == [
        ("rate_limit", "/config/limits")
    ]


def test_a_choice_among_scopes_of_several_places_is_refused() -> None:
    config = {"scopes": ["a", "b"], "any_of": True}
    one = Effective("scopes", config, API, origins={"/scopes/0": API, "/scopes/1": API})
    two = Effective("scopes", config, OPERATION, origins={"/scopes/0": API, "/scopes/1": OPERATION})
    key = Effective("key_auth", KEY, API)
    assert contradictions({"scopes": one, "key_auth": key}) == []
    assert "GET / and at Orders" in contradictions({"scopes": two, "key_auth": key})[0].message


def test_a_mock_of_one_operation_does_not_mind_the_host_of_the_version() -> None:
    mock, host = Effective("mock", {}, OPERATION), Effective("host", {"host": "a.example"}, API)
    assert contradictions({"key_auth": Effective("key_auth", KEY, API), "mock": mock, "host": host}) == []
