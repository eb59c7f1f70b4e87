"""Compares what came with what a case wants; every difference is one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import http_sf
import jsonpointer

from waypost.contracts.vocab import Refusal
from waypost.testing.conformance.form import Expect, Match, Saw, Wanted
from waypost.testing.conformance.upstream import Seen
from waypost.testing.conformance.wire import Answer

_PROBLEM_FIELDS = ("type", "title", "status", "code", "hint", "decision_id")


def differences(expect: Expect, answer: Answer) -> list[str]:
    """What is wrong with an answer."""
    if expect.closed and not answer.complete:
        return []
    allowed = expect.status if isinstance(expect.status, list) else [expect.status]
    if answer.status not in allowed:
        return [f"status {answer.status}, not {_or(allowed)}: {_shown(answer.body)}"]
    found = [] if answer.complete or expect.closed else ["the answer was cut off"]
    found += [text for name, wanted in expect.headers.items() for text in _values(name, wanted, answer.lines(name))]
    code = expect.problem or expect.problems.get(answer.status)
    if code is not None:
        found += _problem(code, answer)
    if expect.json_:
        found += _json(expect.json_, answer)
    if "body" in expect.model_fields_set:
        found += _values("body", expect.body, [answer.body.decode("utf-8", "replace")])
    if expect.size is not None and len(answer.body) != expect.size:
        found.append(f"a body of {len(answer.body)} bytes, not {expect.size}")
    return found + _duration(expect, answer)


def seen_differences(saw: Saw, seen: Sequence[Seen]) -> list[str]:
    """What is wrong with what a server received."""
    calls = saw.calls if isinstance(saw.calls, Match) else Match(at_least=saw.calls, at_most=saw.calls)
    wrong = _values("calls", calls, [str(len(seen))])
    if wrong:
        return wrong
    return [text for request in seen for text in _request(saw, request)]


def branded(answer: Answer, names: Sequence[str]) -> list[str]:
    """Where the gateway's own answer names a vendor."""
    shown = " ".join(f"{name}: {value}" for name, value in answer.headers) + answer.body.decode("utf-8", "replace")
    return [f"the answer names {name!r}" for name in names if name in shown.lower()]


def _request(saw: Saw, seen: Seen) -> Iterator[str]:
    if saw.method is not None:
        yield from _values("method", saw.method, [seen.method])
    if saw.target is not None:
        yield from _values("target", saw.target, [seen.target])
    for name, wanted in saw.headers.items():
        yield from _values(name, wanted, seen.lines(name))
    if saw.body is not None:
        yield from _values("body", saw.body, [seen.body.decode("utf-8", "replace")])


def _values(name: str, wanted: Wanted, values: list[str]) -> list[str]:
    if wanted is None:
        return [f"{name} is there: {values}"] if values else []
    if isinstance(wanted, list):
        return [] if values == wanted else [f"{name} is {values}, not {wanted}"]
    if not values:
        return [f"{name} is not there"]
    if isinstance(wanted, str):
        return [] if values == [wanted] else [f"{name} is {_one(values)!r}, not {wanted!r}"]
    return [f"{name} is {_one(values)!r}: {text}" for text in _match(wanted, values)]


def _match(wanted: Match, values: list[str]) -> Iterator[str]:
    whole = ", ".join(values)
    if wanted.regex is not None and not re.fullmatch(wanted.regex, whole, re.DOTALL):
        yield f"does not match {wanted.regex}"
    if wanted.lacks is not None and re.search(wanted.lacks, whole):
        yield f"matches {wanted.lacks}"
    for limit, sign in ((wanted.at_least, 1), (wanted.at_most, -1)):
        if limit is not None and (not _is_number(whole) or (float(whole) - float(limit)) * sign < 0):
            yield f"should be {'at least' if sign > 0 else 'at most'} {limit}"
    tokens = sorted(token.strip().lower() for token in whole.split(",") if token.strip())
    if wanted.tokens is not None and tokens != sorted(token.lower() for token in wanted.tokens):
        yield f"should hold exactly {wanted.tokens}"
    if wanted.has_tokens is not None and not {token.lower() for token in wanted.has_tokens} <= set(tokens):
        yield f"should hold {wanted.has_tokens}"
    if wanted.fields is not None:
        yield from _fields(wanted.fields, whole)


def _fields(wanted: dict[str, dict[str, Any]], value: str) -> Iterator[str]:
    try:
        parsed: Any = http_sf.parse(value.encode(), tltype="list")
        items = {str(name): dict(parameters) for name, parameters in parsed}
    except (ValueError, TypeError) as error:
        yield f"is no list of RFC 9651: {error}"
        return
    if list(items) != list(wanted):
        yield f"should name {list(wanted)}"
        return
    for name, parameters in wanted.items():
        if not parameters.items() <= items[name].items():
            yield f"{name} should have {parameters}"


def _problem(code: Refusal, answer: Answer) -> Iterator[str]:
    yield from _values("content-type", "application/problem+json", answer.lines("content-type"))
    try:
        body = answer.json()
    except ValueError:
        yield f"the body is no JSON: {_shown(answer.body)}"
        return
    missing = [name for name in _PROBLEM_FIELDS if not body.get(name)]
    if missing:
        yield f"the problem lacks {', '.join(missing)}"
    if (body.get("code"), body.get("status")) != (code.value, answer.status):
        yield f"the problem is {body.get('status')} {body.get('code')}, not {answer.status} {code.value}"
    if [body.get("decision_id")] != answer.lines("x-request-id"):
        yield f"decision id {body.get('decision_id')!r}, but x-request-id {answer.lines('x-request-id')}"


def _json(wanted: dict[str, Any], answer: Answer) -> Iterator[str]:
    try:
        body = answer.json()
    except ValueError:
        yield f"the body is no JSON: {_shown(answer.body)}"
        return
    for pointer, value in wanted.items():
        found = jsonpointer.resolve_pointer(body, pointer, None)
        if found != value:
            yield f"{pointer} is {found!r}, not {value!r}"


def _duration(expect: Expect, answer: Answer) -> list[str]:
    if expect.took_ms is None or expect.took_ms[0] <= answer.took_ms <= expect.took_ms[1]:
        return []
    return [f"took {answer.took_ms:.0f} ms, not {expect.took_ms[0]} to {expect.took_ms[1]}"]


def _one(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _or(values: list[int]) -> str:
    return " or ".join(str(value) for value in values)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _shown(body: bytes) -> str:
    return body[:200].decode("utf-8", "replace") or "no body"
