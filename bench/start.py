"""``make bench NAME=start``: ``waypost up`` from nothing to the first 200 through the gateway, and memory at rest.

Memory is the resident set in MiB of each process, read once everything is live (demo content loaded).
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table
from tests.e2e.product import Product, ok, running, until


def main() -> None:
    """First and second start of one data folder."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "hub"
        first, second = measure(data), measure(data)
    table = Table("", *first)
    for name, result in (("first start", first), ("second start", second)):
        table.add_row(name, *(str(value) for value in result.values()))
    Console().print(table)
    sys.stdout.write(json.dumps({"start": {**first, "second_first_200_s": second["first_200_s"]}}) + "\n")


def measure(data: Path) -> dict[str, Any]:
    """Seconds from the command to the first 200 with a fresh key, and MiB per part."""
    began = time.perf_counter()
    with running(data, empty=False) as product:
        _first_200(product)
        took = time.perf_counter() - began
        return {"first_200_s": round(took, 2), **_memory(product)}


def _first_200(product: Product) -> None:
    with product.api() as admin:
        me = ok(admin.get("/session"))["user"]["id"]
        app = ok(admin.post("/apps", json={"name": f"Start {time.time()}", "owner_id": me}), 201)
        api = next(
            a for a in ok(admin.get("/apis", params={"lifecycle": "published", "limit": 100}))["items"] if a["demo"]
        )
        plan = ok(admin.get(f"/apis/{api['id']}/plans"))["items"][0]
        ok(admin.post("/subscriptions", json={"app_id": app["id"], "api_id": api["id"], "plan_id": plan["id"]}), 201)
        key = ok(admin.post(f"/apps/{app['id']}/credentials", json={"name": "start"}), 201)["key"]
        operations = ok(admin.get(f"/versions/{api['current_version_id']}/operations"))["items"]
        path = next(o["path"] for o in operations if o["method"] == "GET" and "{" not in o["path"])
        deployment = ok(admin.get(f"/apis/{api['id']}/deployments"))["items"][0]
        url = deployment["url"] + path
    until(lambda: httpx.get(url, headers={"x-api-key": key}).status_code == 200, seconds=30, what="the first 200")


def _memory(product: Product) -> dict[str, float]:
    def mib(process: psutil.Process) -> float:
        return round(process.memory_info().rss / 2**20, 1)

    hub, *children = product.family()
    agent = next(p for p in children if "gateway" in p.cmdline())
    engine = next(p for p in children if "envoy" in p.name() or "haproxy" in p.name())
    return {"hub_mb": mib(hub), "agent_mb": mib(agent), "engine_mb": mib(engine)}


if __name__ == "__main__":
    main()
