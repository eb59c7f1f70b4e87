"""Every failure is problem+json with code, hint and request id; nothing internal leaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.people import Person, Team
from waypost.application.parts import Parts
from waypost.interaction.api.app import create_app
from waypost.interaction.api.routing import PREFIX, HubRouter
from waypost.kit.text import SHAPES, SLUG_PATTERN

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SECRET = "the-database-password"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert {"type", "title", "status", "detail", "code", "hint", "errors", "request_id"} <= body.keys()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/problems/{code}")
    assert body["hint"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


async def test_unknown_path(client: httpx.AsyncClient) -> None:
    problem(await client.get("/api/v1/nothing"), 404, "not_found")
    problem(await client.post("/nothing"), 404, "not_found")


async def test_wrong_method_names_the_right_ones(client: httpx.AsyncClient) -> None:
    for path, allowed in (
        ("/roles", "GET"),
        ("/apps", "GET, POST"),
        ("/apps/app_1", "GET, PATCH, DELETE"),
        ("/apis/api_1/policies/cors", "GET, PUT, DELETE"),
    ):
        answer = await client.request("QUERY", f"/api/v1{path}")
        problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == allowed


async def test_fields_are_named_by_pointer(client: httpx.AsyncClient, admin: Person) -> None:
    body = {"name": "", "slug": "Not A Slug", "colour": "red"}
    answer = await client.post("/api/v1/teams", json=body, headers=admin.headers)
    found = problem(answer, 422, "invalid")
    assert isinstance(found["errors"], list)
    said = {error["pointer"]: error["message"] for error in found["errors"]}
    assert said == {
        "/name": "This must not be empty.",
        "/slug": f"This must be {SHAPES[SLUG_PATTERN]}.",
        "/colour": "There is no field of this name; check its spelling, or leave it out.",
    }
    assert "/name: This must not be empty. " in str(found["detail"])


async def test_a_mistyped_parameter_does_nothing_else_instead(
    client: httpx.AsyncClient, admin: Person, team: Team
) -> None:
    body = {"content": "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: {}", "owner_id": team.id}
    wrong = await client.post("/api/v1/apis/import?dry_run=true", json=body, headers=admin.headers)
    problem(wrong, 422, "invalid")
    assert [(error["pointer"], error["hint"]) for error in wrong.json()["errors"]] == [
        ("?dry_run", "This path takes none.")
    ]
    found = await client.get("/api/v1/apis", params={"owner": team.id, "limit": 5}, headers=admin.headers)
    problem(found, 422, "invalid")
    assert "?owner" in found.json()["detail"]
    assert "owner_id" in found.json()["errors"][0]["hint"]
    assert (await client.get("/api/v1/apis", headers=admin.headers)).json()["items"] == []


async def test_parameters_are_named_too(client: httpx.AsyncClient, admin: Person) -> None:
    answer = await client.get("/api/v1/users?limit=0", headers=admin.headers)
    found = problem(answer, 422, "invalid")
    assert isinstance(found["errors"], list)
    assert found["errors"][0]["pointer"] == "?limit"


@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b"\xff\xfe", b"[1,2"])
async def test_what_is_not_json(client: httpx.AsyncClient, admin: Person, body: bytes) -> None:
    headers = {**admin.headers, "Content-Type": "application/json"}
    problem(await client.post("/api/v1/teams", content=body, headers=headers), 400, "malformed")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer nothing", "nothing"])
async def test_bad_credentials_are_not_taken_for_nobody(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/hub", headers={"Authorization": header})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_strangers_cannot_make_the_hub_read_much(client: httpx.AsyncClient, team: Team) -> None:
    big = json.dumps({"name": "x" * 100_000})
    headers = {"Content-Type": "application/json"}
    problem(await client.post("/api/v1/teams", content=big, headers=headers), 401, "unauthenticated")
    bigger = json.dumps({"name": "x" * 1_100_000})
    headers |= team.owner.headers
    problem(await client.post("/api/v1/teams", content=bigger, headers=headers), 413, "too_large")


async def test_a_body_without_a_length_is_bounded_as_well(client: httpx.AsyncClient, team: Team) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(40):
            yield b"x" * 50_000
        yield b'"}'

    headers = {**team.owner.headers, "Content-Type": "application/json"}
    problem(await client.post("/api/v1/teams", content=chunks(), headers=headers), 413, "too_large")


async def test_an_unexpected_failure_says_nothing_but_its_id(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(parts)
    router = HubRouter()

    @router.get("/boom")
    async def boom() -> None:
        raise RuntimeError(f"cannot reach postgresql://hub:{SECRET}@db")

    app.include_router(router, prefix=PREFIX)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub.test") as client:
        answer = await client.get(f"{PREFIX}/boom", headers={"X-Request-Id": "from-the-caller-1"})
    problem(answer, 500, "internal_error")
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    assert "from-the-caller-1" in capsys.readouterr().out, "the log has the request's id"


@pytest.mark.parametrize(
    "sent", ["short", "with space in it", "x" * 81, "line\tbreak-is-bad", "<script>alert</script>"]
)
async def test_odd_request_ids_are_replaced(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.get("/healthz", headers={"X-Request-Id": sent})
    assert answer.headers["x-request-id"].startswith("req_")


async def test_a_code_can_be_looked_up(client: httpx.AsyncClient) -> None:
    body = (await client.get("/problems/too_many_attempts")).json()
    assert (body["code"], body["status"]) == ("too_many_attempts", 429)
    body = (await client.get("/problems/quota_exceeded")).json()
    assert (body["code"], body["status"]) == ("quota_exceeded", 429), "what gateways say is found here as well"
    problem(await client.get("/problems/no_such_code"), 404, "not_found")


async def test_no_answer_names_the_product(client: httpx.AsyncClient, admin: Person) -> None:
    for path in ("/api/v1/hub", "/api/v1/nothing", "/healthz", "/problems/not_found", "/api/v1/openapi.json"):
        answer = await client.get(path, headers=admin.headers)
        seen = answer.text + json.dumps(dict(answer.headers))
        assert "waypost" not in seen.lower(), path
        assert "server" not in answer.headers
