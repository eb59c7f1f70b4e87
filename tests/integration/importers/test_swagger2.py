"""Swagger 2.0 becomes OpenAPI 3.0 and keeps its own pointers in problems."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.importers.reading import only, problems, read


def swagger(paths: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "api.example.com",
        "paths": {} if paths is None else paths,
    } | members


def operation(**members: Any) -> dict[str, Any]:
    definition = read(swagger({"/a": {"post": {"responses": {"200": {"description": "ok"}}} | members}}))
    assert definition.problems == ()
    converted: dict[str, Any] = definition.document["paths"]["/a"]["post"]
    return converted


def test_the_result_is_openapi_3() -> None:
    definition = read(swagger({"/a": {"get": {"responses": {}}}}, tags=[{"name": "t"}]))
    assert definition.format == "swagger-2.0"
    assert definition.document["openapi"] == "3.0.3"
    assert "swagger" not in definition.document
    assert definition.tags == ("t",)
    assert definition.operations[0].key == "GET /a"


@pytest.mark.parametrize(
    ("members", "base_url", "servers"),
    [
        (
            {"host": "a.test", "basePath": "/v1", "schemes": ["https", "http"]},
            "",
            ("https://a.test/v1", "http://a.test/v1"),
        ),
        ({"host": "a.test:8443", "basePath": "v1/"}, "", ("https://a.test:8443/v1",)),
        ({"host": "a.test"}, "http://docs.test/x", ("http://a.test",)),
        ({"host": None, "basePath": "/v1"}, "https://docs.test/specs/s.json", ("https://docs.test/v1",)),
        ({"host": None, "basePath": None}, "https://docs.test/specs/s.json", ("https://docs.test",)),
        ({"host": None, "basePath": None}, "", ()),
        ({"host": "a.test", "basePath": "/", "schemes": ["https"]}, "", ("https://a.test",)),
        ({"host": "a.test", "schemes": ["ws"]}, "", ()),
    ],
)
def test_host_base_path_and_schemes_become_servers(
    members: dict[str, Any], base_url: str, servers: tuple[str, ...]
) -> None:
    assert read(swagger(**members), base_url=base_url).servers == servers


def test_a_host_with_a_scheme_is_mended_by_name() -> None:
    definition = read(swagger(host="https://a.test/"))
    assert definition.servers == ("https://a.test",)
    assert only(definition, "host_with_scheme").pointer == "/host"


def test_a_body_parameter_becomes_the_request_body() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "x-nullable": True}}}
    body = {"name": "b", "in": "body", "required": True, "description": "d", "schema": schema}
    converted = operation(parameters=[body], consumes=["application/json", "application/xml"])
    assert "parameters" not in converted
    assert converted["requestBody"]["required"] is True
    assert converted["requestBody"]["description"] == "d"
    assert list(converted["requestBody"]["content"]) == ["application/json", "application/xml"]
    written = converted["requestBody"]["content"]["application/json"]["schema"]
    assert written["properties"]["n"]["nullable"] is True


def test_form_fields_become_one_schema_and_files_a_multipart() -> None:
    fields = [
        {"name": "title", "in": "formData", "type": "string", "required": True, "description": "d"},
        {"name": "file", "in": "formData", "type": "file"},
    ]
    content = operation(parameters=fields)["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    schema = content["multipart/form-data"]["schema"]
    assert schema["required"] == ["title"]
    assert schema["properties"]["title"] == {"type": "string", "description": "d"}
    assert schema["properties"]["file"] == {"type": "string", "format": "binary"}
    plain = operation(parameters=fields[:1])["requestBody"]["content"]
    assert list(plain) == ["application/x-www-form-urlencoded"]


def test_parameters_get_a_schema_and_a_style() -> None:
    ids = {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"}
    limit = {"name": "limit", "in": "query", "type": "integer", "maximum": 5, "required": False}
    csv = {"name": "csv", "in": "query", "type": "array", "items": {"type": "string"}}
    parameters = operation(parameters=[ids, limit, csv])["parameters"]
    assert parameters[0]["schema"] == {"type": "array", "items": {"type": "integer"}}
    assert (parameters[0]["style"], parameters[0]["explode"]) == ("form", True)
    assert parameters[1] == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "maximum": 5},
    }
    assert (parameters[2]["style"], parameters[2]["explode"]) == ("form", False)


def test_responses_get_content_by_what_is_produced() -> None:
    response = {
        "description": "ok",
        "schema": {"type": "object"},
        "examples": {"application/json": {"a": 1}},
        "headers": {"X-A": {"type": "string", "description": "d"}},
    }
    converted = operation(responses={"200": response}, produces=["application/json", "text/xml"])["responses"]["200"]
    assert converted["content"]["application/json"] == {"schema": {"type": "object"}, "example": {"a": 1}}
    assert converted["content"]["text/xml"] == {"schema": {"type": "object"}}
    assert converted["headers"]["X-A"] == {"description": "d", "schema": {"type": "string"}}


def test_definitions_and_shared_parts_move_and_references_follow() -> None:
    definition = read(
        swagger(
            {
                "/a/{id}": {
                    "parameters": [{"$ref": "#/parameters/Id"}],
                    "post": {
                        "parameters": [{"$ref": "#/parameters/Body"}],
                        "responses": {"200": {"$ref": "#/responses/Ok"}},
                    },
                }
            },
            definitions={
                "Page«Pet»": {
                    "type": "object",
                    "properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}},
                },
                "Pet": {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}},
            },
            parameters={
                "Id": {"name": "id", "in": "path", "required": True, "type": "string"},
                "Body": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Pet"}},
            },
            responses={"Ok": {"description": "ok", "schema": {"$ref": "#/definitions/Page%C2%ABPet%C2%BB"}}},
            produces=["application/json"],
        )
    )
    assert definition.problems == ()
    components = definition.document["components"]
    assert set(components["schemas"]) == {"Page_Pet", "Pet"}
    assert components["schemas"]["Pet"]["discriminator"] == {"propertyName": "kind"}
    assert list(components["parameters"]) == ["Id"]
    assert list(components["requestBodies"]) == ["Body"]
    mock = definition.operations[0].mock
    assert mock is not None
    assert mock.body == '{"items":[{"kind":"string"}]}'


def test_names_that_become_equal_stay_apart() -> None:
    schemas = {"A B": {"type": "integer"}, "A_B": {"type": "string"}, "A/B": {"type": "boolean"}}
    paths = {"/a": {"get": {"responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/A~1B"}}}}}}
    definition = read(swagger(paths, definitions=schemas))
    assert set(definition.document["components"]["schemas"]) == {"A_B", "A_B_2", "A_B_3"}
    assert definition.operations[0].mock is not None
    assert definition.operations[0].mock.body == "true"


def test_security_definitions_become_schemes() -> None:
    schemes = {
        "b": {"type": "basic", "description": "d"},
        "k": {"type": "apiKey", "in": "query", "name": "key"},
        "o": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "https://a.test/x",
            "tokenUrl": "https://a.test/t",
            "scopes": {"read": "r"},
        },
    }
    definition = read(
        swagger({"/a": {"get": {"security": [{"o": ["read"]}], "responses": {}}}}, securityDefinitions=schemes)
    )
    assert [(s.name, s.kind, s.scheme) for s in definition.security_schemes] == [
        ("b", "http", "basic"),
        ("k", "apiKey", ""),
        ("o", "oauth2", ""),
    ]
    written = definition.document["components"]["securitySchemes"]["o"]["flows"]
    assert written == {
        "authorizationCode": {
            "scopes": {"read": "r"},
            "authorizationUrl": "https://a.test/x",
            "tokenUrl": "https://a.test/t",
        }
    }
    assert definition.operations[0].security == ("o",)


def test_problems_point_into_the_text_that_was_imported() -> None:
    text = """swagger: '2.0'
info: {title: T, version: '1'}
host: a.test
paths:
  /a:
    get:
      responses:
        200:
          description: ok
          schema: {$ref: '#/definitions/Gone'}
definitions:
  Pet Shop:
    properties:
      a: {$ref: 'https://example.com/x'}
securityDefinitions:
  odd: {type: magic}
"""
    definition = read(text)
    dangling = only(definition, "ref_dangling")
    assert (dangling.pointer, dangling.line) == ("/paths/~1a/get/responses/200", 8)
    external = only(definition, "ref_external")
    assert (external.pointer, external.line) == ("/definitions/Pet Shop/properties/a/$ref", 14)
    odd = only(definition, "security_kind")
    assert (odd.pointer, odd.line) == ("/securityDefinitions/odd", 16)


@pytest.mark.parametrize(
    "broken",
    [
        {"paths": {"/a": {"get": {"parameters": {}}}}},
        {"paths": {"/a": {"get": {"responses": "x"}}}},
        {"paths": {"/a": 1}},
        {"paths": []},
        {"info": 1},
        {"securityDefinitions": {"a": 1}},
    ],
)
def test_wrong_types_are_named(broken: dict[str, Any]) -> None:
    assert problems(read(swagger(**broken)), "wrong_type")
