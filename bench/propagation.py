"""``make bench NAME=propagation``: how long until a new key is accepted and a revoked one refused, under load.

A real hub, agent and engine; 500 APIs with 100 and with 100,000 keys, and 100,000 keys on one API of two; a constant
load on another API. Times are in milliseconds from the REST answer (the commit is before it) to the first answer of
the gateway that shows the change; who waits asks every two milliseconds, and leaves the cores to what is measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from tests.e2e.product import Product, ok, running, until

from bench import _load as wrk
from bench._servers import nginx_upstream
from bench.fleet import Fleet, seed
from bench.gateway import LOAD_CORE
from bench.gateway import engine as engine_on_core
from waypost.integration.gateways.envoy.bootstrap import free_port

ROUNDS = 60
CONNECTIONS, DELAY_MS = 4, 20
ENGINES = ("envoy", "haproxy")
SIZES = ((500, 100), (500, 100_000), (2, 200_000))


def main() -> None:
    """Measure and print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--size", action="append", type=_size, help="APIs:keys, such as 500:100000")
    args = parser.parse_args()
    wrk.need_wrk()
    pairs = [(engine, *size) for engine in args.engine or ENGINES for size in args.size or SIZES]
    results = [measure(*pair) for pair in pairs]
    table = Table("engine", "APIs", "keys", "created p50", "p99", "revoked p50", "p99", "calls meanwhile", "failed")
    for result in results:
        table.add_row(*(str(value) for value in result.values()))
    Console().print(table)
    sys.stdout.write(json.dumps({"propagation": results}) + "\n")


def _size(text: str) -> tuple[int, int]:
    apis, _, keys = text.partition(":")
    return int(apis), int(keys)


def measure(engine: str, apis: int, keys: int) -> dict[str, Any]:
    """One engine and size."""
    options = ("--engine", engine)
    port = free_port("127.0.0.1")
    with tempfile.TemporaryDirectory() as folder, engine_on_core(nginx_upstream(Path(folder), port), LOAD_CORE):
        data = Path(folder) / "hub"
        with running(data, options=options):
            pass
        apis = min(apis, keys)
        fleet = seed(data, apis=apis, keys=keys, upstream=f"http://127.0.0.1:{port}")
        with running(data, seconds=300, options=options) as product:
            _all_live(product, fleet)
            return {"engine": engine, "apis": apis, "keys": keys, **_under_load(product, fleet, Path(folder))}


def _all_live(product: Product, fleet: Fleet) -> None:
    for slug, key in zip(fleet.slugs, fleet.keys, strict=True):
        until(lambda slug=slug, key=key: _status(product, slug, key) == 200, seconds=180, what=slug)


def _status(product: Product, slug: str, key: str, client: Any = httpx) -> int:
    return int(client.get(f"{product.gateway}/{slug}/items", headers={"x-api-key": key}).status_code)


def _under_load(product: Product, fleet: Fleet, folder: Path) -> dict[str, Any]:
    mine = _subscribed(product, fleet)
    calls = [(f"/{fleet.slugs[1]}/items", {"x-api-key": fleet.keys[1]})]
    script = wrk.script(folder / "steady.lua", calls, delay_ms=DELAY_MS)
    load = wrk.begun(script, product.gateway, seconds=ROUNDS // 2 + 15, connections=CONNECTIONS)
    created, revoked = [], []
    with httpx.Client() as caller, product.api() as admin:
        for _ in range(ROUNDS):
            made = ok(admin.post(f"/apps/{mine}/credentials", json={"name": "bench"}), 201)
            created.append(_wait(caller, product, fleet.slugs[0], made["key"], {200}))
            ok(admin.post(f"/credentials/{made['id']}/revoke"))
            revoked.append(_wait(caller, product, fleet.slugs[0], made["key"], {401, 403}))
    done = wrk.finished(load)
    return {
        "created_p50_ms": _percentile(created, 50),
        "created_p99_ms": _percentile(created, 99),
        "revoked_p50_ms": _percentile(revoked, 50),
        "revoked_p99_ms": _percentile(revoked, 99),
        "calls": done.calls,
        "failed_requests": done.failed,
    }


def _subscribed(product: Product, fleet: Fleet) -> str:
    with product.api() as admin:
        me = ok(admin.get("/session"))["user"]["id"]
        app = ok(admin.post("/apps", json={"name": "Bench", "owner_id": me}), 201)
        asked = {"app_id": app["id"], "api_id": fleet.api_ids[0], "plan_id": fleet.plan_ids[0]}
        ok(admin.post("/subscriptions", json=asked), 201)
        return str(app["id"])


def _wait(caller: httpx.Client, product: Product, slug: str, key: str, wanted: set[int]) -> float:
    began = time.perf_counter()
    deadline = began + 10
    while time.perf_counter() < deadline:
        if _status(product, slug, key, caller) in wanted:
            return (time.perf_counter() - began) * 1000
        time.sleep(0.002)
    raise AssertionError(f"none of {wanted} within 10 s")


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 1)


if __name__ == "__main__":
    main()
