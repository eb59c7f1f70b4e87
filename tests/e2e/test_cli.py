"""The journey by the command line against a real hub and gateway, with its exit codes."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from tests.e2e.product import Product, command, running, until
from tests.e2e.upstream import Upstream, serving
from waypost.runtime.commands import app

pytestmark = pytest.mark.live
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("cli") / "hub") as started:
        yield started


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with serving() as backend:
        yield backend


@pytest.fixture
def run(product: Product, tmp_path: Path) -> Run:
    """Run a command as the administrator; fails on another exit code than ``code``."""
    environment = {"WAYPOST_HUB": product.hub, "WAYPOST_CONFIG": str(tmp_path / "cli.json"), "COLUMNS": "200"}

    def call(*arguments: str, code: int = 0, token: str | None = None, stdin: str | None = None) -> Result:
        given = {**environment, "WAYPOST_TOKEN": product.token if token is None else token}
        result = CliRunner().invoke(app, list(arguments), env=given, input=stdin)
        assert result.exit_code == code, f"{arguments}: {result.exit_code} {result.output}"
        return result

    return call


def _json(result: Result) -> Any:
    return json.loads(result.stdout)


def test_the_journey_by_command_line(run: Run, upstream: Upstream, tmp_path: Path) -> None:
    definition = tmp_path / "orders.yaml"
    definition.write_text(upstream.definition())
    assert "Nothing was written" in run("api", "import", str(definition), "--dry-run").output
    assert "3 operations" in run("api", "import", str(definition), "--base-path", "/orders").output
    run("plan", "create", "orders", "Free", "--rate", "6/minute", "--quota", "1000/day")
    run("plan", "create", "orders", "Paid", "--rate", "5/10s", "--price", "49.00EUR", "--approval")
    assert "6" in run("plan", "list", "orders").output
    run("api", "update", "orders", "--visibility", "internal", "--category", "Commerce")
    run("policy", "set", "orders", "cors", '{"origins": ["https://shop.example"]}')
    receipt = run("api", "publish", "orders")
    assert "Live on Local gateway after" in receipt.output
    assert "verified by a probe" in receipt.output
    assert "Live on Local gateway already" in run("api", "publish", "orders").output
    assert _json(run("api", "publish", "orders", "--json"))["already_live"]
    assert "orders" in run("api", "search", "order").output
    run("app", "create", "checkout")
    assert "active" in run("subscribe", "orders", "--app", "checkout", "--plan", "free").output
    key = _json(run("key", "create", "checkout", "--json"))
    url = f"{_json(run('api', 'show', 'orders', '--json'))['deployments'][0]['url']}/orders"
    until(lambda: httpx.get(url, headers={"x-api-key": key["key"]}).status_code == 200, what="the first call")
    fresh = _json(run("key", "rotate", key["id"], "--overlap", "60", "--json"))
    until(lambda: httpx.get(url, headers={"x-api-key": fresh["key"]}).status_code in (200, 429), what="the new key")
    run("key", "revoke", key["id"], "--yes")
    until(lambda: httpx.get(url, headers={"x-api-key": key["key"]}).status_code == 401, what="the refusal")
    until(lambda: _json(run("usage", "--api", "orders", "--json"))["summary"]["calls"] >= 2, what="the usage")
    assert "/orders" in run("calls").output
    assert "base_path: /orders" in run("compile").output
    run("app", "create", "reports")
    assert "pending" in run("subscribe", "orders", "--app", "reports", "--plan", "paid").output
    waiting = _json(run("subscription", "list", "--state", "pending", "--json"))
    assert "refused" in run("subscription", "refuse", waiting[0]["id"], "--reason", "Not yet").output


def test_exit_codes_say_what_kind_of_failure_it_was(run: Run, tmp_path: Path) -> None:
    assert "unauthenticated" in run("app", "list", code=3, token="pat_wrong").output
    run("api", "show", "nothing-here", code=4)
    run("plan", "create", "x", "y", "--rate", "many", code=2)
    assert "WAYPOST" not in run("api", "import", str(tmp_path / "absent.yaml"), code=2).output
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.1.0\ninfo: {title: [")
    assert "line" in run("api", "import", str(broken), code=6).output
    assert "Is the hub running?" in run("--hub", "http://127.0.0.1:9", "app", "list", code=5).output


def test_login_keeps_a_token_of_its_own_that_only_this_user_can_read(
    run: Run, product: Product, tmp_path: Path
) -> None:
    run("login", "--one-time", product.login, token="")
    kept = tmp_path / "cli.json"
    assert kept.stat().st_mode & 0o077 == 0
    assert json.loads(kept.read_text())["token"] != product.token
    assert "admin@example.org" in run("whoami", token="").output
    run("logout", token="")
    assert not kept.exists()


def test_a_first_start_that_was_killed_is_made_good_by_the_next(tmp_path: Path) -> None:
    data, log = tmp_path / "demo", tmp_path / "killed.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command("up", "--data", str(data), "--port", "0", "--gateway-port", "0"), stderr=out)
        try:
            until(lambda: log.read_text().count("apis/import") >= 3, what="some of the demo", seconds=60)
        finally:
            process.kill()
            process.wait()
    with running(data, empty=False) as product, product.api() as admin:
        assert len(admin.get("/apis").json()["items"]) == 10
        assert len(admin.get("/teams").json()["items"]) == 2


def _address_of_this_machine() -> str:
    """Not loopback, where there is a network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def test_the_embedded_gateway_needs_no_way_through_the_public_address(tmp_path: Path) -> None:
    public = {"WAYPOST_PUBLIC_URL": "https://hub.invalid"}
    with running(tmp_path / "hub", env=public, options=("--host", _address_of_this_machine())) as product:
        assert product.login.startswith("https://hub.invalid/login")
        told = "https://hub.invalid/problems/not_found"
        until(lambda: httpx.get(f"{product.gateway}/nothing").json()["type"] == told, what="word from the hub")


def test_the_demo_is_removed_by_one_command(tmp_path: Path) -> None:
    with running(tmp_path / "demo", empty=False) as product:
        environment = {"WAYPOST_HUB": product.hub, "WAYPOST_TOKEN": product.token}
        with product.api() as admin:
            assert len(admin.get("/apis").json()["items"]) == 10
        done = CliRunner().invoke(app, ["demo", "remove", "--yes", "--json"], env=environment)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout) == {"apis": 10, "apps": 3, "teams": 2, "people": 3}
        with product.api() as admin:
            assert admin.get("/apis").json()["items"] == []
            assert admin.get("/analytics/summary").json()["calls"] == 0
        until(lambda: httpx.get(f"{product.gateway}/weather/cities").status_code == 404, what="its end on the gateway")
