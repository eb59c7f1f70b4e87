"""What people and CI jobs give to commands: names that are none, tokens with line breaks, files that were cut."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.application.world import make_world
from tests.interaction.test_cli_credentials import Run, run  # noqa: F401 - a fixture
from tests.support.definitions import ORDERS, ORDERS_NEXT
from tests.support.people import People, Person, Team
from waypost.application.accounts.passwords import hash_password
from waypost.application.parts import Parts
from waypost.contracts.agent import ApiReceipt, Receipts
from waypost.interaction.cli.profile import load_profile

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_a_name_is_one_segment_of_a_path(run: Run, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "orders.yaml").write_text(ORDERS)
    await run("api", "import", str(tmp_path / "orders.yaml"), "--base-path", "/orders")
    for nothing in ("", ".", "..", "../hub", "orders/policies"):
        assert "is no id or name" in await run("api", "show", nothing, code=2)
    for other in ("orders?limit=1", "orders#x"):
        await run("api", "show", other, code=4)
    assert "is no id or name" in await run("policy", "list", "team:", code=2)
    assert "--hours" in await run("usage", "--hours", "999999999", code=2)
    assert "Nothing here is called 'nope'; `waypost app list` shows ids." in await run(
        "subscribe", "orders", "--app", "nope", code=2
    )
    told = await run("api", "publish", "orders", "--dry-run", "--upstream", "http://127.0.0.1:9", code=2)
    assert "--dry-run changes nothing" in told
    assert "owner" in (await run("api", "list")).splitlines()[0]
    assert len(json.loads(await run("api", "search", "orders", "--limit", "1", "--json"))) == 1


async def test_a_hub_that_is_none_is_told_by_its_exit_code(run: Run) -> None:  # noqa: F811
    for ways in (("whoami",), ("login", "--one-time", "otl_x"), ("login", "--token", "pat_x")):
        for none in ("127.0.0.1:8080", "hub", "http://[::1", "ftp://hub.example", "http://"):
            assert "is no address of a hub" in await run("--hub", none, *ways, code=2)
        assert "Is the hub running?" in await run("--hub", "http://127.0.0.1:9", *ways, code=5)


@pytest.mark.parametrize("way", [("whoami",), ("login", "--one-time", "otl_x"), ("api", "list")])
async def test_another_server_is_no_hub(run: Run, way: tuple[str, ...]) -> None:  # noqa: F811
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>")
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert f"What answers at {address} is no hub." in await run("--hub", address, *way, code=5)


async def test_login_takes_the_token_before_or_behind_its_name(run: Run, admin: Person) -> None:  # noqa: F811
    for given in (("--token", admin.token, "login"), ("login", "--token", admin.token)):
        assert "Signed in to" in await run(*given)


async def test_where_nobody_is_to_be_asked_it_is_said_what_to_give(run: Run, people: People) -> None:  # noqa: F811
    ann = await people.user("Ann", password_hash=await hash_password("a sentence that is long"))
    for given in ((), ("--email", ann.email)):
        told = await run("login", *given, code=2)
        assert "): give --token, --one-time, or --email" in told
    assert "Signed in to" in await run("login", "--email", ann.email, stdin="a sentence that is long\n")
    assert "give --reason" in await run("subscription", "refuse", "sub_x", code=2)
    for command in (("person", "sign-out", ann.email), ("key", "revoke", "cred_x"), ("demo", "remove")):
        assert "say --yes" in await run(*command, code=2)
        await run(*command, stdin="n\n", code=1)


async def test_usage_of_nobody_is_no_latency_of_nothing(run: Run) -> None:  # noqa: F811
    long_ago = ("--hours", "20000")  # the hub's clock is the test's, and stands still
    assert (await run("usage", *long_ago)).strip() == "No call in this time."
    assert json.loads(await run("usage", *long_ago, "--json"))["summary"]["calls"] == 0


async def test_a_newer_definition_goes_into_an_api(run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "orders.yaml"
    file.write_text(ORDERS)
    await run("api", "import", str(file), "--base-path", "/orders")
    version = json.loads(await run("api", "show", "orders", "--json"))["versions"][0]
    file.write_text(ORDERS_NEXT)
    told = await run("api", "import", str(file), "--into", "orders", "--dry-run")
    assert "Would be: 1 added" in told
    assert (await run("api", "import", str(file), "--into", "orders")).replace("Operations", "Would be") == told
    assert "0 added, 0 removed, 0 changed" in await run("api", "import", str(file), "--into", "orders", "--dry-run")
    assert "no version '2.0.0'" in await run(
        *("api", "import", str(file), "--into", "orders", "--version", "2.0.0", "--dry-run"), code=2
    )
    added = await run("api", "import", str(file), "--into", "orders", "--version", "2.0.0")
    assert "Added 2.0.0 to orders: a draft under /v2" in added
    shown = json.loads(await run("api", "show", "orders", "--json"))
    assert shown["current_version_id"] == version["id"]
    assert {item["name"] for item in shown["versions"]} == {version["name"], "2.0.0"}
    assert "go without it" in await run("api", "import", str(file), "--into", "orders", "--name", "X", code=2)
    assert "go with --into" in await run("api", "import", str(file), "--confirm", code=2)


@pytest.mark.parametrize("how", [(), ("--into", "orders"), ("--json",), ("--into", "orders", "--json")])
async def test_a_dry_run_ends_as_the_import_would(run: Run, tmp_path: Path, how: tuple[str, ...]) -> None:  # noqa: F811
    (tmp_path / "orders.yaml").write_text(ORDERS)
    (tmp_path / "broken.yaml").write_text("openapi: 3.1.0\ninfo: [")
    await run("api", "import", str(tmp_path / "orders.yaml"), "--base-path", "/orders")
    await run("api", "import", str(tmp_path / "broken.yaml"), *how, code=6)
    assert "quotes and colons" in await run("api", "import", str(tmp_path / "broken.yaml"), *how, "--dry-run", code=6)


async def test_a_maintainer_reads_the_policies_of_the_team_and_is_told_who_sets_them(
    run: Run,  # noqa: F811
    people: People,
    team: Team,
) -> None:
    member = await people.user("Carol")
    await people.join(member, team, role="maintainer")
    await run("policy", "set", f"team:{team.slug}", "timeout", '{"request_ms": 4000}')
    as_member = ("--token", member.token)
    assert f"team:{team.slug}, maintainer" in await run(*as_member, "whoami")
    assert "4000" in await run(*as_member, "policy", "list", f"team:{team.slug}")
    change = ("timeout", '{"request_ms": 1}')
    assert "role owner" in await run(*as_member, "policy", "set", f"team:{team.slug}", *change, code=3)


async def test_a_persons_ways_in_are_listed_and_ended(run: Run, team: Team) -> None:  # noqa: F811
    who = team.owner.email
    assert who in await run("person", "list", "--q", who)
    (token,) = json.loads(await run("person", "tokens", who, "--json"))
    assert "token" not in token
    assert "Nowhere" in await run("person", "sessions", who)
    assert "`waypost person list`" in await run("person", "tokens", "nobody@example.test", code=2)
    await run("person", "revoke-token", who, token["id"], stdin="n\n", code=1)
    assert "Revoked" in await run("person", "revoke-token", who, token["id"], "--yes")
    assert "No access token" in await run("person", "tokens", who)
    assert "Revoked" in await run("person", "revoke-token", who, stdin="y\n")
    assert "Signed out" in await run("person", "sign-out", who, "--yes")
    await run("person", "sign-out", who, "ses_none", "--yes", code=4)


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"hub": "http://hub.test"'])
def test_a_file_that_nobody_can_read_is_nobody_signed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str, database: str
) -> None:
    (tmp_path / "cli.json").write_text(kept)
    monkeypatch.setenv("WAYPOST_CONFIG", str(tmp_path / "cli.json"))
    monkeypatch.setenv("WAYPOST_TOKEN", "pat_of_a_file\r\n")
    monkeypatch.delenv("WAYPOST_HUB", raising=False)
    assert load_profile().token.reveal() == "pat_of_a_file"
    monkeypatch.delenv("WAYPOST_TOKEN")
    assert load_profile().token.reveal() == ""


async def test_what_is_published_already_is_said_to_be_live(run: Run, parts: Parts, people: People) -> None:  # noqa: F811
    world = await make_world(parts, people)
    publish = ("api", "publish", "weather", "--gateway", "edge")
    assert "pending" in await run(*publish, "--wait", "0", code=6)
    agent = world.agent()
    await agent.confirm()
    assert "Live on Edge already" in await run(*publish)
    said = json.loads(await run(*publish, "--json"))
    assert (said["state"], said["already_live"]) == ("live", True)
    shown = json.loads(await run("api", "show", "weather", "--json"))
    assert said["id"] == shown["deployments"][0]["id"]
    assert said["revision"] == shown["deployments"][0]["revision"], "nothing was asked of the gateway"
    wanted = ApiReceipt(api_id=world.api_id, content_hash=said["desired_hash"], state="quarantined", reason="No room.")
    await world.receive(Receipts(apis=(wanted,)))
    assert "quarantined: No room." in await run(*publish, code=6)


async def test_what_is_withdrawn_already_is_said_to_be_gone(run: Run, parts: Parts, people: People) -> None:  # noqa: F811
    world = await make_world(parts, people)
    withdraw = ("api", "withdraw", "weather", "--wait", "0")
    assert "It is not there." in await run(*withdraw)
    assert json.loads(await run(*withdraw, "--json"))["already_withdrawn"]
    await world.publish()
    agent = world.agent()
    await agent.confirm()
    assert "say --yes" in await run(*withdraw, code=2)
    assert "Edge: withdrawing." in await run(*withdraw, "--yes", code=6)
    assert "Edge: withdrawing." in await run(*withdraw, code=6)
    await world.receive(Receipts(apis=(ApiReceipt(api_id=world.api_id, content_hash="", state="removed"),)))
    assert "It is not there." in await run(*withdraw)


async def test_a_plan_is_renamed_and_retired(run: Run, parts: Parts, people: People) -> None:  # noqa: F811
    await make_world(parts, people)
    update = ("plan", "update", "weather", "free")
    assert "Say what to change" in await run(*update, code=2)
    assert "there are: free, paid" in await run("plan", "update", "weather", "gold", "--name", "Gold", code=2)
    assert "free is retired" in await run(*update, "--lifecycle", "retired", "--name", "Old")
    saved = json.loads(await run(*update, "--description", "Gone.", "--json"))
    assert (saved["name"], saved["lifecycle"], saved["description"]) == ("Old", "retired", "Gone.")


async def test_a_plan_gets_new_terms_and_goes(run: Run, parts: Parts, people: People) -> None:  # noqa: F811
    world = await make_world(parts, people)
    revise = ("plan", "revise", "weather", "free", "--rate", "7/minute", "--quota", "5GB/month,warn=80")
    assert "free has its terms number 2 now." in await run(*revise)
    terms = json.loads(await run(*revise, "--price", "1.00EUR", "--approval", "--json"))["current_version"]
    assert (terms["number"], terms["approval"], terms["price"]["amount_cents"]) == (3, True, 100)
    assert "cannot be read" in await run(*revise, "--rate", "often", code=2)
    assert "7/minute" in await run("plan", "list", "weather")
    assert "say --yes" in await run("plan", "delete", "weather", "paid", code=2)
    assert "Deleted." in await run("plan", "delete", "weather", "paid", "--yes")
    await world.publish()
    await world.app()
    await run("subscribe", "weather", "--app", "Trip planner", "--plan", "free", who=world.consumer)
    assert "plan_in_use" in await run("plan", "delete", "weather", "free", "--yes", code=6)


async def test_an_api_that_nobody_needs_is_deleted(run: Run, parts: Parts, people: People) -> None:  # noqa: F811
    world = await make_world(parts, people)
    await world.publish()
    assert "Withdraw it from its gateways first." in await run("api", "delete", "weather", "--yes", code=6)
    assert "say --yes" in await run("api", "delete", "weather", code=2)
    assert "Edge: withdrawing." in await run("api", "withdraw", "weather", "--wait", "0", "--yes", code=6)
    await world.receive(Receipts(apis=(ApiReceipt(api_id=world.api_id, content_hash="", state="removed"),)))
    assert "Deleted." in await run("api", "delete", "weather", "--yes")
    assert "api_not_found" in await run("api", "show", "weather", code=4)


async def test_people_are_added_and_let_in(run: Run) -> None:  # noqa: F811
    link = (await run("person", "create", "ann@example.test", "Ann")).strip()
    again = json.loads(await run("person", "link", "Ann", "--json"))["one_time_login_url"]
    assert "used, has expired, or never was" in await run("login", "--one-time", link, code=3)
    assert "as Ann <ann@example.test>" in await run("login", "--one-time", again)
    assert "email_taken" in await run("person", "create", "ann@example.test", "Ann", code=6)
    assert "Say what to change" in await run("person", "update", "Ann", code=2)
    assert "Ann is active, auditor." in await run("person", "update", "Ann", "--hub-role", "auditor")
    assert json.loads(await run("person", "update", "Ann", "--state", "disabled", "--json"))["state"] == "disabled"


async def test_a_gateway_is_created_enrolled_and_deleted(run: Run) -> None:  # noqa: F811
    assert "gateway enrol edge" in await run("gateway", "create", "Edge", "--engine", "haproxy")
    assert json.loads(await run("gateway", "create", "Far", "--slug", "edge-2", "--json"))["engine"] == "envoy"
    assert "gateway run" in await run("gateway", "enrol", "edge")
    assert "There is no gateway 'nope'; known: edge-2, edge." in await run("gateway", "enrol", "nope", code=2)
    assert "Say which gateway; known" in await run("gateway", "enrol", code=2)
    assert "say --yes" in await run("gateway", "delete", "edge", code=2)
    assert "Deleted." in await run("gateway", "delete", "edge", "--yes")


async def test_a_problem_is_told_once(run: Run) -> None:  # noqa: F811
    told = await run("calls", "--limit", "0", code=6)
    assert told.count("This must be 1 or more.") == 1
