"""Mock answers: the chosen response, its media type, and samples that fit their schemas."""

from __future__ import annotations

import json
import time
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.importers.reading import document, problems, read
from waypost.contracts.ir import Mock
from waypost.integration.importers.examples import MAX_BODY


def mock(responses: dict[str, Any], **components: Any) -> Mock | None:
    return read(document({"/a": {"get": {"responses": responses}}}, components=components)).operations[0].mock


def body(schema: Any, **schemas: Any) -> Any:
    content = {"application/json": {"schema": schema}}
    made = mock({"200": {"description": "", "content": content}}, schemas=schemas)
    assert made is not None
    return json.loads(made.body)


def answer(media: dict[str, Any]) -> Mock | None:
    return mock({"200": {"description": "", "content": media}})


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (["404", "201", "200", "default"], 200),
        (["500", "204"], 204),
        (["2XX", "400"], 200),
        (["default", "404"], 200),
        (["404", "302", "301"], 301),
        (["2XX", "202"], 202),
        (["x-200", "20", "2000", "200 "], None),
        (["404"], None),
        ([], None),
    ],
)
def test_the_lowest_success_is_chosen(codes: list[str], status: int | None) -> None:
    made = mock({code: {"description": ""} for code in codes})
    assert (made.status if made else None) == status


def test_no_content_has_neither_body_nor_type() -> None:
    expected = Mock(status=204, content_type="", body="")
    assert mock({"204": {"description": "", "content": {"application/json": {"example": 1}}}}) == expected
    assert mock({"200": {"description": ""}}) == Mock(status=200, content_type="", body="")


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        ({"text/plain": {"example": "a"}, "application/json": {"example": {"b": 1}}}, "application/json", '{"b":1}'),
        ({"application/hal+json": {"example": []}, "text/csv": {"example": "a,b"}}, "application/hal+json", "[]"),
        ({"application/json; charset=utf-8": {"example": "x"}}, "application/json; charset=utf-8", '"x"'),
        ({"*/*": {"example": {"a": 1}}}, "application/json", '{"a":1}'),
        ({"text/csv": {"example": "a,b"}}, "text/csv", "a,b"),
        ({"application/xml": {"example": "<a/>"}}, "application/xml", "<a/>"),
        ({"image/png": {"schema": {"type": "string", "format": "binary"}}}, "", ""),
        ({"text/plain": {"schema": {"type": "string"}}}, "text/plain", "string"),
        ({"application/json": {"example": '{"pasted": true}'}}, "application/json", '{"pasted": true}'),
        (
            {"application/json": {"examples": {"one": {"value": {"a": 1}}, "two": {"value": 2}}}},
            "application/json",
            '{"a":1}',
        ),
        ({"application/json": {"examples": {"far": {"externalValue": "https://x.test"}}}}, "", ""),
        ({"text/evil\r\nX-Injected: 1": {"example": "x"}}, "application/json", "x"),
    ],
)
def test_media_types_and_examples(content: dict[str, Any], content_type: str, text: str) -> None:
    made = answer(content)
    assert made is not None
    assert (made.content_type, made.body) == (content_type, text)


