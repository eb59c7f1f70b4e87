"""Whatever the text: never an exception, always plain data that can be stored, every problem complete."""

from __future__ import annotations

import copy
import json
from typing import Any

import orjson
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.importers.reading import read
from waypost.contracts.importers import ImportedDefinition
from waypost.integration.importers import pointers
from waypost.integration.importers.examples import MAX_BODY

BASE_3: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1", "contact": {"name": "n"}, "license": {"name": "l"}},
    "servers": [{"url": "https://{a}.test", "variables": {"a": {"default": "x"}}}],
    "tags": [{"name": "t"}],
    "security": [{"key": []}],
    "paths": {
        "/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "get",
                "tags": ["t"],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/A"},
                                "examples": {"e": {"value": {"a": 1}}},
                            }
                        },
                    }
                },
            },
            "post": {"responses": {"201": {"$ref": "#/components/responses/R"}}},
        }
    },
    "components": {
        "schemas": {
            "A": {
                "type": "object",
                "required": ["b"],
                "properties": {
                    "b": {"type": "array", "items": {"$ref": "#/components/schemas/A"}, "minItems": 1},
                    "c": {"allOf": [{"type": "integer", "minimum": 1}, {"oneOf": [{"format": "int32"}]}]},
                },
                "discriminator": {"propertyName": "b", "mapping": {"x": "#/components/schemas/A"}},
                "additionalProperties": {"type": "string"},
            }
        },
        "responses": {"R": {"description": "r", "content": {"text/plain": {"schema": {"type": "string"}}}}},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}},
    },
}
BASE_2: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "host": "a.test",
    "basePath": "/v1",
    "schemes": ["https"],
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "paths": {
        "/a": {
            "parameters": [{"$ref": "#/parameters/P"}],
            "post": {
                "parameters": [
                    {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A B"}},
                    {"name": "f", "in": "formData", "type": "file"},
                    {
                        "name": "q",
                        "in": "query",
                        "type": "array",
                        "items": {"type": "string"},
                        "collectionFormat": "tsv",
                    },
                ],
                "responses": {
                    "200": {
                        "description": "",
                        "schema": {"$ref": "#/definitions/A B"},
                        "examples": {"application/json": {}},
                        "headers": {"X": {"type": "string"}},
                    },
                    "default": {"$ref": "#/responses/R"},
                },
            },
        }
    },
    "definitions": {"A B": {"type": "object", "discriminator": "d", "properties": {"d": {"type": "string"}}}},
    "parameters": {"P": {"name": "p", "in": "query", "type": "string"}},
    "responses": {"R": {"description": ""}},
    "securityDefinitions": {"o": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "x", "scopes": {}}},
}

keys = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        ["$ref", "get", "paths", "/a", "type", "properties", "allOf", "items", "x-a", "200", "example", "enum"]
    ),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["#/components/schemas/A", "#/paths/~1a~1{id}/get", "#", "file:///x", "http://[", "//", "array", "object"]
    ),
)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of ``value``."""
    members = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in members] + [place for _, item in members for place in places(item)]


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """A good definition with a few of its members replaced, renamed or removed."""
    whole: dict[str, Any] = copy.deepcopy(draw(st.sampled_from([BASE_3, BASE_2])))
    for _ in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(places(whole) or [(whole, "x")]))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del container[key]
        elif change == "replace" or isinstance(container, list):
            container[key] = draw(junk)
        else:
            container[draw(keys)] = draw(junk)
        if not whole:
            break
    return whole


def check(definition: ImportedDefinition, text: Any) -> None:
    orjson.dumps(definition.document)
    for operation in definition.operations:
        assert operation.key == f"{operation.method} {operation.path}"
        if operation.mock is not None:
            assert len(operation.mock.body.encode()) <= MAX_BODY
            assert "\r" not in operation.mock.content_type
            assert "\n" not in operation.mock.content_type
    for problem in definition.problems:
        assert problem.code
        assert problem.message
        assert problem.hint
        # A NUL in a key is shown as another character, so such a pointer cannot be looked up.
        found = pointers.look_up(text, pointers.split(problem.pointer))
        assert found is not pointers.MISSING or "\ufffd" in problem.pointer


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(mutants())
def test_a_broken_definition_never_raises(whole: dict[str, Any]) -> None:
    text = json.dumps(whole)
    try:
        stored = orjson.loads(text)
    except orjson.JSONDecodeError:
        stored = whole
    check(read(text, base_url="https://docs.test/a.json"), stored)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(mutants())
def test_a_broken_definition_in_yaml_never_raises(whole: dict[str, Any]) -> None:
    definition = read(yaml.dump(whole, Dumper=yaml.CSafeDumper), filename="a.yaml")
    orjson.dumps(definition.document)


TEXT = json.dumps(BASE_3, indent=1)
YAML = yaml.dump(BASE_2, Dumper=yaml.CSafeDumper)


@settings(max_examples=200)
@given(
    st.sampled_from([TEXT, YAML]),
    st.integers(0, 5000),
    st.integers(0, 40),
    st.text(max_size=6) | st.sampled_from(["&a ", "*a", "<<: ", "{", "]", "- ", "? ", "\t", "!!set ", "|\n", "---\n"]),
)
def test_a_damaged_text_never_raises(text: str, start: int, length: int, inserted: str) -> None:
    start %= len(text)
    definition = read((text[:start] + inserted + text[start + length :]).encode("utf-8", "surrogatepass"))
    orjson.dumps(definition.document)
    assert definition.operations or definition.problems


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_never_raise(content: bytes) -> None:
    assert not read(content).ok
