"""What a field of a body takes is what its JSON type says: no text for a switch or a number, no switch for a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter

from tests.support.people import Person, Team
from waypost.application.policies.kinds import KINDS
from waypost.interaction.api.v1 import MODULES

BODIES = {
    **{
        route.name: field.field_info.annotation
        for module in MODULES
        for route in module.router.routes
        if (field := getattr(route, "body_field", None)) is not None
    },
    **{f"policy {kind}": info.model for kind, info in KINDS.items()},
}


def lax(schema: Any, at: str = "") -> Iterator[str]:
    """Where a schema of pydantic's core turns something else into a bool or a number."""
    if isinstance(schema, dict):
        if schema.get("type") in ("bool", "int", "float") and not schema.get("strict"):
            yield at
        for name, part in schema.items():
            yield from lax(part, f"{at}/{name}")
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from lax(part, at)


def test_every_switch_and_number_of_every_body_is_strict() -> None:
    assert len(BODIES) > 60
    found = {name: [*lax(TypeAdapter(body).core_schema)] for name, body in BODIES.items()}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_words_are_no_switch_and_texts_no_number(client: httpx.AsyncClient, admin: Person, team: Team) -> None:
    path = f"/api/v1/teams/{team.id}/policies"

    async def said(path: str, body: dict[str, Any], method: str = "PUT") -> dict[str, str]:
        answer = await client.request(method, path, json=body, headers=admin.headers)
        assert answer.status_code == 422, answer.text
        return {error["pointer"]: error["message"] for error in answer.json()["errors"]}

    switch, number = "This must be true or false.", "This must be a whole number."
    assert await said(f"{path}/key_auth", {"config": {"enabled": "yes"}}) == {"/config/enabled": switch}
    assert await said(f"{path}/key_auth", {"config": {}, "locked": "on"}) == {"/locked": switch}
    assert await said(f"{path}/key_auth/plan", {"remove": 1}, "POST") == {"/remove": switch}
    wrong = {"limits": [{"requests": "60", "seconds": True}]}
    assert await said(f"{path}/rate_limit", {"config": wrong}) == {
        "/config/limits/0/requests": number,
        "/config/limits/0/seconds": number,
    }
    body = {"content": "{}", "owner_id": team.id, "dry_run": "false"}
    assert await said("/api/v1/apis/import", body, "POST") == {"/dry_run": switch}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_parameters_of_an_address_are_texts_anyway(client: httpx.AsyncClient, admin: Person) -> None:
    answer = await client.get("/api/v1/apis", params={"mine": "yes", "limit": "5"}, headers=admin.headers)
    assert answer.status_code == 200, answer.text
