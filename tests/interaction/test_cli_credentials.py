"""``waypost key``, ``waypost issuer`` and ``waypost signing-key`` against a real hub over a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc import jwk, jwt
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tests.application.apps.material import certificate, signed
from tests.application.issuers.keys import jwks, key
from tests.support.people import People, Person
from waypost.application.parts import Parts
from waypost.interaction.api.app import create_app
from waypost.interaction.cli.app import app
from waypost.interaction.cli.output import console, error_console
from waypost.kit.clock import FakeClock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Run = Callable[..., Awaitable[str]]


@pytest.fixture
async def run(parts: Parts, admin: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    """Run a command as the administrator, or another; what it prints. Fails on another exit code than ``code``."""
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

    async def call(*arguments: str, code: int = 0, stdin: str | None = None, who: Person = admin) -> str:
        variables = given | {"WAYPOST_TOKEN": who.token}
        result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env=variables, input=stdin)
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


async def test_what_is_proven(run: Run, people: People, clock: FakeClock, tmp_path: Path) -> None:
    ann, signer = await people.user("Ann"), jwk.import_key(key("a", private=True))
    (tmp_path / "keys.json").write_bytes(jwks(signer.as_dict(private=False)))
    where = ("--jwks", str(tmp_path / "keys.json"), "--algorithm", "ES256", "--proof-audience", "registry")
    await run("issuer", "add", "https://login.test", *where)
    claims = {
        "iss": "https://login.test",
        "aud": "registry",
        "client_id": "planner",
        "exp": clock.now().timestamp() + 60,
    }
    token = jwt.encode({"alg": "ES256", "kid": "a"}, claims, signer)
    made = certificate(clock.now())
    (tmp_path / "client.pem").write_text(made[0])
    for name, password in (("client.key", None), ("locked.key", b"open")):
        private = load_pem_private_key(made[2].encode(), None)
        how = BestAvailableEncryption(password) if password else NoEncryption()
        (tmp_path / name).write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    await run("app", "create", "Planner", who=ann)
    outside = ("key", "create", "Planner", "--kind", "external_client")
    named = ("--issuer", "https://login.test", "--client-id", "planner")
    assert "audience registry" in await run(*outside, *named, code=6, who=ann)
    assert "Registered planner" in await run(*outside, "--token", "-", stdin=f"{token}\n", who=ann)
    file = ("--kind", "certificate", "--certificate", str(tmp_path / "client.pem"))
    assert "proof_needed" in await run("key", "create", "Planner", *file, code=6, who=ann)
    text = (await run("key", "challenge", "Planner", who=ann)).strip()
    given = ("--challenge", text, "--signature", signed(made[2], text))
    first = json.loads(await run("key", "create", "Planner", *file, *given, "--json", who=ann))
    await run("key", "revoke", first["id"], "--yes", who=ann)
    locked = ("--private-key", str(tmp_path / "locked.key"))
    await run("key", "create", "Planner", *file, *locked, stdin="wrong\n", code=2, who=ann)
    second = json.loads(await run("key", "create", "Planner", *file, *locked, "--json", stdin="open\n", who=ann))
    follow = certificate(clock.now())
    (tmp_path / "next.pem").write_text(follow[0])
    (tmp_path / "next.key").write_text(follow[2])
    rotate = ("key", "rotate", second["id"], "--certificate", str(tmp_path / "next.pem"))
    rotate += ("--private-key", str(tmp_path / "next.key"))
    assert "--app" in await run(*rotate, code=2, who=ann)
    assert f"Registered {follow[1]}" in await run(*rotate, "--app", "Planner", who=ann)
    listed = json.loads(await run("key", "list", "Planner", "--json", who=ann))
    assert all(item["proven"] for item in listed)


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
