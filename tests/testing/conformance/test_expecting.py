"""An answer that is not what a case wants is told, in each of its parts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from waypost.contracts.vocab import Refusal
from waypost.testing.conformance.expecting import branded, differences, seen_differences
from waypost.testing.conformance.form import Expect, Saw
from waypost.testing.conformance.upstream import Seen
from waypost.testing.conformance.wire import Answer

PROBLEM = {"type": "t", "title": "t", "status": 401, "code": "key_missing", "hint": "h", "decision_id": "d1"}
HEADERS = [
    ("content-type", "application/problem+json"),
    ("x-request-id", "d1"),
    ("ratelimit", '"six";r=5;t=10'),
    ("set-cookie", "a"),
    ("set-cookie", "b"),
    ("vary", "Accept, Origin"),
    ("retry-after", "9"),
]
GOOD = Answer(status=401, headers=HEADERS, body=json.dumps(PROBLEM).encode(), took_ms=100)
SEEN = Seen(method="GET", target="/a?b", headers=[("x-a", "1"), ("x-a", "2")], body=b"text")


@pytest.mark.parametrize(
    "wanted",
    [
        {"problem": "key_missing"},
        {"headers": {"ratelimit": {"fields": {"six": {"r": 5}}}}},
        {"headers": {"set-cookie": ["a", "b"], "x-none": None, "vary": {"tokens": ["origin", "accept"]}}},
        {"headers": {"vary": {"has_tokens": ["origin"]}, "retry-after": {"at_least": 9, "at_most": 9}}},
        {"headers": {"retry-after": {"regex": "[0-9]", "lacks": "a"}}},
        {"json": {"/code": "key_missing"}, "took_ms": [50, 150]},
        {"status": [200, 401]},
    ],
)
def test_what_is_right(wanted: dict[str, Any]) -> None:
    assert differences(Expect.model_validate({"status": 401, **wanted}), GOOD) == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": 200},
        {"problem": "key_invalid"},
        {"headers": {"ratelimit": {"fields": {"six": {"r": 4}}}}},
        {"headers": {"ratelimit": {"fields": {"seven": {}}}}},
        {"headers": {"vary": {"fields": {"x": {}}}}},
        {"headers": {"set-cookie": "a"}},
        {"headers": {"set-cookie": None}},
        {"headers": {"x-none": "1"}},
        {"headers": {"vary": {"tokens": ["origin"]}}},
        {"headers": {"vary": {"has_tokens": ["x"]}}},
        {"headers": {"retry-after": {"at_least": 10}}},
        {"headers": {"retry-after": {"at_most": 8}}},
        {"headers": {"vary": {"at_most": 8}}},
        {"headers": {"retry-after": {"regex": "[a-z]"}}},
        {"headers": {"retry-after": {"lacks": "9"}}},
        {"json": {"/code": "x"}},
        {"body": "x"},
        {"size": 1},
        {"took_ms": [0, 50]},
    ],
)
def test_what_is_wrong(wanted: dict[str, Any]) -> None:
    assert differences(Expect.model_validate({"status": 401, **wanted}), GOOD)


@pytest.mark.parametrize("missing", [*PROBLEM, "json"])
def test_a_problem_is_complete(missing: str) -> None:
    body = {name: value for name, value in PROBLEM.items() if name != missing}
    raw = b"{" if missing == "json" else json.dumps(body).encode()
    answer = Answer(status=401, headers=HEADERS, body=raw)
    assert differences(Expect(status=401, problem=Refusal.KEY_MISSING), answer)


def test_an_answer_that_is_cut_off_is_wrong_unless_wanted() -> None:
    cut = Answer(status=200, complete=False)
    assert differences(Expect(status=200), cut) == ["the answer was cut off"]
    assert differences(Expect(status=502, closed=True), cut) == []


@pytest.mark.parametrize(
    ("wanted", "right"),
    [
        ({"method": "GET", "target": "/a?b", "headers": {"x-a": ["1", "2"], "x-b": None}, "body": "text"}, True),
        ({"method": "POST"}, False),
        ({"target": "/a"}, False),
        ({"headers": {"x-a": None}}, False),
        ({"body": "other"}, False),
        ({"calls": 2}, False),
        ({"calls": {"at_most": 1}}, True),
    ],
)
def test_what_the_upstream_saw(wanted: dict[str, Any], right: bool) -> None:
    assert (seen_differences(Saw.model_validate(wanted), [SEEN]) == []) is right


def test_a_vendor_is_found_in_headers_and_body() -> None:
    assert branded(Answer(status=404, headers=[("server", "Envoy")]), ["envoy"])
    assert branded(Answer(status=404, body=b"by HAProxy"), ["haproxy"])
    assert branded(GOOD, ["envoy", "haproxy"]) == []
