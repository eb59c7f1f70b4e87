"""Real-world definitions: they import, quickly, and their mocks are what they promise."""

from __future__ import annotations

import json
import re
import time
import zlib
from functools import cache
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest

from tests.integration.importers.directory import GOOD, definitions
from tests.integration.importers.reading import read
from waypost.contracts.importers import ImportedDefinition
from waypost.integration.importers import pointers
from waypost.integration.importers.examples import MAX_BODY

MEBIBYTE = 1024 * 1024


def sampled(name: str, size: int) -> bool:
    """About every ninth definition, always the same ones."""
    return size < 6 * MEBIBYTE and zlib.crc32(name.encode()) % 9 == 0


@cache
def good() -> dict[str, ImportedDefinition]:
    return {name: read(content, filename=name) for name, content in definitions(GOOD)}


@pytest.mark.timeout(280)
def test_a_large_sample_imports_without_a_fault_and_in_bounded_time() -> None:
    count = operations = 0
    slowest = 0.0
    for name, content in definitions(sampled):
        started = time.process_time()
        definition = read(content, filename=name)
        slowest = max(slowest, time.process_time() - started)
        assert definition.ok, (name, definition.problems[:3])
        assert definition.title, name
        assert all(p.line and p.message and p.hint for p in definition.problems if p.pointer), name
        count += 1
        operations += len(definition.operations)
    assert count >= 200
    assert operations > 5000
    assert slowest < 10


def test_the_largest_definitions_import_in_seconds() -> None:
    for name, content in definitions(("github.com/api.github.com.json", "stripe.com.json")):
        started = time.process_time()
        definition = read(content, filename=name)
        assert time.process_time() - started < 10
        assert len(definition.operations) > 400


@pytest.mark.parametrize("name", GOOD)
def test_chosen_definitions_import_without_a_warning(name: str) -> None:
    definition = good()[name]
    assert [p for p in definition.problems if p.severity != "info"] == []
    assert definition.operations
    assert len({operation.key for operation in definition.operations}) == len(definition.operations)


@pytest.mark.parametrize("name", GOOD)
def test_the_json_mocks_of_chosen_definitions_fit_their_schemas(name: str) -> None:
    definition = good()[name]
    checked = 0
    for operation in definition.operations:
        mock = operation.mock
        if mock is None or "json" not in mock.content_type:
            continue
        assert len(mock.body.encode()) <= MAX_BODY
        schema = response_schema(definition, operation.path, operation.method, mock.content_type)
        if schema is not None:
            validator(definition.document, schema).validate(json.loads(mock.body))
            checked += 1
    assert checked >= 3


def validator(document: Any, pointer: str) -> Any:
    draft = (
        jsonschema_rs.Draft202012Validator if document["openapi"].startswith("3.1") else jsonschema_rs.Draft4Validator
    )
    whole = {key: document[key] for key in ("paths", "components") if key in document}
    return draft(whole | {"$ref": "#" + quote(pointer, safe="/~!$&'()*+,;=:@")})


def response_schema(definition: ImportedDefinition, path: str, method: str, media_type: str) -> str | None:
    """The pointer of the schema that the mock of an operation should fit, if it has one."""
    base = pointers.join("/paths", path, method.lower(), "responses")
    codes = pointers.look_up(definition.document, pointers.split(base))
    code = min((c for c in codes if re.fullmatch(r"2..", c)), default="default")
    base = pointers.join(base, code)
    response = pointers.look_up(definition.document, pointers.split(base))
    while "$ref" in response:
        base = response["$ref"][1:]
        response = pointers.look_up(definition.document, pointers.fragment_tokens(base))
    if "schema" not in response.get("content", {}).get(media_type, {}):
        return None
    return pointers.join(base, "content", media_type, "schema")
