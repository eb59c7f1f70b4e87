"""Who gets what from every route, by real calls. A route without a row, or a row without a route, fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interaction.api.matrix.calls import CALLS, Call
from tests.interaction.api.matrix.world import V1, World, build
from tests.support.people import People
from waypost.application.parts import Parts
from waypost.interaction.api.access_matrix import Access
from waypost.interaction.api.app import build_openapi
from waypost.interaction.api.v1 import MODULES, access_rows

CALLERS = ("anonymous", "consumer", "other_team", "owner", "administrator")
SAFE = ("GET", "HEAD")


def routes() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Operation id, method, path, description."""
    for path, methods in build_openapi()["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path, operation


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    names = [name for name, *_ in routes()]
    assert len(names) == len(set(names)), "operation ids are unique"
    assert set(names) == set(access_rows())
    assert sum(len(module.ACCESS) for module in MODULES) == len(access_rows()), "no row is overwritten by another"
    assert set(CALLS) <= set(names)


def test_every_route_is_described() -> None:
    for name, method, path, operation in routes():
        assert operation.get("summary"), f"{name} has no summary"
        assert operation.get("tags"), f"{name} has no tag"
        assert "default" in operation["responses"], f"{method} {path} does not say how it fails"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_everybody_gets_what_the_matrix_says(
    client: httpx.AsyncClient, parts: Parts, people: People, tmp_path: Path
) -> None:
    world = await build(client, parts, people, tmp_path / "hub.db")
    rows = access_rows()
    wrong = []
    for name, method, path, operation in routes():
        for caller in CALLERS:
            answer = await _call(world, caller, method, path, operation, CALLS.get(name, Call()))
            if not _fits(rows[name], caller, answer.status_code):
                expected = getattr(rows[name], caller)
                wrong.append(f"{name} as {caller}: {expected} expected, {answer.status_code} {answer.text[:200]}")
            if method not in SAFE and answer.status_code < 400:
                await world.restore()
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nobody_outside_learns_of_a_private_api(
    client: httpx.AsyncClient, parts: Parts, people: People, tmp_path: Path
) -> None:
    world = await build(client, parts, people, tmp_path / "hub.db")
    for name in ("api_id", "spare_api_id"):
        await world.patch(f"/apis/{world.ids[name]}", {"visibility": "private"})
    await world.save()
    found, seen = [], 0
    for name, method, path, operation in routes():
        if not set(re.findall(r"\{(\w+)\}", path)) & {"api_id", "version_id", "plan_id", "deployment_id"}:
            continue
        seen += 1
        for caller, expected in (("anonymous", {401, 404}), ("consumer", {404}), ("other_team", {404})):
            answer = await _call(world, caller, method, path, operation, CALLS.get(name, Call()))
            if answer.status_code not in expected:
                found.append(f"{name} as {caller}: {answer.status_code} {answer.text[:200]}")
    assert seen > 30
    assert not found, "\n" + "\n".join(found)


def _fits(row: Access, caller: str, status: int) -> bool:
    expected = getattr(row, caller)
    return status < 400 if expected == "allow" else status == expected


async def _call(
    world: World, caller: str, method: str, path: str, operation: dict[str, Any], call: Call
) -> httpx.Response:
    headers = _credentials(world, caller, cookie=call.cookie)
    ids = {**world.ids, **world.own.get(caller, world.own["owner"])}
    url = _filled(path, call, ids)
    if any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", [])):
        headers["If-Match"] = await _etag(world, f"{V1}{_filled(call.etag, call, ids)}" if call.etag else url)
    body = json.loads(re.sub(r'"\$(\w+)"', lambda m: json.dumps(ids[m[1]]), json.dumps(call.body)))
    sent = {} if call.body is None else {"json": body}
    return await world.client.request(method, url, headers=headers, params=call.params, **sent)


def _credentials(world: World, caller: str, *, cookie: bool) -> dict[str, str]:
    person = world.callers[caller]
    if person is None:
        return {}
    if cookie:
        value, csrf = world.sessions[caller]
        return {"Cookie": f"session={value}", "X-CSRF-Token": csrf}
    return person.headers


def _filled(path: str, call: Call, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: ids.get(call.ids.get(m[1], m[1]), call.ids.get(m[1], "")), path)


async def _etag(world: World, url: str) -> str:
    for candidate in (url, url.rsplit("/", 1)[0]):
        answer = await world.client.get(candidate, headers=world.admin.headers)
        if "etag" in answer.headers:
            return str(answer.headers["etag"])
    raise AssertionError(f"no ETag at {url}")
