"""Operations, paths, servers, security and the rest of what is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.importers.reading import document, only, problems, read
from waypost.contracts.importers import SecurityScheme, Severity

OK: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}


def keys(paths: dict[str, Any]) -> list[str]:
    return [operation.key for operation in read(document(paths)).operations]


def test_an_operation_is_read_whole() -> None:
    operation = {
        "operationId": "listPets",
        "summary": "Pets",
        "description": "All of them",
        "tags": ["pets", "pets", "more"],
        "deprecated": True,
    }
    read_operation = read(document({"/pets": {"get": operation | OK}})).operations[0]
    assert read_operation.key == "GET /pets"
    assert (read_operation.method, read_operation.path) == ("GET", "/pets")
    assert read_operation.operation_id == "listPets"
    assert (read_operation.summary, read_operation.description) == ("Pets", "All of them")
    assert read_operation.tags == ("pets", "more")
    assert read_operation.deprecated


def test_the_head_of_a_definition_is_read() -> None:
    info = {
        "title": " Pets ",
        "version": "1.2",
        "summary": "S",
        "description": "D",
        "contact": {"name": "N", "email": "e@example.com", "x-more": 1},
        "license": {"name": "MIT"},
    }
    definition = read(document({"/a": {"get": {"tags": ["used"]} | OK}}, info=info, tags=[{"name": "first"}]))
    assert (definition.title, definition.version, definition.summary) == ("Pets", "1.2", "S")
    assert definition.contact == {"name": "N", "email": "e@example.com"}
    assert definition.license == "MIT"
    assert definition.tags == ("first", "used")
    assert definition.problems == ()


@pytest.mark.parametrize(
    ("version", "written"),
    [("3.0.0", "openapi-3.0"), ("3.0.4", "openapi-3.0"), ("3.1.0", "openapi-3.1"), ("3.1.1", "openapi-3.1")],
)
def test_versions_are_told_apart(version: str, written: str) -> None:
    assert read(document(openapi=version)).format == written


def test_a_newer_minor_version_is_read_and_named() -> None:
    definition = read(document(openapi="3.2.0"))
    assert definition.ok
    assert only(definition, "version_newer").pointer == "/openapi"


def test_a_missing_head_is_a_warning_and_missing_paths_an_error() -> None:
    definition = read(document(info=None))
    assert definition.ok
    assert only(definition, "info_missing").severity is Severity.WARNING
    assert definition.title == "Untitled API"
    assert only(read(document(info={"title": "", "version": " "})), "title_missing").pointer == "/info"
    without = document()
    del without["paths"]
    assert not read(without).ok
    assert only(read(without), "paths_missing").severity is Severity.ERROR
    assert only(read(document({})), "operations_missing").severity is Severity.WARNING


def test_operations_that_differ_only_in_parameter_names_are_one() -> None:
    definition = read(document({"/p/{id}": {"get": OK}, "/p/{name}": {"get": OK, "delete": OK}}))
    assert [o.key for o in definition.operations] == ["GET /p/{id}", "DELETE /p/{name}"]
    assert only(definition, "operation_duplicate").pointer == "/paths/~1p~1{name}/get"
    assert only(definition, "paths_collide").pointer == "/paths/~1p~1{name}"


def test_an_operation_id_used_twice_is_named_at_the_second() -> None:
    twice = {"operationId": "same"} | OK
    definition = read(document({"/a": {"get": twice}, "/b": {"get": twice}}))
    assert only(definition, "operation_id_duplicate").pointer == "/paths/~1b/get/operationId"
    assert len(definition.operations) == 2


def test_templates_that_match_the_same_address_are_named() -> None:
    definition = read(document({"/{x}/me": {"get": OK}, "/books/{id}": {"get": OK}, "/books/all": {"get": OK}}))
    message = only(definition, "paths_ambiguous").message
    assert "'/{x}/me'" in message
    assert "'/books/{id}'" in message


@pytest.mark.parametrize(
    "paths",
    [
        ["/books/{id}", "/books/all"],
        ["/a/{x}", "/b/{x}"],
        ["/{a}/x", "/{a}/y"],
        ["/{a}.json/x", "/b/{y}"],
        ["/a/{x}/c", "/{x}/b"],
    ],
)
def test_templates_with_a_clear_winner_are_not_named(paths: list[str]) -> None:
    definition = read(document({path: {"get": OK} for path in paths}))
    assert problems(definition, "paths_ambiguous") == []


@pytest.mark.parametrize(
    "path",
    ["a", "", "/a?b=c", "/a#b", "/a b", "/a/{id", "/a/id}", "/a/{}", "/a/{b/c}", "/a/../b", "/a\\b", "/a\n", "/{{a}}"],
)
def test_paths_that_no_gateway_can_match_are_left_out_by_name(path: str) -> None:
    definition = read(document({path: {"get": OK}, "/good": {"get": OK}}))
    assert [o.path for o in definition.operations] == ["/good"]
    assert only(definition, "path_unusable").hint


@pytest.mark.parametrize(
    "path", ["/", "/a/", "/a.{format}", "/v1/{name}:cancel", "/a/{x}-{y}", "/ä", "/a%20b", "/a=b,c"]
)
def test_odd_but_legal_paths_are_kept(path: str) -> None:
    assert keys({path: {"get": OK}}) == [f"GET {path}"]


def test_greedy_repeated_and_undeclared_parameters_are_named() -> None:
    definition = read(document({"/a/{+rest}": {"get": OK}, "/b/{x}/{x}": {"get": OK}}))
    assert only(definition, "path_greedy").pointer == "/paths/~1a~1{+rest}"
    assert only(definition, "path_parameter_repeated").pointer == "/paths/~1b~1{x}~1{x}"
    assert {p.pointer for p in problems(definition, "path_parameter_undeclared")} == {
        "/paths/~1a~1{+rest}/get",
        "/paths/~1b~1{x}~1{x}/get",
    }


def test_methods_that_do_not_exist_are_named() -> None:
    item = {"GET": OK, "fetch": OK, "x-note": {}, "summary": "s", "parameters": [], "post": OK}
    definition = read(document({"/a": item}))
    assert [o.key for o in definition.operations] == ["POST /a"]
    hints = {p.pointer: p.hint for p in problems(definition, "method_unknown")}
    assert hints["/paths/~1a/GET"] == "Write it as 'get'."
    assert "Use one of" in hints["/paths/~1a/fetch"]


@pytest.mark.parametrize(
    "broken",
    [
        {"paths": []},
        {"paths": {"/a": []}},
        {"paths": {"/a": {"get": "x"}}},
        {"paths": {"/a": {"get": {"tags": "x"}}}},
        {"paths": {"/a": {"get": {"tags": [1]}}}},
        {"paths": {"/a": {"get": {"summary": {}}}}},
        {"paths": {"/a": {"get": {"deprecated": "yes"}}}},
        {"paths": {"/a": {"get": {"parameters": {}}}}},
        {"paths": {"/a": {"get": {"responses": []}}}},
        {"paths": {"/a": {"get": {"security": {}}}}},
        {"paths": {"/a": {"get": {"security": ["key"]}}}},
        {"info": []},
        {"info": {"title": ["T"], "version": "1"}},
        {"info": {"title": "T", "version": "1", "contact": "me"}},
        {"servers": {}},
        {"servers": ["https://x"]},
        {"tags": ["x"]},
        {"components": []},
        {"components": {"securitySchemes": []}},
    ],
)
def test_wrong_types_are_named_and_never_raise(broken: dict[str, Any]) -> None:
    definition = read(document(**broken))
    assert problems(definition, "wrong_type")
    assert all(problem.line for problem in definition.problems)


SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "Basic"},
    "login": {"type": "oauth2", "flows": {}},
    "again": {"$ref": "#/components/securitySchemes/key"},
}


def test_security_is_read_with_its_defaults() -> None:
    paths = {
        "/default": {"get": OK},
        "/none": {"get": {"security": []} | OK},
        "/both": {"get": {"security": [{"basic": [], "key": []}, {"login": ["read"]}, {"key": []}]} | OK},
    }
    definition = read(document(paths, security=[{"key": []}], components={"securitySchemes": SCHEMES}))
    assert definition.problems == ()
    assert [o.security for o in definition.operations] == [("key",), (), ("basic", "key", "login")]
    by_name = {scheme.name: scheme for scheme in definition.security_schemes}
    assert by_name["key"] == SecurityScheme(name="key", kind="apiKey", location="header", parameter="X-Key")
    assert by_name["basic"].scheme == "basic"
    assert by_name["again"].parameter == "X-Key"


def test_security_that_means_nothing_is_named() -> None:
    schemes = {"odd": {"type": "magic"}, "half": {"type": "apiKey", "in": "body", "name": "x"}}
    paths = {"/a": {"get": {"security": [{"missing": []}]} | OK}}
    definition = read(document(paths, components={"securitySchemes": schemes}))
    assert only(definition, "security_kind").pointer == "/components/securitySchemes/odd"
    assert only(definition, "security_incomplete").pointer == "/components/securitySchemes/half"
    assert only(definition, "security_unknown").pointer == "/paths/~1a/get/security/0/missing"
    assert definition.security_schemes == ()


@pytest.mark.parametrize(
    ("servers", "base_url", "found"),
    [
        ([{"url": "https://a.test/v1/"}], "", ("https://a.test/v1",)),
        (
            [{"url": "https://a.test"}, {"url": "https://a.test"}, {"url": "http://b.test"}],
            "",
            ("https://a.test", "http://b.test"),
        ),
        ([{"url": "/v2"}], "https://docs.test/specs/api.yaml", ("https://docs.test/v2",)),
        ([{"url": "../v2"}], "https://docs.test/specs/api.yaml", ("https://docs.test/v2",)),
        ([{"url": "//c.test/x"}], "https://docs.test/", ("https://c.test/x",)),
        ([], "https://docs.test/specs/api.yaml", ("https://docs.test",)),
        (None, "https://docs.test/specs/api.yaml", ("https://docs.test",)),
        (
            [
                {
                    "url": "https://{r}.a.test:{p}/{b}",
                    "variables": {k: {"default": v} for k, v in {"r": "eu", "p": 8443, "b": "v1"}.items()},
                }
            ],
            "",
            ("https://eu.a.test:8443/v1",),
        ),
    ],
)
def test_servers_become_absolute(servers: Any, base_url: str, found: tuple[str, ...]) -> None:
    assert read(document(servers=servers), base_url=base_url).servers == found


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("/v1", "server_unusable"),
        ("ftp://a.test", "server_unusable"),
        ("wss://a.test", "server_unusable"),
        ("file:///etc", "server_unusable"),
        ("https://", "server_unusable"),
        ("https://a b.test", "server_unusable"),
        ("https://user:pw@a.test", "server_unusable"),
        ("https://a.test:99999", "server_unusable"),
        ("https://[::1", "server_unusable"),
        ("https://{region}.a.test", "server_variable"),
        ("https://a.test/" + "x" * 3000, "server_unusable"),
    ],
)
def test_servers_that_cannot_be_an_upstream_are_named(url: str, code: str) -> None:
    definition = read(document(servers=[{"url": url}]))
    assert definition.servers == ()
    assert only(definition, code).pointer == "/servers/0"


def test_no_servers_and_no_address_is_said() -> None:
    assert only(read(document(servers=None)), "servers_missing").severity is Severity.INFO
    assert only(read(document(servers=None), base_url="https://a.test/x"), "servers_assumed").severity is Severity.INFO


def test_one_kind_of_problem_does_not_hide_the_others() -> None:
    paths: dict[str, Any] = {f"no-slash-{n}": {"get": OK} for n in range(500)}
    definition = read(document(paths | {"/a": {"get": {"deprecated": 1} | OK}}))
    unusable = problems(definition, "path_unusable")
    assert len(unusable) == 51
    assert "450 more" in unusable[-1].message
    assert only(definition, "wrong_type")
