"""YAML: types, keys, aliases that explode, merge keys."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.importers.reading import only, problems, read
from waypost.integration.importers.limits import Limits
from waypost.integration.importers.problems import ProblemLog, Unreadable
from waypost.integration.importers.yaml_text import YamlReader

DEFINITION = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n"


def values(text: str, limits: Limits | None = None) -> Any:
    return YamlReader(text, limits or Limits(), ProblemLog()).read()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("1", 1), ("-1", -1), ("+1", 1), ("0", 0), ("0x1F", 31), ("0o17", 15), ("1.5", 1.5), ("1e3", 1000.0)),
        *((".5", 0.5), ("-0.0", -0.0), ("true", True), ("False", False), ("null", None), ("~", None), ("", None)),
        *(("yes", "yes"), ("no", "no"), ("on", "on"), ("NO", "NO"), ("y", "y"), ("2020-01-01", "2020-01-01")),
        *(("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"), ("007", "007"), ("1_000", "1_000"), ("12:30", "12:30")),
        *((".inf", ".inf"), (".nan", ".nan"), ("1e999", "1e999"), ("'1'", "1"), ('"true"', "true"), ("!!str 1", "1")),
        *(("!!int '1'", 1), ("!custom x", "x"), ("!!timestamp 2020-01-01", "2020-01-01"), ("-", [None])),
        *(("!!python/object/apply:os.system x", "x"), ("0x", "0x"), ("1.", 1.0), ("+", "+"), ("1.2.3", "1.2.3")),
    ],
)
def test_scalars_are_what_json_can_hold(written: str, value: Any) -> None:
    found = values(f"a: {written}" if written != "-" else "a:\n- ")["a"]
    assert found == value
    assert type(found) is type(value)


def test_very_long_numbers_stay_serialisable() -> None:
    assert values("a: 12345678901234567890123")["a"] == 1.2345678901234568e22
    assert values("a: " + "9" * 5000)["a"] == "9" * 5000


def test_keys_are_always_text() -> None:
    assert values("200: a\ntrue: b\nnull: c\n2020-01-01: d\n1.10: e\n") == {
        "200": "a",
        "true": "b",
        "null": "c",
        "2020-01-01": "d",
        "1.10": "e",
    }


@pytest.mark.parametrize("version", ["1.10", "2020-01-01", "1", "1e3", "0x10"])
def test_versions_keep_their_digits(version: str) -> None:
    definition = read(DEFINITION.replace("'1'", version))
    assert definition.version == version
    assert read(DEFINITION.replace("3.1.0", "3.0")).format == "openapi-3.0"


def test_repeated_keys_are_named_by_line_and_the_last_counts() -> None:
    definition = read(DEFINITION + "x-a:\n  k: 1\n  k: 2\n")
    problem = only(definition, "duplicate_key")
    assert (problem.pointer, problem.line, problem.column) == ("/x-a/k", 6, 3)
    assert definition.document["x-a"] == {"k": 2}
    assert definition.ok


def test_aliases_are_written_out() -> None:
    assert values("a: &x {b: [1]}\nc: *x\nd: &y text\n*y : 1\n") == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": "text",
        "text": 1,
    }


def test_merge_keys_follow_their_order_of_precedence() -> None:
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall:\n  c: 3\n  <<: [*one, *two]\n"
    assert values(text)["all"] == {"a": 1, "b": 1, "c": 3}
    assert values("a: {<<: {x: 1}, x: 2}")["a"] == {"x": 2}
    assert values("a: {'<<': 1}")["a"] == {"<<": 1}


def test_a_merge_of_something_else_is_named() -> None:
    assert only(read(DEFINITION + "x-a: {<<: 1}\n"), "yaml_merge").line == 4


def bomb(levels: int, *, wide: int = 10) -> str:
    lines = ["a0: &a0 [" + ", ".join(["lol"] * wide) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * wide) + "]" for n in range(1, levels)]
    return "\n".join(lines)


def test_a_billion_laughs_are_refused_at_once() -> None:
    started = time.process_time()
    problem = only(read(DEFINITION + bomb(40)), "too_many_nodes")
    assert time.process_time() - started < 2
    assert problem.line is not None
    assert 4 < problem.line < 15


def test_long_texts_repeated_by_alias_are_refused() -> None:
    text = "a: &a '" + "x" * 100_000 + "'\nb: [" + ", ".join(["*a"] * 10_000) + "]"
    with pytest.raises(Unreadable, match="too_many_nodes"):
        values(text)


def test_merge_bombs_are_refused() -> None:
    big = "a0: &a0 {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\n"
    text = big + "".join(f"b{n}: {{<<: *a0}}\n" for n in range(2000))
    with pytest.raises(Unreadable, match="too_many_nodes"):
        values(text, Limits(nodes=1_000_000))


def test_aliases_cannot_go_round_the_depth_limit() -> None:
    lines = ["a0: &a0 " + "[" * 50 + "]" * 50]
    lines += [f"a{n}: &a{n} " + "[" * 50 + f"*a{n - 1}" + "]" * 50 for n in range(1, 5)]
    with pytest.raises(Unreadable, match="too_deep"):
        values("\n".join(lines))
    assert values("\n".join(lines[:3]))


def test_a_second_document_is_named_and_not_read() -> None:
    definition = read(DEFINITION + "---\nopenapi: 3.0.0\n")
    assert only(definition, "yaml_documents").line == 4
    assert definition.format == "openapi-3.1"


def test_unknown_tags_are_named() -> None:
    assert only(read(DEFINITION + "x-a: !secret x\n"), "yaml_tag").line == 4
    assert problems(read(DEFINITION + "x-a: !!str x\n"), "yaml_tag") == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_every_json_text_means_the_same_as_yaml(value: Any) -> None:
    # A solidus before U+007F and the like is legal in JSON but not in YAML, so everything unusual is escaped.
    text = json.dumps({"a": value})
    if any(0xD800 <= ord(c) < 0xE000 or ord(c) > 0xFFFF for c in json.dumps(value, ensure_ascii=False)):
        return
    assert values(text.replace(":", ": ")) == json.loads(text.replace(":", ": "))
