"""``waypost explain``, ``waypost simulate`` and plans with quotas against a real hub over a socket."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.interaction.test_cli_credentials import Run, run  # noqa: F401 - a fixture
from tests.support.definitions import ORDERS
from tests.support.people import Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def published(run: Run, tmp_path: Path) -> str:  # noqa: F811
    definition = tmp_path / "orders.yaml"
    definition.write_text(ORDERS)
    await run("api", "import", str(definition), "--base-path", "/orders")
    return str(json.loads(await run("api", "list", "--json"))[0]["slug"])


async def test_a_call_is_simulated_step_by_step(
    run: Run,  # noqa: F811
    client: httpx.AsyncClient,
    admin: Person,
    tmp_path: Path,
) -> None:
    api = await published(run, tmp_path)
    assert "No gateway serves this" in await run("simulate", "GET", "/orders/orders", code=6)
    await client.post("/api/v1/gateways", json={"name": "Edge"}, headers=admin.headers)
    await run("plan", "create", api, "Free", "--rate", "6/minute")
    await run("api", "publish", api, "--gateway", "edge", "--wait", "0", code=6)
    said = await run("simulate", "get", "/orders/orders", "-H", "x-api-key: k_wrong")
    assert "refused: 401 key_invalid" in said
    assert "way out" in said
    assert "k_wrong" not in said
    found = json.loads(await run("simulate", "GET", "/orders/nothing", "--json"))
    assert [step["name"] for step in found["steps"]] == ["api", "operation"]
    assert "name: value" in await run("simulate", "GET", "/orders/orders", "-H", "nonsense", code=2)
    assert "No such decision" in await run("explain", "unknown", code=4)


async def test_quotas_of_a_plan(run: Run, tmp_path: Path) -> None:  # noqa: F811
    api = await published(run, tmp_path)
    quotas = ("--quota", "1000/day", "--quota", "5GB/month,warn=80", "--quota", "200:x-tokens/hour,rolling,overage")
    await run("plan", "create", api, "Free", *quotas)
    rates = ("--rate", "6/minute", "--rate", "5/10s", "--price", "29.50EUR", "--approval")
    await run("plan", "create", api, "Gold", *rates)
    (_, *rows) = (await run("plan", "list", api)).splitlines()
    assert [row.split() for row in rows] == [
        [
            "free",
            "Free",
            "published",
            "1000/day,",
            "5000000000B/month,warn=80,",
            "200:x-tokens/hour,rolling,overage",
            "no",
        ],
        ["gold", "Gold", "published", "6/minute,", "5/10s", "29.50EUR/month", "yes"],
    ]
    plan = json.loads(await run("plan", "list", api, "--json"))[0]
    made = plan["current_version"]["quotas"]
    assert [(item["amount"], item["unit"], item["window"]) for item in made] == [
        (1000, "requests", "day"),
        (5_000_000_000, "bytes", "month"),
        (200, "header", "hour"),
    ]
    assert [(item["soft_percent"], item["rolling"], item["overage"]) for item in made[1:]] == [
        (80, False, False),
        (0, True, True),
    ]
    for wrong in ("1000", "1000/year", "1000/day,often", "5XB/day", "1000/day,warn=much"):
        assert "cannot be read" in await run("plan", "create", api, "Wrong", "--quota", wrong, code=2)
