"""Pointers become lines, in JSON and in YAML."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.importers.reading import document, only, read
from waypost.integration.importers import pointers
from waypost.integration.importers.positions import locate_json, locate_yaml

JSON = """{
  "a": {"b/c": [1, {"d": "}\\"]"}]},
  "\\u0065": null,
  "f": [
    [], [
      true]]
}"""
YAML = """a: &x
  b/c:
    - 1
    - d: "}"
e: *x
f: [[], [true]]
"""


def test_json_positions() -> None:
    wanted = ["", "/a", "/a/b~1c", "/a/b~1c/1", "/a/b~1c/1/d", "/e", "/f/1/0", "/f/9", "/none"]
    assert locate_json(JSON, wanted) == {
        "": (1, 1),
        "/a": (2, 3),
        "/a/b~1c": (2, 9),
        "/a/b~1c/1": (2, 20),
        "/a/b~1c/1/d": (2, 21),
        "/e": (3, 3),
        "/f/1/0": (6, 7),
        "/f/9": (4, 3),
        "/none": (1, 1),
    }


def test_yaml_positions_and_the_nearest_written_parent_behind_an_alias() -> None:
    wanted = ["", "/a", "/a/b~1c/0", "/a/b~1c/1/d", "/e", "/e/b~1c/1", "/f/1/0", "/none"]
    assert locate_yaml(YAML, wanted) == {
        "": (1, 1),
        "/a": (1, 1),
        "/a/b~1c/0": (3, 7),
        "/a/b~1c/1/d": (4, 7),
        "/e": (5, 1),
        "/e/b~1c/1": (5, 1),
        "/f/1/0": (6, 10),
        "/none": (1, 1),
    }


def test_a_problem_says_line_and_column_in_both_syntaxes() -> None:
    bad = document({"/a": {"FETCH": {}, "get": {"responses": {}}}})
    text = json.dumps(bad, indent=2)
    problem = only(read(text), "method_unknown")
    assert problem.pointer == "/paths/~1a/FETCH"
    assert problem.line is not None
    assert text.splitlines()[problem.line - 1][(problem.column or 0) - 1 :].startswith('"FETCH"')
    text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    FETCH: {}\n    get: {}\n"
    problem = only(read(text), "method_unknown")
    assert (problem.line, problem.column) == (5, 5)


def test_repeated_json_keys_are_named_where_they_are_repeated() -> None:
    text = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"},\n"paths": {'
    text += '"/a": {"get": {}},\n "/a": {"put": {}}}}'
    definition = read(text)
    problem = only(definition, "duplicate_key")
    assert (problem.pointer, problem.line, problem.column) == ("/paths/~1a", 3, 2)
    assert "'/a'" in problem.message
    assert [o.key for o in definition.operations] == ["PUT /a"]


def every_pointer(value: Any, pointer: str = "") -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(p for key, item in members for p in every_pointer(item, pointers.join(pointer, key)))]


names = st.text('ab/~\\"é\n{}[]:, ', max_size=4)
trees = st.recursive(
    st.integers() | names | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@given(trees, st.sampled_from([None, 1]), st.booleans())
def test_a_json_position_is_where_the_key_or_item_is_written(tree: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps({"root": tree}, indent=indent, ensure_ascii=ascii_only)
    wanted = every_pointer({"root": tree})
    lines = text.split("\n")
    for pointer, (line, column) in locate_json(text, wanted).items():
        rest = lines[line - 1][column - 1 :]
        tokens = pointers.split(pointer)
        parent = pointers.look_up({"root": tree}, tokens[:-1])
        if tokens and isinstance(parent, dict):
            assert rest.startswith(json.dumps(tokens[-1], ensure_ascii=ascii_only))
        elif tokens:
            value = pointers.look_up(parent, tokens[-1:])
            written = (
                "{"
                if isinstance(value, dict)
                else "["
                if isinstance(value, list)
                else json.dumps(value, ensure_ascii=ascii_only)
            )
            assert rest.startswith(written)
