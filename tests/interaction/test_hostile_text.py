"""Text that people choose neither breaks lines, nor steers terminals, nor sends a gateway where it shall not go."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.application.changes.test_changes import put
from tests.application.world import World, make_world
from tests.support.people import People
from waypost.application.accounts.errors import TooManyAttempts
from waypost.application.accounts.me import count_email_change
from waypost.application.accounts.schemas import MeUpdate
from waypost.application.catalog.acquire import acquire
from waypost.application.catalog.import_schemas import ApiImport
from waypost.application.catalog.imports import ImportService
from waypost.application.parts import Parts
from waypost.application.policies.errors import PolicyInvalid
from waypost.application.work import open_context
from waypost.interaction.cli import output
from waypost.runtime.logging import one_line_each

sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOSTILE = "Orders\n2026 [info] forged\x1b[2J\x9b31m"


@pytest.fixture
async def world(parts: Parts, people: People) -> World:
    return await make_world(parts, people)


@pytest.mark.parametrize("name", [HOSTILE, "a\x7fb", "a\u2028b", "a\x85b", "\u202enimda", "\u200b", "a\u2066b"])
@sqlite
async def test_names_are_one_line(client: httpx.AsyncClient, world: World, name: str) -> None:
    headers = world.provider.headers
    api = {"name": name, "owner_id": world.team.id, "slug": "hostile"}
    category = {**api, "name": "Orders", "category": name}
    named = await client.post("/api/v1/apis", json=category, headers=headers)
    assert [error["pointer"] for error in named.json()["errors"]] == ["/category"]
    for path, body in (
        ("/apis", api),
        (f"/apis/{world.api_id}/plans", {"name": name, "terms": {}}),
        ("/apps", {"name": name}),
    ):
        answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 422, path
        assert "/name" in {error["pointer"] for error in answer.json()["errors"]}, path


@sqlite
async def test_an_imported_title_is_one_line(world: World) -> None:
    document = {"openapi": "3.1.0", "info": {"title": HOSTILE, "version": "1"}, "paths": {"/a": {"get": {}}}}
    body = ApiImport(owner_id=world.team.id, content=json.dumps(document))
    acquired = await acquire(world.parts, body)
    async with open_context(world.parts, world.provider.principal, write=True) as ctx:
        made = await ImportService().import_api(ctx, body, acquired)
    assert made.api is not None
    assert made.api.name == "Orders 2026 [info] forged [2J 31m"


def test_the_command_line_shows_text_and_obeys_none(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_rows([{"name": "[/] [red]x\x1b[2J", "tags": ["\x9b31m"]}], ["name", "tags"], as_json=False)
    output.console.print(f"Created {HOSTILE}", markup=False)
    shown = capsys.readouterr().out
    assert "[/] [red]x" in shown
    assert not {"\x1b", "\x9b"} & set(shown)


@pytest.mark.parametrize("width", [40, 10_000])
def test_no_word_of_a_table_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(output.console, "width", width)
    row = {
        "id": "sub_01m8kc3a9sd1rpf1rj578pczqp",
        "summary": "Levels and reservations",
        "at": "2026-11-29T10:08:01.555Z",
    }
    output.show_rows([row], list(row), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(row["id"])
    assert set(" ".join(lines[1:]).split()) == {row["id"], "Levels", "and", "reservations", "2026-11-29T10:08:01Z"}
    assert (len(lines) == 2) is (width > 40)


def test_a_log_line_is_one_line() -> None:
    event: dict[str, Any] = {"event": "request_failed", "path": HOSTILE, "exception": "Traceback\n  File"}
    written = one_line_each(None, "error", dict(event))
    assert written["path"] == "Orders 2026 [info] forged [2J 31m"
    assert written["exception"] == event["exception"]


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("http://169.254.169.254/latest/meta-data", True),
        ("http://metadata.google.internal/token", True),
        ("http://[::ffff:169.254.169.254]/x", True),
        ("http://2852039166/x", True),
        ("https://10.0.0.1/introspect", False),
        ("https://login.internal/introspect", False),
    ],
)
@sqlite
async def test_gateways_ask_no_inner_server_about_tokens(world: World, url: str, private: bool) -> None:
    world.parts.limits = replace(world.parts.limits, private_upstreams=private)
    config = {"url": url, "issuer": "https://login.example", "client_id": "gateway", "client_secret": "hush"}
    with pytest.raises(PolicyInvalid) as caught:
        await put(world, "introspection", **config)
    assert [error.pointer for error in caught.value.errors] == ["/config/url"]
    if not private:
        world.parts.limits = replace(world.parts.limits, private_upstreams=True)
        await put(world, "introspection", **config)


@sqlite
async def test_an_e_mail_is_changed_in_a_session_and_not_at_will(
    client: httpx.AsyncClient, people: People, parts: Parts
) -> None:
    me, other = await people.user("Me"), await people.user("Other")
    by_token = await client.patch("/api/v1/me", json={"email": "new@example.test"}, headers=me.headers)
    assert by_token.status_code == 403
    same = MeUpdate(email=me.email)
    for _ in range(10):
        await count_email_change(parts, me.principal, same)
    with pytest.raises(TooManyAttempts):
        for _ in range(10):
            await count_email_change(parts, me.principal, MeUpdate(email=other.email))