def test_a_body_that_is_too_large_gives_way_to_a_sample() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    made = answer({"application/json": {"example": {"a": "ü" * MAX_BODY}, "schema": schema}})
    assert made is not None
    assert made.body == '{"a":"string"}'


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "2025-01-15T09:30:00Z"),
        ({"type": "string", "minLength": 10}, "stringxxxx"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"type": "string", "example": 5}, "5"),
        ({"type": "integer", "example": "7"}, 7),
        ({"type": "integer", "example": "seven"}, 1),
        ({"type": "integer", "minimum": 10}, 10),
        ({"type": "integer", "minimum": 10, "exclusiveMinimum": True}, 11),
        ({"type": "integer", "exclusiveMinimum": 10}, 11),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "integer", "minimum": 11, "multipleOf": 10}, 20),
        ({"type": "number", "minimum": 0, "maximum": 1}, 1),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "boolean"}, True),
        ({"type": "boolean", "example": "false"}, False),
        ({"type": "null"}, None),
        ({"type": ["null", "integer"]}, 1),
        ({"const": {"a": 1}}, {"a": 1}),
        ({"type": "integer", "default": 3}, 3),
        ({"examples": [9, 10]}, 9),
        ({"enum": [1, 2], "example": 7}, 1),
        ({}, {}),
        (True, {}),
        ({"items": {"type": "integer"}}, [1]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1, 1, 1]),
        ({"type": "array", "maxItems": 0, "items": {}}, []),
        ({"type": "array"}, []),
        ({"prefixItems": [{"type": "integer"}, {"type": "string"}]}, [1, "string"]),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key": 1}),
        ({"type": "object", "required": ["x"]}, {"x": "string"}),
        ({"properties": {"secret": {"writeOnly": True}, "id": {"readOnly": True, "type": "integer"}}}, {"id": 1}),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "boolean"}}}]},
            {"a": 1, "b": True},
        ),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        (
            {"anyOf": [{"properties": {"a": {"type": "integer"}}}], "properties": {"b": {"type": "integer"}}},
            {"a": 1, "b": 1},
        ),
        ({"minimum": 4}, 4),
        ({"format": "int64"}, 1),
    ],
)
def test_samples(schema: Any, value: Any) -> None:
    made = body(schema)
    assert made == value
    assert type(made) is type(value) or isinstance(value, int | float)
    if not isinstance(schema.get("exclusiveMinimum") if isinstance(schema, dict) else None, bool):
        assert jsonschema_rs.is_valid(schema, made)


def test_the_discriminator_names_the_chosen_schema() -> None:
    pet = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"meow": "#/components/schemas/Cat"}},
    }
    kind = {"type": "object", "properties": {"kind": {"type": "string"}}}
    assert body(pet, Cat=kind, Dog=kind) == {"kind": "meow"}
    del pet["discriminator"]["mapping"]  # type: ignore[attr-defined]
    assert body(pet, Cat=kind, Dog=kind) == {"kind": "Cat"}


def test_circular_schemas_end_where_they_come_back() -> None:
    tree = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    assert body({"$ref": "#/components/schemas/Tree"}, Tree=tree) == {"id": 1, "children": []}
    needy = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Needy"}}}
    assert body({"$ref": "#/components/schemas/Needy"}, Needy=needy) == {}


def test_a_schema_that_doubles_at_each_level_stays_small_and_quick() -> None:
    names = [f"p{n}" for n in range(10)]
    schemas: dict[str, Any] = {
        f"L{level}": {
            "type": "object",
            "required": names,
            "properties": {name: {"$ref": f"#/components/schemas/L{level + 1}"} for name in names},
        }
        for level in range(30)
    }
    schemas["L30"] = {"type": "integer"}
    started = time.process_time()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}
    made = mock({"200": {"description": "", "content": content}}, schemas=schemas)
    assert time.process_time() - started < 5
    assert made is not None
    assert len(made.body) <= MAX_BODY


def test_many_operations_with_a_huge_schema_do_not_take_for_ever() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"type": "integer"} for n in range(20_000)}}
    response = {
        "200": {
            "description": "",
            "content": {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Wide"}]}}},
        }
    }
    paths = {f"/{n}": {"get": {"responses": response}} for n in range(3000)}
    started = time.process_time()
    definition = read(document(paths, components={"schemas": {"Wide": wide}}))
    assert time.process_time() - started < 60
    assert problems(definition, "mocks_incomplete")


leaves = st.sampled_from(
    [{"type": t} for t in ("string", "integer", "number", "boolean", "null")]
    + [{"type": "string", "format": f} for f in ("date", "uuid", "email")]
    + [{"enum": [1, "a"]}, {"type": "integer", "minimum": 5, "maximum": 9}, {"type": "string", "minLength": 8}, {}]
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3)}),
        st.dictionaries(st.sampled_from("abcd"), inner, min_size=1).flatmap(
            lambda p: st.lists(st.sampled_from(sorted(p)), unique=True).map(
                lambda r: {"type": "object", "properties": p, "required": r}
            )
        ),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=1)}),
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(schemas)
def test_a_sample_fits_its_schema(schema: dict[str, Any]) -> None:
    jsonschema_rs.validate(schema, body(schema))
    assert body(schema) == body(schema)
