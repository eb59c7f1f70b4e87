"""``waypost key``, ``waypost issuer`` and ``waypost signing-key`` against a real hub over a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tests.application.apps.material import certificate
from tests.application.issuers.keys import jwks, key
from tests.support.people import Person
from waypost.application.parts import Parts
from waypost.interaction.api.app import create_app
from waypost.interaction.cli.app import app
from waypost.interaction.cli.output import console, error_console
from waypost.kit.clock import FakeClock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Run = Callable[..., Awaitable[str]]


@pytest.fixture
async def run(parts: Parts, admin: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    """Run a command as the administrator; what it prints. Fails on another exit code than ``code``."""
    # Their width is what it was when they were made, with whatever the test runner says of its own terminal.
    for made in (console, error_console):
        monkeypatch.setattr(made, "width", 200)
    config = uvicorn.Config(create_app(parts), port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    hub = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    given = {"WAYPOST_HUB": hub, "WAYPOST_TOKEN": admin.token, "WAYPOST_CONFIG": str(tmp_path / "c")}

    async def call(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=given, input=stdin)
        assert result.exit_code == code, f"{arguments}: {result.exit_code} {result.output}"
        return result.stdout if code == 0 else result.output

    with capture_logs():  # the hub's lines would stand among those of the commands
        yield call
    server.should_exit = True
    await serving


async def test_credentials_of_every_kind(run: Run, clock: FakeClock, tmp_path: Path) -> None:
    pem, fingerprint, _ = certificate(clock.now())
    (tmp_path / "client.pem").write_text(pem)
    (tmp_path / "keys.json").write_bytes(jwks(key("a")))
    await run("app", "create", "Planner")
    await run("issuer", "add", "https://login.test", "--jwks", str(tmp_path / "keys.json"), "--algorithm", "ES256")
    assert (await run("key", "create", "Planner")).startswith("k_")
    basic = await run("key", "create", "Planner", "--kind", "basic")
    assert [line.partition("=")[0] for line in basic.splitlines()[:2]] == ["username", "password"]
    client = await run("key", "create", "Planner", "--kind", "oauth_client")
    assert "token_url=http://hub.test/oauth/token" in client
    outside = ("--kind", "external_client", "--issuer", "https://login.test", "--client-id", "planner")
    assert "Registered planner" in await run("key", "create", "Planner", *outside)
    assert "credential_taken" in await run("key", "create", "Planner", *outside, code=6)
    file = ("--certificate", str(tmp_path / "client.pem"))
    made = json.loads(await run("key", "create", "Planner", "--kind", "certificate", *file, "--json"))
    assert made["identifier"] == fingerprint
    next_one = ("--fingerprint", ":".join(["ab"] * 32))
    assert "Registered abab" in await run("key", "rotate", made["id"], *next_one)
    listed = json.loads(await run("key", "list", "Planner", "--json"))
    kinds = ["basic", "certificate", "certificate", "external_client", "key", "oauth_client"]
    assert sorted(item["kind"] for item in listed) == kinds


async def test_issuers_and_signing_keys(run: Run, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(jwks(key("a")))
    where = ("--jwks", str(tmp_path / "keys.json"), "--algorithm", "ES256")
    await run("issuer", "add", "https://login.test", "--name", "Login", *where)
    await run("issuer", "add", "https://old.test", "--secret", stdin="a shared secret of 32 bytes and more\n")
    assert "issuer_keys_refused" in await run("issuer", "add", "https://in.test", "--jwks", "https://[::1]/k", code=6)
    assert "neither" in await run("issuer", "add", "https://in.test", "--jwks", "nowhere", code=2)
    assert {item["source"] for item in json.loads(await run("issuer", "list", "--json"))} == {"jwks", "secret"}
    assert "ready" in await run("issuer", "refresh", "Login")
    await run("issuer", "remove", "https://old.test", "--yes")
    await run("issuer", "remove", "Nobody", "--yes", code=2)
    assert "signs from" in await run("signing-key", "rotate", "--lead", "60")
    assert [item["state"] for item in json.loads(await run("signing-key", "list", "--json"))] == ["next"]
