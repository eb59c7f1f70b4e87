"""``waypost policy`` against a real hub over a socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import update

from tests.application.apps.material import certificate
from tests.application.issuers.keys import jwks, key
from tests.interaction.test_cli_credentials import Run, run  # noqa: F401 - a fixture
from tests.support.definitions import ORDERS
from waypost.application.gateways.schemas import GatewayCreate
from waypost.application.gateways.service import GatewayService
from waypost.application.parts import Parts
from waypost.application.work import SYSTEM, open_context
from waypost.contracts.drivers import Capability
from waypost.information.models import GatewayRow
from waypost.information.uow import unit_of_work
from waypost.kit.clock import FakeClock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def make_gateway(parts: Parts) -> None:
    """A gateway called edge that waits for its agent."""
    async with open_context(parts, SYSTEM, write=True) as ctx:
        await GatewayService().create(ctx, GatewayCreate(name="Edge"))
        await ctx.uow.commit()


async def test_policies_at_every_level(run: Run, tmp_path: Path) -> None:  # noqa: F811
    definition = tmp_path / "orders.yaml"
    definition.write_text(ORDERS)
    await run("api", "import", str(definition), "--base-path", "/orders")
    api = json.loads(await run("api", "list", "--json"))[0]["slug"]
    await run("plan", "create", api, "Free", "--rate", "6/minute", "--quota", "1000/day")

    kinds = json.loads(await run("policy", "kinds", "--json"))
    assert [item["position"] for item in kinds] == list(range(1, len(kinds) + 1))

    planned = await run("policy", "plan", api, "ip", '{"deny": ["203.0.113.0/24"]}')
    assert "Touches 1 API on 0 gateways; 0 calls" in planned
    assert "Nothing is set here." in await run("policy", "list", api)
    await run("policy", "set", "hub", "ip", '{"deny": ["192.0.2.0/24"]}', "--locked")
    assert "ip is set at the api." in await run("policy", "set", api, "ip", '{"deny": ["203.0.113.0/24"]}')
    assert "mock is set at the version." in await run("policy", "set", api, "mock", "{}")
    operation = ("--operation", "GET /orders")
    assert "at the operation" in await run("policy", "set", api, "timeout", "-", *operation, stdin='{"request_ms": 5}')
    limits = '{"limits": [{"requests": 5, "seconds": 1, "by": "app"}]}'
    assert "at the plan" in await run("policy", "set", api, "rate_limit", limits, "--plan", "free")

    items = json.loads(await run("policy", "effective", api, *operation, "--plan", "free", "--json"))
    held = {(item["kind"], item["applies_to"]): item for item in items}
    assert held["timeout", "operation"]["from"]["level"] == "operation"
    assert [part["from"]["level"] for part in held["ip", "operation"]["origins"]] == ["hub", "api"]
    assert [part["from"]["level"] for part in held["rate_limit", "plan"]["origins"]] == ["terms", "plan"]
    assert "/deny/0 hub; /deny/1 api" in await run("policy", "effective", api)

    shown = json.loads(await run("policy", "show", "hub", "ip", "--json"))
    assert (shown["locked"], shown["config"]["deny"]) == (True, ["192.0.2.0/24"])
    assert "Touches 1 API" in await run("policy", "plan", api, "ip", "--remove")
    await run("policy", "remove", api, "ip")
    await run("policy", "show", api, "ip", code=4)


async def test_what_cannot_be_is_said(run: Run, tmp_path: Path) -> None:  # noqa: F811
    definition = tmp_path / "orders.yaml"
    definition.write_text(ORDERS)
    await run("api", "import", str(definition), "--base-path", "/orders")
    api = json.loads(await run("api", "list", "--json"))[0]["slug"]
    assert "not JSON" in await run("policy", "set", api, "cors", "{", code=2)
    assert "no operation" in await run("policy", "list", api, "--operation", "GET /nothing", code=2)
    assert "no version" in await run("policy", "list", api, "--version", "9", code=2)
    assert "no plan" in await run("policy", "list", api, "--plan", "gold", code=2)
    assert "--remove" in await run("policy", "plan", api, "cors", code=2)
    refused = await run("policy", "set", api, "cors", '{"origins": ["*"], "credentials": true}', code=6)
    assert "/config/credentials" in refused
    await run("policy", "set", "hub", "timeout", '{"request_ms": 9}', "--locked")
    assert "locked at the hub" in await run("policy", "set", api, "timeout", '{"request_ms": 1}', code=6)
    assert "no policy kind" in await run("policy", "set", "hub", "mock", "{}", code=4)


async def test_what_holds_for_a_whole_gateway(run: Run, clock: FakeClock, tmp_path: Path, make_gateway: None) -> None:  # noqa: F811
    pem, _, key = certificate(clock.now())
    (tmp_path / "cert.pem").write_text(pem)
    (tmp_path / "key.pem").write_text(key)
    files = ("--tls-certificate", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem"))
    await run("gateway", "set", "edge", "--trusted-proxy", "10.0.0.0/8", "--tls-port", "8443", *files)
    saved = json.loads(await run("gateway", "set", "edge", "--max-request-bytes", "5000", "--json"))["settings"]
    assert (saved["trusted_proxies"], saved["max_request_bytes"], saved["tls"]["port"]) == (["10.0.0.0/8"], 5000, 8443)
    assert saved["tls"]["key"] == ""
    shown = await run("compile", "--gateway", "edge")
    assert "PRIVATE" not in shown
    assert "10.0.0.0/8" in shown
    saved = json.loads(await run("gateway", "set", "edge", "--tls-port", "0", "--json"))["settings"]
    assert saved["tls"] is None


async def test_what_publishing_would_meet(run: Run, tmp_path: Path, make_gateway: None) -> None:  # noqa: F811
    definition = tmp_path / "orders.yaml"
    definition.write_text(ORDERS)
    await run("api", "import", str(definition), "--base-path", "/orders")
    api = json.loads(await run("api", "list", "--json"))[0]["slug"]

    told = await run("api", "publish", api, "--dry-run", code=6)
    assert "edge" in told
    assert "no plan is on offer" in told
    assert "known: edge" in await run("api", "publish", api, "--dry-run", "--gateway", "nope", code=2)
    await run("plan", "create", api, "Free", "--rate", "6/minute")
    outlook = json.loads(await run("api", "publish", api, "--dry-run", "--json"))
    assert [(item["slug"], item["known"], item["published"]) for item in outlook["gateways"]] == [
        ("edge", False, False)
    ]
    assert "no plan is on offer" not in await run("api", "publish", api, "--dry-run")
    assert "edge" not in await run("api", "show", api)
    await run("policy", "set", api, "key_auth", '{"enabled": false}')
    assert "Anybody can call it there" in await run("api", "publish", api, "--dry-run")


async def test_what_would_be_served_without_a_part(
    run: Run,  # noqa: F811
    parts: Parts,
    tmp_path: Path,
    make_gateway: None,
) -> None:
    async with unit_of_work(parts.engine, parts.clock) as uow:
        able = [item.value for item in Capability if item != Capability.JWT_EDDSA]
        await uow.session.execute(update(GatewayRow).values(capabilities=able))
        await uow.commit()
    edwards = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "b"}
    (tmp_path / "keys.json").write_bytes(jwks(key("a"), edwards))
    (tmp_path / "orders.yaml").write_text(ORDERS)
    await run("api", "import", str(tmp_path / "orders.yaml"), "--base-path", "/orders")
    issuer = ("issuer", "add", "https://login.test", "--jwks", str(tmp_path / "keys.json"), "--json")
    made = json.loads(await run(*issuer, "--algorithm", "ES256", "--algorithm", "EdDSA"))
    await run("policy", "set", "orders", "jwt", json.dumps({"issuers": [{"issuer": made["id"]}]}))
    told = await run("api", "publish", "orders", "--dry-run", code=6)
    assert "edge goes without jwt.eddsa: tokens that https://login.test signs with EdDSA are refused" in told
