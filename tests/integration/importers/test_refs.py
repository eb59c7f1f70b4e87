"""References: circular ones are fine in schemas, dangling and outside ones are named and taken out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.importers.reading import document, only, problems, read
from waypost.contracts.importers import ImportedDefinition, Severity


def with_schema(schema: Any, **schemas: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    operation = {"responses": {"200": {"description": "ok", "content": content}}}
    return document({"/a": {"get": operation}}, components={"schemas": schemas})


def response_schema(definition: ImportedDefinition) -> Any:
    response = definition.document["paths"]["/a"]["get"]["responses"]["200"]
    return response["content"]["application/json"]["schema"]


def test_circular_schemas_import_without_a_problem() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "id": {"type": "integer"}}}
    definition = read(with_schema({"$ref": "#/components/schemas/Node"}, Node=node))
    assert definition.problems == ()
    mock = definition.operations[0].mock
    assert mock is not None
    assert mock.body == '{"id":1}'


@pytest.mark.parametrize(
    "ring",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/B"}},
    ],
)
def test_references_that_only_lead_to_each_other_are_named(ring: dict[str, Any]) -> None:
    definition = read(with_schema({"$ref": "#/components/schemas/A"}, **ring))
    assert problems(definition, "ref_dangling")
    assert definition.ok


def test_rings_through_all_of_and_one_of_end() -> None:
    ring = {"allOf": [{"$ref": "#/components/schemas/B"}]}
    back = {"oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "integer"}]}
    definition = read(with_schema({"$ref": "#/components/schemas/A"}, A=ring, B=back))
    assert definition.operations[0].mock is not None
    assert definition.operations[0].mock.body == "1"


@pytest.mark.parametrize(
    "ref", ["#/components/schemas/Gone", "#/components/schemas/List/items/7", "#nothing", "#/", "#/paths/~1b"]
)
def test_dangling_references_are_named_by_pointer_and_line_and_taken_out(ref: str) -> None:
    definition = read(with_schema({"$ref": ref, "description": "kept"}, List={"items": []}))
    problem = only(definition, "ref_dangling")
    assert problem.pointer == "/paths/~1a/get/responses/200/content/application~1json/schema/$ref"
    assert problem.severity is Severity.WARNING
    assert problem.line == 1
    assert ref in problem.message
    assert response_schema(definition) == {"description": "kept"}


@pytest.mark.parametrize(
    "ref",
    [
        "#/components/schemas/a~1b",
        "#/components/schemas/a%7E1b",
        "#/components/schemas/%C3%BC",
        "#/components/schemas/List/items/1",
        "#/paths/~1a/get",
        "#",
        "#anchor",
        "https://example.com/schemas/own",
    ],
)
def test_references_that_resolve_are_kept(ref: str) -> None:
    schemas = {"a/b": {"type": "string"}, "ü": {}, "List": {"items": [{}, {}]}, "Named": {"$anchor": "anchor"}}
    schemas["Own"] = {"$id": "https://example.com/schemas/own"}
    definition = read(with_schema({"$ref": ref}, **schemas))
    assert definition.problems == ()
    assert response_schema(definition) == {"$ref": ref}


@pytest.mark.parametrize(
    ("ref", "code", "severity"),
    [
        ("file:///etc/passwd", "ref_file", Severity.ERROR),
        ("/etc/passwd", "ref_file", Severity.ERROR),
        ("C:\\secret.yaml", "ref_file", Severity.ERROR),
        ("./models.yaml#/Pet", "ref_file", Severity.ERROR),
        ("models.yaml", "ref_file", Severity.ERROR),
        ("http://127.0.0.1/x", "ref_private", Severity.ERROR),
        ("http://localhost:8080/x", "ref_private", Severity.ERROR),
        ("http://169.254.169.254/latest/meta-data", "ref_private", Severity.ERROR),
        ("http://[::1]/x", "ref_private", Severity.ERROR),
        ("http://[::ffff:10.0.0.1]/x", "ref_private", Severity.ERROR),
        ("http://2130706433/x", "ref_private", Severity.ERROR),
        ("http://0x7f000001/x", "ref_private", Severity.ERROR),
        ("http://vault.internal/x", "ref_private", Severity.ERROR),
        ("//10.0.0.1/x", "ref_private", Severity.ERROR),
        ("https://example.com/pet.json#/Pet", "ref_external", Severity.WARNING),
        ("urn:example:pet", "ref_external", Severity.WARNING),
        ("http://[::1", "ref_malformed", Severity.WARNING),
    ],
)
def test_references_outside_are_never_followed(ref: str, code: str, severity: Severity) -> None:
    definition = read(with_schema({"$ref": ref}))
    assert only(definition, code).severity is severity
    assert response_schema(definition) == {}


@pytest.mark.parametrize("ref", [1, None, [], {}])
def test_a_reference_that_is_no_text_is_named(ref: Any) -> None:
    assert only(read(with_schema({"$ref": ref})), "ref_not_text")


def test_literals_and_names_are_not_taken_for_references() -> None:
    schema = {
        "type": "object",
        "properties": {"$ref": {"type": "string"}, "default": {"$ref": "#/components/schemas/Gone"}},
        "example": {"$ref": "#/not/a/reference"},
        "default": {"$ref": "file:///etc/passwd"},
        "enum": [{"$ref": "x"}],
        "x-thing": {"$ref": "x"},
    }
    definition = read(with_schema(schema))
    assert [p.pointer.rsplit("/", 2)[-2:] for p in definition.problems] == [["default", "$ref"]]


def test_long_chains_of_references_end() -> None:
    chain: dict[str, Any] = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(3000)}
    chain["S3000"] = {"type": "integer"}
    definition = read(with_schema({"$ref": "#/components/schemas/S2990"}, **chain))
    assert definition.operations[0].mock is not None
    assert definition.operations[0].mock.body == "1"


def test_path_items_parameters_and_responses_are_followed() -> None:
    parameter = {"$ref": "#/components/parameters/Id"}
    item = {"get": {"parameters": [parameter], "responses": {"200": {"$ref": "#/components/responses/Ok"}}}}
    components = {
        "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "responses": {"Ok": {"description": "ok", "content": {"text/plain": {"example": "fine"}}}},
        "pathItems": {"Item": item},
    }
    definition = read(document({"/a/{id}": {"$ref": "#/components/pathItems/Item"}}, components=components))
    assert definition.problems == ()
    assert definition.operations[0].key == "GET /a/{id}"
    assert definition.operations[0].mock is not None
    assert definition.operations[0].mock.body == "fine"
