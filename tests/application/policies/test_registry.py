"""Policies are checked when they are saved, with the field named."""

from __future__ import annotations

from typing import Any

import pytest

from waypost.application.policies.errors import PolicyInvalid, PolicyKindUnknown
from waypost.application.policies.kinds import KINDS
from waypost.application.policies.registry import kind_info, read_config
from waypost.contracts.vocab import PolicyLevel

LEVEL = {kind: info.levels[0] for kind, info in KINDS.items()}


def refused(kind: str, config: dict[str, Any]) -> list[str]:
    with pytest.raises(PolicyInvalid) as caught:
        read_config(kind_info(kind, level=LEVEL[kind]), config, level=LEVEL[kind])
    assert all(error.message for error in caught.value.errors)
    return [error.pointer for error in caught.value.errors]


@pytest.mark.parametrize(
    ("kind", "config", "pointer"),
    [
        ("cors", {"origins": ["*"], "credentials": True}, "/config/credentials"),
        ("cors", {"origins": ["*", "https://a.example"]}, "/config/origins"),
        ("cors", {"origins": []}, "/config/origins"),
        ("cors", {"origins": ["https://a.example/"]}, "/config/origins/0"),
        ("cors", {"origins": ["a.example"]}, "/config/origins/0"),
        ("cors", {"origins": ["https://a.example\r\nx: y"]}, "/config/origins/0"),
        ("cors", {"origins": ["https://*.example"]}, "/config/origins/0"),
        ("cors", {"origins": ["https://a.example"], "methods": ["BREW"]}, "/config/methods/0"),
        ("key_auth", {"header": "", "query": "", "cookie": ""}, "/config/header"),
        ("key_auth", {"header": "x key"}, "/config/header"),
        ("key_auth", {"header": "api_key"}, "/config/header"),
        ("key_auth", {"header": "Cookie"}, "/config/header"),
        ("key_auth", {"header": "x-key\n"}, "/config/header"),
        ("cors", {"origins": ["https://a.example\n"]}, "/config/origins/0"),
        ("path_rewrite", {"prefix": "/a\n"}, "/config/prefix"),
        ("mock", {"answer": {"headers": [{"name": "a", "value": "b\n"}]}}, "/config/answer/headers/0/value"),
        ("key_auth", {"header": "Connection"}, "/config/header"),
        ("key_auth", {"query": "a&b"}, "/config/query"),
        ("key_auth", {"places": ["header"]}, "/config/places"),
        ("headers", {"request_set": [{"name": "Transfer-Encoding", "value": "chunked"}]}, "/config/request_set/0/name"),
        ("headers", {"request_set": [{"name": ":path", "value": "/"}]}, "/config/request_set/0/name"),
        ("headers", {"request_remove": ["Host"]}, "/config/request_remove/0"),
        ("headers", {"request_remove": ["X-GW-Internal-Key"]}, "/config/request_remove/0"),
        ("headers", {"request_add": [{"name": "x-envoy-retry-on", "value": "5xx"}]}, "/config/request_add/0/name"),
        ("headers", {"response_set": [{"name": "a", "value": "x\r\nset-cookie: y"}]}, "/config/response_set/0/value"),
        ("headers", {"response_set": [{"name": "a", "value": "x\x00"}]}, "/config/response_set/0/value"),
        (
            "headers",
            {"response_add": [{"name": "Access-Control-Allow-Origin", "value": "*"}]},
            "/config/response_add/0/name",
        ),
        ("headers", {"response_remove": ["RateLimit"]}, "/config/response_remove/0"),
        (
            "headers",
            {"request_set": [{"name": "A", "value": "1"}, {"name": "a", "value": "2"}]},
            "/config/request_set/1/name",
        ),
        ("path_rewrite", {"prefix": "/a/../b"}, "/config/prefix"),
        ("path_rewrite", {"replacement": "/a?b"}, "/config/replacement"),
        ("path_rewrite", {"replacement": "//evil.example"}, "/config/replacement"),
        ("path_rewrite", {"prefix": "/a/"}, "/config/prefix"),
        ("timeout", {"request_ms": -1}, "/config/request_ms"),
        ("jwt", {}, "/config/issuers"),
        ("jwt", {"issuers": [{"issuer": "hub", "algorithms": ["none"]}]}, "/config/issuers/0/algorithms/0"),
        ("jwt", {"issuers": [{"issuer": "hub"}, {"issuer": "hub"}]}, "/config/issuers/1"),
        (
            "jwt",
            {"issuers": [{"issuer": "hub"}], "claim_headers": [{"claim": "sub", "header": "Host"}]},
            "/config/claim_headers/0/header",
        ),
        ("introspection", {"url": "https://a.example/i", "issuer": "https://a.example"}, "/config/client_id"),
        (
            "introspection",
            {"url": "https://u:p@a.example/i", "issuer": "https://a.example", "client_id": "g"},
            "/config/url",
        ),
        ("mtls", {"fingerprints": ["ab"]}, "/config/fingerprints/0"),
        ("scopes", {"scopes": ["a b"]}, "/config/scopes/0"),
        ("scopes", {"scopes": ["a"], "any_of": True}, "/config/any_of"),
        ("ip", {"deny": ["10.0.0.1/8"]}, "/config/deny/0"),
        ("ip", {"deny": ["10.0.0.0/8/8"]}, "/config/deny/0"),
        ("ip", {"deny": ["fe80::1%eth0"]}, "/config/deny/0"),
        ("ip", {"allow": ["10.1.0.0/16"], "deny": ["10.0.0.0/8"]}, "/config/allow"),
        ("countries", {"deny": ["Germany"]}, "/config/deny/0"),
        ("countries", {"allow": ["DE"], "deny": ["de"], "unknown": False}, "/config/allow"),
        ("maintenance", {"message": "a\nb"}, "/config/message"),
        ("maintenance", {"until": "2026-01-01T00:00:00"}, "/config/until"),
        ("hours", {"open": [{"start": "18:00", "end": "08:00"}]}, "/config/open/0/end"),
        ("hours", {"open": [{"days": [8]}]}, "/config/open/0/days/0"),
        ("rate_limit", {"limits": []}, "/config/limits"),
        ("rate_limit", {"limits": [{"requests": 1, "seconds": 1, "by": "claim"}]}, "/config/limits/0/claim"),
        ("rate_limit", {"limits": [{"requests": 1, "seconds": 1}] * 2}, "/config/limits/1"),
        ("quota", {"quotas": [{"amount": 1, "window": "day", "unit": "header"}]}, "/config/quotas/0/header"),
        ("quota", {"quotas": [{"amount": 0, "window": "day"}]}, "/config/quotas/0/amount"),
        ("cost", {"cost": -1}, "/config/cost"),
        ("concurrency", {"calls": 0}, "/config/calls"),
        ("concurrency", {"calls": 1, "by": "claim"}, "/config/by"),
        ("sizes", {}, "/config/request_bytes"),
        ("sizes", {"response_bytes": 1023}, "/config/response_bytes"),
        ("headers", {"request_set": [{"name": "a", "value": "{nobody}"}]}, "/config/request_set/0/value"),
        ("query", {"remove": ["a&b"]}, "/config/remove/0"),
        ("query", {"set": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}, "/config/set/1/name"),
        ("path_rewrite", {"template": "t"}, "/config/template"),
        ("path_rewrite", {"template": "/a/../b"}, "/config/template"),
        ("path_rewrite", {"template": "/a", "prefix": "/b"}, "/config/template"),
        ("host", {"host": "https://a.example"}, "/config/host"),
        ("host", {"host": "a.example", "preserve": True}, "/config/preserve"),
        ("mock", {"answer": {"status": 204, "body": "x"}}, "/config/answer/body"),
        ("mock", {"answer": {"status": 101}}, "/config/answer/status"),
        ("mock", {"answer": {"content_type": "text"}}, "/config/answer/content_type"),
        ("mock", {"answer": {"headers": [{"name": "content-length", "value": "3"}]}}, "/config/answer/headers/0/name"),
    ],
)
def test_what_must_not_be_saved_is_refused_by_field(kind: str, config: dict[str, Any], pointer: str) -> None:
    assert refused(kind, config) == [pointer]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("cors", {"origins": ["*"]}),
        ("cors", {"origins": ["http://localhost:3000", "https://[::1]:8443"], "credentials": True}),
        ("key_auth", {}),
        ("key_auth", {"enabled": False, "header": ""}),
        ("key_auth", {"header": "", "query": "api_key"}),
        ("headers", {"response_add": [{"name": "set-cookie", "value": "a=b"}, {"name": "set-cookie", "value": "c=d"}]}),
        ("path_rewrite", {"prefix": "/v2", "replacement": "/"}),
        ("timeout", {"request_ms": 0}),
        ("mock", {"answer": {"status": 204}}),
        ("mock", {}),
    ],
)
def test_what_may_be_saved_is_normal_and_stays_the_same_when_saved_again(kind: str, config: dict[str, Any]) -> None:
    info = kind_info(kind, level=LEVEL[kind])
    once = read_config(info, config, level=LEVEL[kind])
    assert read_config(info, once, level=LEVEL[kind]) == once


def test_names_are_kept_in_lower_case() -> None:
    info = kind_info("key_auth", level=PolicyLevel.API)
    assert read_config(info, {"header": "X-Token"}, level=PolicyLevel.API)["header"] == "x-token"


@pytest.mark.parametrize(("kind", "level"), [("cors", "version"), ("mock", "api"), ("magic", "api")])
def test_a_kind_stands_only_at_its_levels(kind: str, level: str) -> None:
    with pytest.raises(PolicyKindUnknown) as caught:
        kind_info(kind, level=PolicyLevel(level))
    assert "use one of" in caught.value.way_out
