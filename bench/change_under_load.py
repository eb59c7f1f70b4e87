"""``make bench NAME=change-under-load``: ten policy changes a second for a minute while 500 APIs are called.

A real hub, agent and engine; a constant load runs over APIs that nobody changes. Rounds take turns: without changes
(steady), then with policies of the other APIs changed over REST. All that a call runs through (load, engine, upstream)
has one core; hub, agent and who makes the changes have the other, as where a gateway has a machine of its own: what is
measured is what changes do to the engine. Latencies in milliseconds, of the unaffected APIs, medians of the rounds; the
ratio is the median of the pairs, so that a neighbour on the machine disturbs one of them and not the figure. Each
engine is measured by itself.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table
from tests.e2e.product import Product, ok, running, until

from bench import _load as wrk
from bench import _servers
from bench.fleet import Fleet, seed
from bench.gateway import GATEWAY_CORE, engine
from bench.gateway import LOAD_CORE as CONTROL_CORE
from waypost.integration.gateways.envoy.bootstrap import free_port

ENGINES = ("envoy", "haproxy")
CALLED = 100
CONNECTIONS, DELAY_MS = 8, 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", action="append", choices=ENGINES)
    parser.add_argument("--apis", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--per-second", type=int, default=10)
    args = parser.parse_args()
    wrk.need_wrk()
    results = {name: measure(name, args) for name in args.engine or ENGINES}
    table = Table("engine", *next(iter(results.values())))
    for name, result in results.items():
        table.add_row(name, *(str(value) for value in result.values()))
    Console().print(table)
    sys.stdout.write(json.dumps({"change_under_load": results}) + "\n")


def measure(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """One engine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        upstream = free_port("127.0.0.1")
        stack.enter_context(engine(_servers.nginx_upstream(folder, upstream), GATEWAY_CORE))
        options = ("--engine", name)
        with running(folder / "hub", options=options):
            pass
        fleet = seed(folder / "hub", apis=args.apis, keys=args.apis, upstream=f"http://127.0.0.1:{upstream}")
        product = stack.enter_context(running(folder / "hub", seconds=300, options=options))
        _all_live(product, fleet)
        _pin(product, name)
        wrk.finished(_load(product, fleet, folder, 2))
        versions = _changeable(product, fleet)
        pairs, changed = [], 0
        for _ in range(args.rounds):
            steady = wrk.finished(_load(product, fleet, folder, args.seconds))
            load = _load(product, fleet, folder, args.seconds)
            changed += _change(product, versions, args, since=changed)
            pairs.append((steady, wrk.finished(load)))
    return {
        "changes": changed,
        "calls": sum(during.calls for _, during in pairs),
        "failed_requests": sum(load.failed for pair in pairs for load in pair),
        "steady_p99_ms": round(statistics.median(steady.p99 for steady, _ in pairs), 2),
        "changing_p99_ms": round(statistics.median(during.p99 for _, during in pairs), 2),
        "p99_ratio": round(statistics.median(during.p99 / steady.p99 for steady, during in pairs), 2),
        "p99_ratios": sorted(round(during.p99 / steady.p99, 2) for steady, during in pairs),
    }


def _all_live(product: Product, fleet: Fleet) -> None:
    with product.api() as admin:
        for api_id in (fleet.api_ids[0], fleet.api_ids[-1]):
            until(lambda api_id=api_id: _live(admin, api_id), seconds=180, what=api_id)


def _live(admin: Any, api_id: str) -> bool:
    items = ok(admin.get(f"/apis/{api_id}/deployments"))["items"]
    return all(item["state"] == "live" for item in items)


def _pin(product: Product, name: str) -> None:
    """Every process to its core; this one, which makes the changes, to that of the hub."""
    psutil.Process().cpu_affinity([CONTROL_CORE])
    for process in product.family():
        process.cpu_affinity([GATEWAY_CORE if name in process.name() else CONTROL_CORE])
        for thread in process.threads():
            psutil.Process(thread.id).cpu_affinity(process.cpu_affinity())


def _changeable(product: Product, fleet: Fleet) -> list[str]:
    """The versions of APIs that the load does not call."""
    with product.api() as admin:
        return [str(ok(admin.get(f"/apis/{api_id}"))["current_version_id"]) for api_id in fleet.api_ids[CALLED:]]


def _change(product: Product, versions: list[str], args: argparse.Namespace, *, since: int) -> int:
    """Change a header policy of one version after the other, on schedule for a round; how many were made."""
    began, made = time.monotonic(), 0
    headers = {"Authorization": f"Bearer {product.token}", "Content-Type": "application/json"}
    # The plainest of clients: it shares its core with what it measures.
    with closing(HTTPConnection(product.hub.removeprefix("http://"), timeout=60)) as hub:
        while time.monotonic() < began + args.seconds - 0.5:
            config = {"response_set": [{"name": "x-change", "value": str(since + made)}]}
            version = versions[(since + made) % len(versions)]
            hub.request("PUT", f"/api/v1/versions/{version}/policies/headers", json.dumps({"config": config}), headers)
            answer = hub.getresponse()
            text = answer.read()
            assert answer.status == 200, text
            made += 1
            time.sleep(max(0.0, began + made / args.per_second - time.monotonic()))
    return made


def _load(product: Product, fleet: Fleet, folder: Path, seconds: int) -> subprocess.Popen[str]:
    called = zip(fleet.slugs[:CALLED], fleet.keys[:CALLED], strict=True)
    calls = [(f"/{slug}/items", {"x-api-key": key}) for slug, key in called]
    script = wrk.script(folder / "steady.lua", calls, delay_ms=DELAY_MS)
    return wrk.begun(script, product.gateway, seconds=seconds, connections=CONNECTIONS, core=GATEWAY_CORE)


if __name__ == "__main__":
    main()
