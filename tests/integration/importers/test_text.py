"""Bytes that are no definition, are too large or too deep; encodings; what is in place of a definition."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.integration.importers.reading import document, only, problems, read
from waypost.contracts.importers import ImportRequest, Severity
from waypost.integration.importers import Limits, OpenApiImporter

YAML = "openapi: 3.1.0\ninfo: {title: Ünïcode, version: '1'}\npaths:\n  /a:\n    get: {responses: {}}\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"just text", "not_a_definition"),
        (b"42", "not_a_definition"),
        (b"null", "not_a_definition"),
        (b"- a\n- b", "not_a_definition"),
        (b'[{"openapi": "3.1.0"}]', "not_a_definition"),
        (b"<!doctype html><html><body>Sign in</body></html>", "not_a_definition"),
        (b"<?xml version='1.0'?><wsdl/>", "not_a_definition"),
        (b"a: [1, 2", "not_yaml"),
        (b"a: b: c", "not_yaml"),
        (b"a:\n\t- b", "not_yaml"),
        (b"a: 'open", "not_yaml"),
        (b"%YAML 9.9\n---\na: b", "not_yaml"),
        (b"a: \x01", "not_yaml"),
        (b"{\xff}", "not_text"),
        (b"PK\x03\x04rest", "not_text"),
        (gzip.compress(b"openapi: 3.1.0", mtime=0), "not_text"),
        (b"a: *nowhere", "yaml_alias_unknown"),
        (b"a: &a [*a]", "yaml_alias_loop"),
        (b"? {a: 1}\n: b", "yaml_key"),
        (b"? [a]\n: b", "yaml_key"),
        (b"title: x", "format_unknown"),
        (b"{}", "format_unknown"),
        (b"openapi: 4.0.0", "version_unknown"),
        (b"openapi: [3]", "version_unknown"),
        (b"swagger: '1.2'", "version_unknown"),
        (b"swaggerVersion: 1.2", "format_unknown"),
        (b"asyncapi: 2.6.0", "format_unknown"),
        (b'{"info": {"_postman_id": "x"}}', "format_unknown"),
    ],
)
def test_what_is_no_definition_is_named_and_not_imported(content: bytes, code: str) -> None:
    definition = read(content)
    assert not definition.ok
    assert only(definition, code).severity is Severity.ERROR
    assert definition.operations == ()


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        ('{\n  "openapi": "3.1.0",\n  "info": {,}\n}', 3, 12),
        ('{"a": 1,}', 1, 9),
        ('{"a": NaN}', 1, 7),
        ('{"a": "\\ud800"}', 1, 8),
        ('{"a": "tab\there"}', 1, 11),
        ("{'a': 1}", 1, 2),
    ],
)
def test_json_faults_are_named_by_line_and_column(content: str, line: int, column: int) -> None:
    problem = only(read(content, filename="api.json"), "not_json")
    assert (problem.line, problem.column) == (line, pytest.approx(column, abs=1))


def test_yaml_faults_are_named_by_line() -> None:
    problem = only(read("openapi: 3.1.0\ninfo:\n  title: a: b\n"), "not_yaml")
    assert (problem.line, problem.column) == (3, 11)


def test_what_never_ends_is_named_by_where_it_began() -> None:
    problem = only(read('openapi: 3.1.0\ninfo:\n  version: "1.0\npaths: {}\n'), "not_yaml")
    assert problem.line == 5
    assert "begins at line 3" in problem.message


def test_a_wrong_byte_is_named_by_line() -> None:
    problem = only(read(b"openapi: 3.1.0\ninfo: \xe9\n"), "not_text")
    assert (problem.line, problem.column) == (2, 7)
    assert "0xe9" in problem.message


def test_the_size_limit_counts_bytes() -> None:
    content = json.dumps(document()).encode()
    assert read(content, max_bytes=len(content)).ok
    problem = only(read(content, max_bytes=len(content) - 1), "too_large")
    assert "allowed" in problem.message
    assert ImportRequest(content=b"").max_bytes == 64 * 1024 * 1024


@pytest.mark.parametrize("depth", [199, 300, 1500, 200_000])
@pytest.mark.parametrize("form", ["json", "yaml", "blocks"])
def test_nesting_is_bounded_in_every_syntax(depth: int, form: str) -> None:
    start = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\nx-deep: "
    content = {
        "json": '{"openapi":"3.1.0","paths":{},"info":{"title":"T","version":"1"},"x-deep":'
        + "[" * depth
        + "]" * depth
        + "}",
        "yaml": start + "[" * depth + "]" * depth,
        "blocks": start + "\n" + "- " * depth + "x",
    }[form]
    definition = read(content, filename="api.json" if form == "json" else "api.yaml")
    assert bool(problems(definition, "too_deep")) == (depth > 199)
    assert definition.ok == (depth <= 199)
    assert all(p.line for p in problems(definition, "too_deep"))


def test_deeply_nested_flow_without_a_file_name_is_refused_once() -> None:
    assert [p.code for p in read("[" * 100_000).problems] == ["too_deep"]


def test_too_many_values_are_refused() -> None:
    many = {"x-many": [0] * 1000}
    assert only(read(document(**many), limits=Limits(nodes=900)), "too_many_nodes").severity is Severity.ERROR
    assert read(document(**many), limits=Limits(nodes=1100)).ok


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_with_a_mark_are_read(encoding: str) -> None:
    definition = read(YAML.encode(encoding))
    assert definition.ok
    assert definition.title == "Ünïcode"


@pytest.mark.parametrize("filename", ["", "a.json", "a.yaml", "A.YML", "paste"])
def test_json_is_read_under_any_file_name(filename: str) -> None:
    definition = read(document(), filename=filename)
    assert definition.ok
    assert definition.syntax == "json"


def test_flow_yaml_that_looks_like_json_is_read() -> None:
    definition = read("{openapi: 3.1.0, info: {title: T, version: '1'}, paths: {/a: {get: {responses: {}}}},}")
    assert definition.ok
    assert definition.syntax == "yaml"
    assert definition.operations[0].key == "GET /a"


@pytest.mark.parametrize("text", ['"\\u0000"', '"a\\u0000b"'])
def test_nul_is_named_because_no_database_takes_it(text: str) -> None:
    content = json.dumps(document()).replace('"T"', text)
    problem = only(read(content), "nul_character")
    assert problem.pointer == "/info/title"
    assert problem.severity is Severity.ERROR


def test_a_fault_of_the_importer_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("waypost.integration.importers.importer.read_openapi3", broken)
    definition = OpenApiImporter().read(ImportRequest(content=json.dumps(document()).encode()))
    assert only(definition, "importer_failed").severity is Severity.ERROR
    assert "oops" not in str(definition.problems)
