"""Lists have one form, so that a program reads each with one loop."""

from __future__ import annotations

from typing import Any

import pytest

from waypost.interaction.api.app import build_openapi

OPENAPI = build_openapi()
BEST_FEW = {"get_analytics_breakdown"}  # the largest, and no more of them


def _answer(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["responses"].get("200", {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    named: dict[str, Any] = OPENAPI["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return named


LISTS = {
    operation["operationId"]: answer
    for path in OPENAPI["paths"].values()
    if (operation := path.get("get")) is not None
    if (answer := _answer(operation)).get("type") == "array" or "items" in answer.get("properties", {})
}


def test_lists_are_found() -> None:
    assert len(LISTS) > 30


@pytest.mark.parametrize("operation", sorted(LISTS.keys() - BEST_FEW))
def test_a_list_has_items_and_says_where_the_next_page_is(operation: str) -> None:
    assert {"items", "next_cursor"} <= LISTS[operation].get("properties", {}).keys()
